package io.github.tachyscope.store;

import static io.github.tachyscope.store.JobFixtures.START_MILLIS;
import static io.github.tachyscope.store.JobFixtures.job;
import static io.github.tachyscope.store.JobFixtures.outcome;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tachyscope.config.JobSettings;
import io.github.tachyscope.store.JobClaims.Go;
import io.github.tachyscope.store.JobClaims.Recovered;
import io.github.tachyscope.store.StoreRefused.Reason;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** What the log promises on every database; the subclasses name one each, which all tests use one after another. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class JobLogContract {
    @TempDir
    protected static Path dir;

    private final JobFixtures.StillClock clock = new JobFixtures.StillClock();
    private JobSettings settings;
    private Optional<JobDatabase> database = Optional.empty();
    private JobLog log;
    private JobClaims claims;

    /** Of an empty database. */
    abstract JobSettings settings() throws Exception;

    @BeforeAll
    void open() throws Exception {
        settings = settings();
        database = Optional.of(JobDatabase.open(settings, JobLog.MIGRATIONS));
    }

    @BeforeEach
    void empty() {
        JobDatabase opened = database.orElseThrow();
        opened.inTransaction(handle -> handle.execute("DELETE FROM job"));
        opened.inTransaction(handle -> handle.execute("UPDATE job_counter SET last_number = 0"));
        clock.set(START_MILLIS);
        log = new JobLog(opened, settings, clock);
        claims = log.claims();
    }

    @AfterAll
    void close() {
        database.ifPresent(JobDatabase::close);
    }

    private Claim claim(String node) {
        return claims.claim(node).orElseThrow().claim();
    }

    private JobState state(String id) {
        return log.find(id).orElseThrow().state();
    }

    private static Job done(JobChange change) {
        if (change instanceof JobChange.Done done) {
            return done.job();
        }
        throw new AssertionError(change);
    }

    private static Job tooLate(JobChange change) {
        if (change instanceof JobChange.TooLate late) {
            return late.job();
        }
        throw new AssertionError(change);
    }

    private static List<String> ids(List<Job> jobs) {
        return jobs.stream().map(Job::id).toList();
    }

    @Test
    void aJobIsFoundAsItWasGiven() {
        Job added = log.add(new NewJob(
                "video_gen_1",
                "video",
                "tiny",
                "a cat",
                "hash",
                new JobRequest("{\"a\":1}", Optional.of("{\"b\":2}")),
                new NewJob.Place.At(2.5),
                new Job.Shape(640, 384, 15.5, 81),
                -1,
                new Job.Progress(0, 20, 0, 4)));
        assertEquals(
                new Job(
                        "video_gen_1",
                        1,
                        "video",
                        "tiny",
                        "a cat",
                        "hash",
                        2.5,
                        JobState.QUEUED,
                        false,
                        new Job.Times(
                                START_MILLIS,
                                OptionalLong.empty(),
                                OptionalLong.empty(),
                                OptionalLong.of(START_MILLIS + JobFixtures.TTL.toMillis())),
                        new Job.Progress(0, 20, 0, 4),
                        new Job.Shape(640, 384, 15.5, 81),
                        -1,
                        Map.of(),
                        0,
                        Optional.empty(),
                        0,
                        Optional.empty(),
                        List.of()),
                added);
        assertEquals(Optional.of(added), log.find("video_gen_1"));
        assertEquals(Optional.of(new JobRequest("{\"a\":1}", Optional.of("{\"b\":2}"))), log.request("video_gen_1"));
        assertEquals(Optional.empty(), log.find("other"));
        assertEquals(Optional.empty(), log.request("other"));
    }

    @Test
    void anyTextComesBackUnchanged() {
        String odd = "Robert'); DROP TABLE job; -- \" \\ % _ ? :name <list> {d '1'} $1 \u0001 ä 猫 🐈‍⬛ \u2028\ufffd";
        log.add(NewJob.of("odd", "video", odd, odd, odd));
        assertEquals(odd, log.find("odd").orElseThrow().prompt());
        assertEquals(odd, log.find("odd").orElseThrow().model());
        assertEquals(odd, log.request("odd").orElseThrow().json());
        assertEquals(Optional.empty(), log.find(odd));
        assertEquals(List.of(), log.list(JobQuery.newest(9).ofFace(odd)).jobs());
        assertEquals(List.of(), log.list(JobQuery.newest(9).after(odd)).jobs());
        Claim claim = claim("a");
        claims.fail(claim, new Job.Failure("odd", odd));
        assertEquals(
                Optional.of(new Job.Failure("odd", odd)),
                log.find("odd").orElseThrow().failure());
    }

    @Test
    void whatIsNoTextIsReplaced() {
        log.add(NewJob.of("broken", "video", "m", "a\0b\ud83dc\udc08", "{}"));
        assertEquals("a\ufffdb\ufffdc\ufffd", log.find("broken").orElseThrow().prompt());
    }

    @Test
    void aRequestMayBeMegabytes() {
        String large = "{\"x\":\"" + "ab猫🐈".repeat(700_000) + "\"}";
        assertTrue(large.length() > 3_000_000);
        log.add(NewJob.of("large", "video", "m", "p", large));
        assertEquals(large, claims.claim("a").orElseThrow().request().json());
        assertEquals(
                Reason.TOO_LARGE,
                assertThrows(
                                StoreRefused.class,
                                () -> NewJob.of("more", "video", "m", "p", "x".repeat(NewJob.MAX_REQUEST + 1)))
                        .reason());
    }

    @Test
    void anIdIsTakenOnce() {
        log.add(job("one"));
        StoreRefused refused = assertThrows(StoreRefused.class, () -> log.add(job("one")));
        assertEquals(Reason.EXISTS, refused.reason());
        for (String bad : List.of("", "A", "../x", "a/b", "a.b", "-a", "a b", "x".repeat(121))) {
            assertEquals(
                    Reason.BAD_NAME,
                    assertThrows(StoreRefused.class, () -> job(bad), bad).reason());
        }
        // The refused one took no number for good and left nothing behind.
        assertEquals(List.of("one"), ids(log.list(JobQuery.newest(9)).jobs()));
    }

    @Test
    void theQueueIsBoundedAndSaysWhichSettingItIs() {
        JobSettings wide = settings;
        JobSettings narrow = new JobSettings(
                wide.dir(),
                wide.url(),
                wide.user(),
                wide.password(),
                2,
                wide.poolWait(),
                "local",
                wide.lease(),
                3,
                2,
                Optional.empty(),
                wide.resultsDir(),
                1,
                0);
        JobLog bounded = new JobLog(database.orElseThrow(), narrow, clock);
        bounded.add(job("a"));
        bounded.add(job("b"));
        StoreRefused refused = assertThrows(StoreRefused.class, () -> bounded.add(job("c")));
        assertEquals(Reason.QUEUE_FULL, refused.reason());
        assertTrue(refused.getMessage().contains("tachyscope.jobs.max-queued"), refused.getMessage());
        claim("x");
        bounded.add(job("c"));
        assertEquals(OptionalLong.empty(), log.find("c").orElseThrow().times().expires());
    }

    @Test
    void theQueueRunsByPriorityThenByArrival() {
        log.add(job("first"));
        log.add(job("second"));
        log.add(job("urgent", NewJob.Place.Front.INSTANCE));
        log.add(job("more-urgent", NewJob.Place.Front.INSTANCE));
        log.add(job("between", new NewJob.Place.At(1.5)));
        log.add(job("tied", new NewJob.Place.At(1.5)));
        List<String> order = List.of("more-urgent", "urgent", "first", "between", "tied", "second");
        assertEquals(order, ids(log.waiting(100)));
        assertEquals(order.subList(0, 2), ids(log.waiting(2)));
        for (int i = 0; i < order.size(); i++) {
            assertEquals(OptionalInt.of(i), log.position(order.get(i)));
        }
        for (String expected : order) {
            assertEquals(expected, claim("a").jobId());
            assertEquals(OptionalInt.empty(), log.position(expected));
        }
        assertEquals(Optional.empty(), claims.claim("a"));
        assertEquals(OptionalInt.empty(), log.position("unknown"));
    }

    @Test
    void aClaimedJobRunsUntilItsRunnerCompletesIt() {
        log.add(job("one"));
        clock.advance(Duration.ofSeconds(5));
        ClaimedJob claimed = claims.claim("a").orElseThrow();
        assertEquals(new Claim("one", "a", 1), claimed.claim());
        assertEquals(JobState.RUNNING, claimed.job().state());
        assertEquals(Optional.of("a"), claimed.job().node());
        assertEquals(OptionalLong.of(START_MILLIS + 5000), claimed.job().times().started());
        assertEquals(Go.ON, claims.progress(claimed.claim(), new Job.Progress(3, 20, 1, 4)));
        clock.advance(Duration.ofSeconds(5));
        ResultFile video = JobFixtures.file("video.mp4", ResultFile.Kind.VIDEO);
        ResultFile thumbnail = JobFixtures.file("thumbnail.jpg", ResultFile.Kind.THUMBNAIL);
        Job job = done(claims.complete(claimed.claim(), outcome(video, thumbnail)));
        assertEquals(job, log.find("one").orElseThrow());
        assertEquals(JobState.COMPLETED, job.state());
        assertEquals(OptionalLong.of(START_MILLIS + 10_000), job.times().finished());
        assertEquals(new Job.Progress(20, 20, 4, 4), job.progress());
        assertEquals(new Job.Shape(64, 48, 16, 12), job.shape());
        assertEquals(Map.of("denoise", 1.5), job.stageSeconds());
        assertEquals(7, job.peakMemoryBytes());
        assertEquals(List.of(video, thumbnail), job.files());
        assertEquals(Optional.of(thumbnail), job.file(ResultFile.Kind.THUMBNAIL));
        assertEquals(Optional.empty(), job.node());
        assertEquals(6, log.resultBytes());
    }

    @Test
    void progressNeverGoesBack() {
        log.add(job("one"));
        Claim claim = claim("a");
        claims.progress(claim, new Job.Progress(5, 20, 2, 4));
        claims.progress(claim, new Job.Progress(4, 20, 3, 4));
        assertEquals(
                new Job.Progress(5, 20, 3, 4), log.find("one").orElseThrow().progress());
    }

    @Test
    void whoHoldsNoClaimChangesNothing() {
        log.add(job("one"));
        Claim mine = claim("a");
        List<Claim> others = List.of(new Claim("one", "b", 1), new Claim("one", "a", 2), new Claim("two", "a", 1));
        for (Claim other : others) {
            assertEquals(Go.LOST, claims.progress(other, new Job.Progress(9, 9, 9, 9)));
            assertFalse(claims.complete(other, outcome()) instanceof JobChange.Done);
            assertFalse(claims.fail(other, new Job.Failure("x", "y")) instanceof JobChange.Done);
            assertFalse(claims.cancelled(other) instanceof JobChange.Done);
            assertFalse(claims.putBack(other) instanceof JobChange.Done);
        }
        assertEquals(JobChange.Missing.INSTANCE, claims.cancelled(others.get(2)));
        assertEquals(Job.Progress.NONE, log.find("one").orElseThrow().progress());
        done(claims.fail(mine, new Job.Failure("oom", "no memory")));
        assertEquals(JobState.FAILED, tooLate(claims.complete(mine, outcome())).state());
        assertEquals(
                Optional.of(new Job.Failure("oom", "no memory")),
                log.find("one").orElseThrow().failure());
    }

    @Test
    void cancellingEndsAWaitingJobAtOnce() {
        log.add(job("one"));
        Job cancelled = done(log.cancel("one"));
        assertEquals(JobState.CANCELLED, cancelled.state());
        assertEquals(OptionalLong.of(START_MILLIS), cancelled.times().finished());
        assertEquals(JobState.CANCELLED, tooLate(log.cancel("one")).state());
        assertEquals(JobChange.Missing.INSTANCE, log.cancel("two"));
        assertEquals(Optional.empty(), claims.claim("a"));
    }

    @Test
    void cancellingAsksTheRunnerOfARunningJob() {
        log.add(job("one"));
        Claim claim = claim("a");
        assertEquals(JobState.RUNNING, done(log.cancel("one")).state());
        assertTrue(done(log.cancel("one")).cancelRequested());
        assertEquals(Go.CANCEL, claims.progress(claim, Job.Progress.NONE));
        assertEquals(JobState.CANCELLED, done(claims.cancelled(claim)).state());
    }

    @Test
    void aJobThatIsCompletedBeforeItsRunnerHearsOfTheCancellationStaysCompleted() {
        log.add(job("one"));
        Claim claim = claim("a");
        log.cancel("one");
        assertEquals(JobState.COMPLETED, done(claims.complete(claim, outcome())).state());
        assertEquals(JobState.COMPLETED, tooLate(log.cancel("one")).state());
    }

    @Test
    void listsGoPageByPageInBothDirections() {
        for (int i = 0; i < 7; i++) {
            // Two and two of the same time: ties go by arrival.
            clock.advance(Duration.ofMillis(i % 2));
            log.add(job("job" + i));
        }
        List<String> all = IntStream.range(0, 7).mapToObj(i -> "job" + i).toList();
        assertEquals(all, ids(log.list(JobQuery.newest(100).oldestFirst()).jobs()));
        List<String> seen = new ArrayList<>();
        JobQuery query = JobQuery.newest(3);
        JobPage page = log.list(query);
        while (true) {
            seen.addAll(ids(page.jobs()));
            if (!page.more()) {
                break;
            }
            page = log.list(query.after(seen.get(seen.size() - 1)));
        }
        Collections.reverse(seen);
        assertEquals(all, seen);
        assertEquals(new JobPage(List.of(), true), log.list(JobQuery.newest(0)));
        assertEquals(new JobPage(List.of(), false), log.list(JobQuery.newest(5).after("unknown")));
        assertFalse(log.list(JobQuery.newest(7)).more());
    }

    @Test
    void listsAndCountsCanBeNarrowedDown() {
        assertFalse(log.list(JobQuery.newest(0)).more());
        log.add(job("a"));
        log.add(NewJob.of("b", "comfy", "m", "p", "{}"));
        log.add(NewJob.of("c", "comfy", "m", "p", "{}"));
        claim("x");
        log.cancel("c");
        assertEquals(
                List.of("c", "b"),
                ids(log.list(JobQuery.newest(9).ofFace("comfy")).jobs()));
        assertEquals(
                List.of("c", "a"),
                ids(log.list(JobQuery.newest(9).in(JobState.CANCELLED, JobState.RUNNING))
                        .jobs()));
        assertEquals(
                Map.of(
                        JobState.QUEUED,
                        1,
                        JobState.RUNNING,
                        1,
                        JobState.COMPLETED,
                        0,
                        JobState.FAILED,
                        0,
                        JobState.CANCELLED,
                        1),
                log.count(Optional.empty()));
        assertEquals(1, log.count(Optional.of("comfy")).get(JobState.CANCELLED));
        assertEquals(0, log.count(Optional.of("comfy")).get(JobState.RUNNING));
    }

    @Test
    void notesCanBeReplacedAtAnyTime() {
        log.add(job("one"));
        assertTrue(log.note("one", "{\"messages\":[]}"));
        assertEquals(
                Optional.of("{\"messages\":[]}"),
                log.request("one").orElseThrow().notes());
        assertFalse(log.note("two", "{}"));
    }

    @Test
    void aRemovedJobIsGoneForEverybodyAtOnce() {
        log.add(job("one"));
        Claim claim = claim("a");
        assertEquals(JobState.RUNNING, tooLate(log.remove("one")).state());
        claims.complete(claim, outcome(JobFixtures.file("video.mp4", ResultFile.Kind.VIDEO)));
        assertEquals(1, done(log.remove("one")).files().size());
        assertEquals(Optional.empty(), log.find("one"));
        assertEquals(Optional.empty(), log.request("one"));
        assertEquals(List.of(), log.list(JobQuery.newest(9)).jobs());
        assertEquals(0, log.count(Optional.empty()).get(JobState.COMPLETED));
        assertEquals(JobChange.Missing.INSTANCE, log.remove("one"));
        assertEquals(JobChange.Missing.INSTANCE, log.cancel("one"));
        assertFalse(log.note("one", "{}"));
        assertEquals(Map.of("one", 1), log.removing());
        log.removed("one");
        assertEquals(Map.of(), log.removing());
        assertEquals(0, log.resultBytes());
        assertEquals(2, log.add(job("one")).number());
    }

    @Test
    void onlyJobsThatHaveEndedExpire() {
        for (String id : List.of("completed", "failed", "cancelled", "running", "waiting")) {
            log.add(job(id));
        }
        claims.complete(claim("a"), outcome(JobFixtures.file("video.mp4", ResultFile.Kind.VIDEO)));
        claims.fail(claim("a"), new Job.Failure("x", "y"));
        log.cancel("cancelled");
        claim("a");
        clock.advance(JobFixtures.TTL.minusMillis(1));
        assertEquals(List.of(), log.removeExpired(9));
        clock.advance(Duration.ofMillis(1));
        List<Job> expired = log.removeExpired(9);
        assertEquals(List.of("completed", "failed", "cancelled"), ids(expired));
        assertEquals("video.mp4", expired.get(0).files().get(0).name());
        assertEquals(List.of(), log.removeExpired(9));
        assertEquals(
                List.of("waiting", "running"), ids(log.list(JobQuery.newest(9)).jobs()));
    }

    @Test
    void aServerThatStartsTakesItsOwnJobsBack() {
        log.add(job("mine"));
        log.add(job("theirs"));
        Claim old = claim("a");
        claims.progress(old, new Job.Progress(3, 9, 1, 3));
        claim("b");
        assertEquals(new Recovered(1, 0, 0), claims.recoverOwn("a"));
        Job mine = log.find("mine").orElseThrow();
        assertEquals(JobState.QUEUED, mine.state());
        assertEquals(new Job.Progress(0, 9, 0, 3), mine.progress());
        assertEquals(OptionalLong.empty(), mine.times().started());
        assertEquals(JobState.RUNNING, state("theirs"));
        assertEquals(new Claim("mine", "a", 2), claim("a"));
        // The first attempt has lost its right although the server has the same name.
        assertEquals(Go.LOST, claims.progress(old, Job.Progress.NONE));
        assertEquals(JobState.RUNNING, tooLate(claims.complete(old, outcome())).state());
    }

    @Test
    void jobsOfASilentServerGoToAnother() {
        log.add(job("silent"));
        log.add(job("renewed"));
        log.add(job("active"));
        claim("a");
        claim("b");
        Claim active = claim("c");
        clock.advance(JobFixtures.LEASE.minusMillis(1));
        assertEquals(1, claims.renew("b"));
        claims.progress(active, Job.Progress.NONE);
        assertEquals(new Recovered(0, 0, 0), claims.recoverExpired());
        clock.advance(Duration.ofMillis(2));
        assertEquals(new Recovered(1, 0, 0), claims.recoverExpired());
        assertEquals("silent", claim("b").jobId());
        assertEquals(JobState.RUNNING, state("renewed"));
        assertEquals(JobState.RUNNING, state("active"));
    }

    @Test
    void aJobThatIsLostTooOftenFails() {
        log.add(job("poison"));
        for (int i = 1; i < JobFixtures.MAX_ATTEMPTS; i++) {
            claim("a");
            assertEquals(new Recovered(1, 0, 0), claims.recoverOwn("a"));
        }
        claim("a");
        assertEquals(new Recovered(0, 1, 0), claims.recoverOwn("a"));
        Job failed = log.find("poison").orElseThrow();
        assertEquals(JobState.FAILED, failed.state());
        assertEquals(JobClaims.LOST, failed.failure().orElseThrow().code());
        assertTrue(failed.failure().orElseThrow().message().contains("3 times"));
    }

    @Test
    void aJobThatWasToBeCancelledIsNotRunAgain() {
        log.add(job("one"));
        claim("a");
        log.cancel("one");
        assertEquals(new Recovered(0, 0, 1), claims.recoverOwn("a"));
        assertEquals(JobState.CANCELLED, state("one"));
    }

    @Test
    void aJobThatIsPutBackWaitsAtItsOldPlaceAndIsNotHeldAgainstItsServer() {
        log.add(job("one"));
        log.add(job("two"));
        for (int i = 0; i < JobFixtures.MAX_ATTEMPTS + 1; i++) {
            Claim claim = claim("a");
            assertEquals(new Claim("one", "a", i + 1), claim);
            assertEquals(JobState.QUEUED, done(claims.putBack(claim)).state());
        }
        assertEquals(new Recovered(0, 0, 0), claims.recoverOwn("a"));
    }
}
