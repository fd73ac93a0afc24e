package io.github.tachyscope.store;

import io.github.tachyscope.config.JobSettings;
import io.github.tachyscope.testkit.PostgresServer;
import java.sql.SQLException;
import java.util.Optional;

class JobLogOnPostgresTest extends JobLogContract {
    @Override
    JobSettings settings() throws SQLException {
        return JobFixtures.settings(dir, Optional.of(PostgresServer.shared().emptySchema()));
    }
}
