package io.github.tachyscope.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tachyscope.config.JobSettings;
import io.github.tachyscope.testkit.PostgresServer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Many threads of several servers at once: no job is lost, had by two, or changed after its end. */
class JobRaceTest {
    private static final int THREADS = 6;
    private static final int CALLS = 80;

    private final JobFixtures.StillClock clock = new JobFixtures.StillClock();

    @TempDir
    private Path dir;

    @Test
    void everyJobIsClaimedOnceOnH2() throws Exception {
        everyJobIsClaimedOnce(JobFixtures.settings(dir, Optional.of(JobFixtures.emptyMemory())));
    }

    @Test
    void everyJobIsClaimedOnceOnPostgres() throws Exception {
        everyJobIsClaimedOnce(
                JobFixtures.settings(dir, Optional.of(PostgresServer.shared().emptySchema())));
    }

    private void everyJobIsClaimedOnce(JobSettings settings) throws Exception {
        try (JobDatabase database = JobDatabase.open(settings, JobLog.MIGRATIONS)) {
            JobLog log = new JobLog(database, settings, clock);
            int jobs = 120;
            for (int i = 0; i < jobs; i++) {
                log.add(JobFixtures.job("job" + i));
            }
            Set<String> claimed = ConcurrentHashMap.newKeySet();
            onThreads(thread -> {
                Optional<ClaimedJob> next = log.claims().claim("node" + thread);
                while (next.isPresent()) {
                    assertTrue(claimed.add(next.get().job().id()), next.get().job()::id);
                    next = log.claims().claim("node" + thread);
                }
            });
            // A thread that finds nothing leaves nothing behind.
            assertEquals(jobs, claimed.size());
        }
    }

    @Test
    void noJobIsLostOnH2() throws Exception {
        noJobIsLost(JobFixtures.settings(dir, Optional.of(JobFixtures.emptyMemory())), 1);
    }

    @Test
    void noJobIsLostInAFile() throws Exception {
        noJobIsLost(JobFixtures.settings(dir, Optional.empty()), 2);
    }

    @Test
    void noJobIsLostOnPostgres() throws Exception {
        noJobIsLost(
                JobFixtures.settings(dir, Optional.of(PostgresServer.shared().emptySchema())), 3);
    }

    private void noJobIsLost(JobSettings settings, long seed) throws Exception {
        try (JobDatabase database = JobDatabase.open(settings, JobLog.MIGRATIONS)) {
            JobLog log = new JobLog(database, settings, clock);
            Jobs jobs = new Jobs(log);
            onThreads(thread -> jobs.work("node" + thread % 2, new Random(seed * 1000 + thread)));
            jobs.drain();
            jobs.check();
        } catch (AssertionError | ExecutionException wrong) {
            throw new AssertionError("seed " + seed, wrong);
        }
    }

    /** What the threads know of the jobs beside the log. */
    private final class Jobs {
        private final JobLog log;
        private final Set<String> added = ConcurrentHashMap.newKeySet();
        private final Set<String> removed = ConcurrentHashMap.newKeySet();
        private final Map<String, JobState> ended = new ConcurrentHashMap<>();
        private final Set<Claim> claims = ConcurrentHashMap.newKeySet();

        Jobs(JobLog log) {
            this.log = log;
        }

        void work(String node, Random random) {
            List<Claim> held = new ArrayList<>();
            for (int call = 0; call < CALLS; call++) {
                switch (random.nextInt(12)) {
                    case 0, 1, 2 -> {
                        String id = "job" + Long.toHexString(random.nextLong());
                        log.add(JobFixtures.job(id, place(random)));
                        added.add(id);
                    }
                    case 3, 4, 5 ->
                        log.claims().claim(node).ifPresent(claimed -> {
                            assertTrue(claims.add(claimed.claim()), () -> "claimed twice: " + claimed.claim());
                            held.add(claimed.claim());
                        });
                    case 6 ->
                        some(held, random)
                                .ifPresent(claim ->
                                        log.claims().progress(claim, new Job.Progress(random.nextInt(20), 20, 0, 1)));
                    case 7 -> some(held, random).ifPresent(this::complete);
                    case 8 ->
                        some(held, random)
                                .ifPresent(claim -> ended(claim, log.claims().fail(claim, new Job.Failure("x", "y"))));
                    case 9 -> some(held, random).ifPresent(log.claims()::putBack);
                    case 10 ->
                        some(List.copyOf(added), random).ifPresent(id -> {
                            if (random.nextBoolean()) {
                                log.cancel(id);
                            } else if (log.remove(id) instanceof JobChange.Done) {
                                assertTrue(removed.add(id), () -> "removed twice: " + id);
                                log.removed(id);
                            }
                        });
                    default -> {
                        clock.advance(JobFixtures.LEASE.dividedBy(4));
                        log.claims().recoverExpired();
                    }
                }
            }
        }

        private NewJob.Place place(Random random) {
            return switch (random.nextInt(3)) {
                case 0 -> NewJob.Place.Back.INSTANCE;
                case 1 -> NewJob.Place.Front.INSTANCE;
                default -> new NewJob.Place.At(random.nextInt(5));
            };
        }

        private <T> Optional<T> some(List<T> list, Random random) {
            return list.isEmpty() ? Optional.empty() : Optional.of(list.get(random.nextInt(list.size())));
        }

        private void complete(Claim claim) {
            ended(
                    claim,
                    log.claims()
                            .complete(
                                    claim, JobFixtures.outcome(JobFixtures.file("video.mp4", ResultFile.Kind.VIDEO))));
        }

        private void ended(Claim claim, JobChange change) {
            if (change instanceof JobChange.Done done) {
                assertNull(ended.put(claim.jobId(), done.job().state()), () -> "ended twice: " + claim);
            }
        }

        /** Runs everything that is left to its end. */
        void drain() {
            clock.advance(JobFixtures.LEASE.multipliedBy(2));
            log.claims().recoverExpired();
            for (Optional<ClaimedJob> next = log.claims().claim("last");
                    next.isPresent();
                    next = log.claims().claim("last")) {
                assertTrue(claims.add(next.get().claim()));
                complete(next.get().claim());
            }
        }

        void check() {
            Set<String> present = new HashSet<>();
            for (Job job : log.list(JobQuery.newest(JobQuery.MAX_LIMIT)).jobs()) {
                present.add(job.id());
                assertTrue(job.state().ended(), () -> "left behind: " + job);
                Optional.ofNullable(ended.get(job.id())).ifPresent(state -> assertEquals(state, job.state()));
                if (job.state() == JobState.COMPLETED) {
                    assertEquals(JobState.COMPLETED, ended.get(job.id()));
                    assertEquals(1, job.files().size(), job::id);
                } else if (job.state() == JobState.FAILED && !ended.containsKey(job.id())) {
                    assertEquals(JobClaims.LOST, job.failure().orElseThrow().code());
                }
            }
            Set<String> expected = new HashSet<>(added);
            expected.removeAll(removed);
            assertEquals(expected, present);
            assertTrue(ended.size() > 20 && removed.size() > 3, () -> ended.size() + ", " + removed.size());
        }
    }

    private interface Work {
        void run(int thread) throws Exception;
    }

    private static void onThreads(Work work) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        try {
            List<Future<?>> running = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                int thread = i;
                running.add(threads.submit(() -> {
                    work.run(thread);
                    return thread;
                }));
            }
            for (Future<?> one : running) {
                one.get(120, TimeUnit.SECONDS);
            }
        } finally {
            threads.shutdownNow();
        }
    }
}
