package io.github.tachyscope.store;

import io.github.tachyscope.config.JobSettings;
import io.github.tachyscope.config.Secret;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;

/** Jobs, settings and a clock for the tests of the job store. */
final class JobFixtures {
    static final long START_MILLIS = 1_700_000_000_000L;
    static final Duration LEASE = Duration.ofSeconds(30);
    static final Duration TTL = Duration.ofHours(1);
    static final int MAX_QUEUED = 1000;
    static final int MAX_ATTEMPTS = 3;

    private JobFixtures() {}

    /** Stands still unless it is moved. */
    static final class StillClock extends Clock {
        private final AtomicLong millis = new AtomicLong(START_MILLIS);

        void set(long newMillis) {
            millis.set(newMillis);
        }

        void advance(Duration by) {
            millis.addAndGet(by.toMillis());
        }

        @Override
        public long millis() {
            return millis.get();
        }

        @Override
        public Instant instant() {
            return Instant.ofEpochMilli(millis());
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    }

    static String emptyMemory() {
        return "jdbc:h2:mem:" + UUID.randomUUID();
    }

    static JobSettings settings(Path dir, Optional<String> url) {
        return settings(
                dir, url, url.filter(text -> text.contains("postgresql")).isPresent() ? "postgres" : "", "local");
    }

    static JobSettings settings(Path dir, Optional<String> url, String user, String node) {
        return new JobSettings(
                dir,
                url,
                user,
                new Secret(""),
                8,
                Duration.ofSeconds(20),
                node,
                LEASE,
                MAX_ATTEMPTS,
                MAX_QUEUED,
                Optional.of(TTL),
                dir.resolve("results"),
                16 << 20,
                0);
    }

    static NewJob job(String id) {
        return NewJob.of(id, "video", "tiny", "a cat", "{\"prompt\":\"a cat\"}");
    }

    static NewJob job(String id, NewJob.Place place) {
        NewJob plain = job(id);
        return new NewJob(
                id,
                plain.face(),
                plain.model(),
                plain.prompt(),
                plain.owner(),
                plain.request(),
                place,
                plain.shape(),
                plain.seed(),
                plain.planned());
    }

    static JobOutcome outcome(ResultFile... files) {
        return new JobOutcome(new Job.Shape(64, 48, 16, 12), Map.of("denoise", 1.5), 7, List.of(files));
    }

    static ResultFile file(String name, ResultFile.Kind kind) {
        return new ResultFile(name, kind, "video/mp4", 3, "ab".repeat(32), "node 9");
    }

    static Job completed(String id, int attempt, ResultFile file) {
        return new Job(
                id,
                1,
                "video",
                "tiny",
                "a cat",
                "",
                1,
                JobState.COMPLETED,
                false,
                new Job.Times(0, OptionalLong.empty(), OptionalLong.empty(), OptionalLong.empty()),
                Job.Progress.NONE,
                new Job.Shape(0, 0, 0, 0),
                0,
                Map.of(),
                0,
                Optional.empty(),
                attempt,
                Optional.empty(),
                List.of(file));
    }
}
