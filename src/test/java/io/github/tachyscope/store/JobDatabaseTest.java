package io.github.tachyscope.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tachyscope.config.JobSettings;
import io.github.tachyscope.testkit.PostgresServer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Versions of the tables, and a database that does not answer. */
class JobDatabaseTest {
    private static final int CONNECTIONS = 2;
    private static final String LATER = "classpath:db/jobs-later";

    private final JobFixtures.StillClock clock = new JobFixtures.StillClock();

    @TempDir
    private Path dir;

    private JobSettings impatient(Optional<String> url) {
        JobSettings usual = JobFixtures.settings(dir, url);
        return new JobSettings(
                usual.dir(),
                usual.url(),
                usual.user(),
                usual.password(),
                CONNECTIONS,
                Duration.ofSeconds(1),
                usual.node(),
                usual.lease(),
                usual.maxAttempts(),
                usual.maxQueued(),
                usual.ttl(),
                usual.resultsDir(),
                usual.maxResultsBytes(),
                usual.minFreeBytes());
    }

    @Test
    void tablesInAFileAreUpgradedAndKeepTheirJobs() {
        isUpgraded(JobFixtures.settings(dir, Optional.empty()));
    }

    @Test
    void tablesOnPostgresAreUpgradedAndKeepTheirJobs() throws Exception {
        isUpgraded(JobFixtures.settings(dir, Optional.of(PostgresServer.shared().emptySchema())));
    }

    private void isUpgraded(JobSettings settings) {
        Job before;
        try (JobDatabase database = JobDatabase.open(settings, JobLog.MIGRATIONS)) {
            before = new JobLog(database, settings, clock).add(JobFixtures.job("old"));
        }
        try (JobDatabase database = JobDatabase.open(settings, JobLog.MIGRATIONS, LATER)) {
            assertEquals(Optional.of(before), new JobLog(database, settings, clock).find("old"));
            int later = database.inTransaction(handle -> handle.createQuery("SELECT later FROM job")
                    .mapTo(Integer.class)
                    .one());
            assertEquals(5, later);
        }
        // The old version must not work on tables that it does not know.
        StoreUnavailable refused = assertThrows(
                StoreUnavailable.class,
                () -> JobDatabase.open(settings, JobLog.MIGRATIONS).close());
        assertTrue(refused.getMessage().contains("newer version"), refused.getMessage());
    }

    @Test
    void aServerThatIsNotThereIsToldByItsSetting() {
        JobSettings nobody = impatient(Optional.of("jdbc:postgresql://127.0.0.1:1/jobs"));
        StoreUnavailable told = assertThrows(
                StoreUnavailable.class,
                () -> JobDatabase.open(nobody, JobLog.MIGRATIONS).close());
        assertTrue(told.getMessage().contains("tachyscope.jobs.url"), told.getMessage());
    }

    @Test
    void nobodyWaitsForAConnectionForEver() throws Exception {
        JobSettings settings = impatient(Optional.of(JobFixtures.emptyMemory()));
        try (JobDatabase database = JobDatabase.open(settings, JobLog.MIGRATIONS)) {
            JobLog log = new JobLog(database, settings, clock);
            CountDownLatch taken = new CountDownLatch(CONNECTIONS);
            CountDownLatch free = new CountDownLatch(1);
            ExecutorService holders = Executors.newFixedThreadPool(CONNECTIONS);
            try {
                for (int i = 0; i < CONNECTIONS; i++) {
                    holders.execute(() -> database.inTransaction(handle -> hold(taken, free)));
                }
                assertTrue(taken.await(60, TimeUnit.SECONDS));
                assertThrows(StoreUnavailable.class, () -> log.find("one"));
            } finally {
                free.countDown();
                holders.shutdown();
            }
            assertTrue(holders.awaitTermination(60, TimeUnit.SECONDS));
            assertEquals(Optional.empty(), log.find("one"));
        }
    }

    private static boolean hold(CountDownLatch taken, CountDownLatch free) {
        taken.countDown();
        try {
            return free.await(60, TimeUnit.SECONDS);
        } catch (InterruptedException ended) {
            throw new IllegalStateException(ended);
        }
    }

    @Test
    void aDatabaseThatComesBackIsUsedAgain() throws Exception {
        PostgresServer server = PostgresServer.shared();
        JobSettings settings = impatient(Optional.of(server.emptySchema()));
        try (JobDatabase database = JobDatabase.open(settings, JobLog.MIGRATIONS)) {
            JobLog log = new JobLog(database, settings, clock);
            log.add(JobFixtures.job("one"));
            server.stop();
            try {
                assertThrows(StoreUnavailable.class, () -> log.find("one"));
                assertThrows(StoreUnavailable.class, () -> log.add(JobFixtures.job("two")));
            } finally {
                server.start();
            }
            assertTrue(eventuallyFound(log, "one"));
            assertEquals(Optional.empty(), log.find("two"));
            log.add(JobFixtures.job("two"));
        }
    }

    /** A call may meet one more of the connections that died. */
    private static boolean eventuallyFound(JobLog log, String id) {
        for (int tries = 1; ; tries++) {
            try {
                return log.find(id).isPresent();
            } catch (StoreUnavailable stillDead) {
                if (tries == 5) {
                    throw stillDead;
                }
            }
        }
    }
}
