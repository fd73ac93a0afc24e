package io.github.tachyscope.store;

import io.github.tachyscope.config.JobSettings;
import java.util.Optional;

/** The default. */
class JobLogOnH2FileTest extends JobLogContract {
    @Override
    JobSettings settings() {
        return JobFixtures.settings(dir, Optional.empty());
    }
}
