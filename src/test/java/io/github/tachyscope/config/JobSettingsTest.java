package io.github.tachyscope.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.ConfigFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class JobSettingsTest {
    private static JobSettings read(String text) {
        return Settings.from(ConfigFactory.parseString(text)
                        .withFallback(Settings.defaults())
                        .resolve())
                .jobs();
    }

    @Test
    void jobsAreInAFileUnlessADatabaseIsNamed() {
        JobSettings jobs = read("tachyscope.jobs.dir = /data/jobs");
        assertEquals(Optional.empty(), jobs.url());
        assertEquals(Path.of("/data/jobs/results"), jobs.resultsDir());
        assertEquals(Optional.of(Duration.ofDays(7)), jobs.ttl());
        JobSettings shared =
                read("tachyscope.jobs { url = \"jdbc:postgresql://db/jobs\", user = me, password = hush }");
        assertEquals(Optional.of("jdbc:postgresql://db/jobs"), shared.url());
        assertFalse(shared.toString().contains("hush"));
    }

    @Test
    void noTimeToLiveKeepsJobsForEver() {
        assertEquals(Optional.empty(), read("tachyscope.jobs.ttl = 0").ttl());
    }

    @Test
    void otherDatabasesAndNamesThatAreNoFileNamesAreRefused() {
        ConfigProblem problem = assertThrows(
                ConfigProblem.class, () -> read("tachyscope.jobs { url = \"jdbc:mysql://db/jobs\", node = \"../x\" }"));
        assertTrue(problem.getMessage().contains("tachyscope.jobs.url"), problem.getMessage());
        assertTrue(problem.getMessage().contains("tachyscope.jobs.node"), problem.getMessage());
    }
}
