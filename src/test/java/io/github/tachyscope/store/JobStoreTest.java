package io.github.tachyscope.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tachyscope.config.JobSettings;
import io.github.tachyscope.store.StoreRefused.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Records and files come and go together, whatever stops the server in between. */
class JobStoreTest {
    private static final byte[] BYTES = {1, 2, 3};

    private final JobFixtures.StillClock clock = new JobFixtures.StillClock();

    @TempDir
    private Path dir;

    private JobStore open() throws IOException {
        return JobStore.open(JobFixtures.settings(dir, Optional.empty()), dir.resolve("media"), clock);
    }

    private static Claim start(JobStore store, String id) {
        store.log().add(JobFixtures.job(id));
        return store.claims().claim("local").orElseThrow().claim();
    }

    private static List<ResultFile> publish(JobStore store, Claim claim, byte[] bytes) throws IOException {
        try (ResultDraft draft = store.begin(claim)) {
            Files.write(draft.path("video.mp4"), bytes);
            return draft.publish(
                    List.of(new ResultDraft.Entry("video.mp4", ResultFile.Kind.VIDEO, "video/mp4", ResultLabel.NONE)));
        }
    }

    private static Job complete(JobStore store, Claim claim, List<ResultFile> files) {
        JobOutcome outcome = new JobOutcome(new Job.Shape(8, 8, 8, 8), Map.of(), 0, files);
        if (store.claims().complete(claim, outcome) instanceof JobChange.Done done) {
            return done.job();
        }
        throw new AssertionError(claim);
    }

    private List<String> folders() throws IOException {
        try (var entries = Files.list(dir.resolve("results"))) {
            return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void aCompletedJobKeepsItsFilesOverARestart() throws IOException {
        try (JobStore store = open()) {
            Claim claim = start(store, "one");
            complete(store, claim, publish(store, claim, BYTES));
        }
        try (JobStore store = open()) {
            Job job = store.log().find("one").orElseThrow();
            Path file = store.files().path(job, job.files().get(0)).orElseThrow();
            assertArrayEquals(BYTES, Files.readAllBytes(file));
            assertTrue(store.remove("one") instanceof JobChange.Done);
            assertEquals(Optional.empty(), store.files().path(job, job.files().get(0)));
            assertEquals(JobChange.Missing.INSTANCE, store.remove("one"));
        }
        assertEquals(List.of(".parts"), folders());
    }

    @Test
    void aCrashBetweenPublishingAndCompletingRunsTheJobAgain() throws IOException {
        try (JobStore store = open()) {
            publish(store, start(store, "one"), BYTES);
            assertEquals(List.of(".parts", "one.1"), folders());
        }
        try (JobStore store = open()) {
            assertEquals(List.of(".parts"), folders());
            assertEquals(JobState.QUEUED, store.log().find("one").orElseThrow().state());
            Claim second = store.claims().claim("local").orElseThrow().claim();
            complete(store, second, publish(store, second, BYTES));
            assertEquals(List.of(".parts", "one.2"), folders());
        }
    }

    @Test
    void aCrashWhileRemovingIsMadeGood() throws IOException {
        try (JobStore store = open()) {
            for (String id : List.of("marked", "files-gone")) {
                Claim claim = start(store, id);
                complete(store, claim, publish(store, claim, BYTES));
                store.log().remove(id);
            }
            store.files().remove("files-gone", 1);
            assertEquals(2, store.log().removing().size());
        }
        try (JobStore store = open()) {
            assertEquals(Map.of(), store.log().removing());
            assertEquals(List.of(".parts"), folders());
        }
    }

    @Test
    void onlyFilesOfNobodyAreRemovedAtStart() throws IOException {
        try (JobStore store = open()) {
            Claim claim = start(store, "kept");
            complete(store, claim, publish(store, claim, BYTES));
        }
        Path results = dir.resolve("results");
        Files.createDirectories(results.resolve("unknown.1"));
        Files.createDirectories(results.resolve("kept.2"));
        Files.createDirectories(results.resolve("Not.ours"));
        Files.writeString(results.resolve("readme.1"), "not a folder");
        open().close();
        assertEquals(List.of(".parts", "Not.ours", "kept.1", "readme.1"), folders());
    }

    @Test
    void aServerThatStartsLeavesTheOthersAlone() throws IOException {
        Optional<String> shared = Optional.of(JobFixtures.emptyMemory());
        try (JobStore first =
                JobStore.open(JobFixtures.settings(dir, shared, "", "first"), dir.resolve("media"), clock)) {
            first.log().add(JobFixtures.job("published"));
            first.log().add(JobFixtures.job("writing"));
            Claim published = first.claims().claim("first").orElseThrow().claim();
            List<ResultFile> files = publish(first, published, BYTES);
            Claim writing = first.claims().claim("first").orElseThrow().claim();
            try (ResultDraft draft = first.begin(writing)) {
                Files.write(draft.path("video.mp4"), BYTES);
                JobStore.open(JobFixtures.settings(dir, shared, "", "second"), dir.resolve("media"), clock)
                        .close();
                draft.publish(List.of(
                        new ResultDraft.Entry("video.mp4", ResultFile.Kind.VIDEO, "video/mp4", ResultLabel.NONE)));
            }
            assertEquals(1, complete(first, published, files).files().size());
            assertEquals(List.of(".parts", "published.1", "writing.1"), folders());
        }
    }

    @Test
    void expiredJobsGoWithTheirFiles() throws IOException {
        try (JobStore store = open()) {
            Claim claim = start(store, "old");
            complete(store, claim, publish(store, claim, BYTES));
            clock.advance(Duration.ofMinutes(30));
            Claim young = start(store, "young");
            complete(store, young, publish(store, young, BYTES));
            clock.advance(Duration.ofMinutes(30));
            assertEquals(
                    List.of("old"), store.removeExpired().stream().map(Job::id).toList());
            assertEquals(List.of(".parts", "young.1"), folders());
            assertFalse(store.log().find("old").isPresent());
            assertEquals(List.of(), store.removeExpired());
        }
    }

    @Test
    void resultsTogetherAreBounded() throws IOException {
        try (JobStore store = open()) {
            JobSettings settings = JobFixtures.settings(dir, Optional.empty());
            Claim claim = start(store, "large");
            complete(store, claim, publish(store, claim, new byte[(int) settings.maxResultsBytes()]));
            Claim next = start(store, "next");
            StoreRefused refused = assertThrows(StoreRefused.class, () -> store.begin(next));
            assertEquals(Reason.NO_SPACE, refused.reason());
            assertTrue(refused.getMessage().contains("tachyscope.jobs.max-results-size"), refused.getMessage());
            store.remove("large");
            store.begin(next).close();
        }
    }
}
