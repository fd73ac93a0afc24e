package io.github.tachyscope.store;

import io.github.tachyscope.config.JobSettings;
import java.util.Optional;

class JobLogOnH2Test extends JobLogContract {
    @Override
    JobSettings settings() {
        return JobFixtures.settings(dir, Optional.of(JobFixtures.emptyMemory()));
    }
}
