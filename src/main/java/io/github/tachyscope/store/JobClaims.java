package io.github.tachyscope.store;

import io.github.tachyscope.config.JobSettings;
import java.time.Clock;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.SqlStatements;
import org.jdbi.v3.core.statement.Update;

/**
 * What runners of jobs ask of the log: work, and to write down what became of it.
 *
 * <p>A running job belongs to its {@link Claim} until the lease ends; every call about it, or {@link #renew} for all of a
 * server, prolongs the lease. Blocks and fails as {@link JobLog} does.
 */
public final class JobClaims {
    /** The code of a job that was lost with its server too often. */
    public static final String LOST = "server_lost";

    /** Longest error code and message that are kept, in characters; protects lists. */
    private static final int MAX_CODE = 100;

    private static final int MAX_MESSAGE = 4000;

    private static final String HELD = " WHERE id = :id AND state = 'running' AND node = :node AND attempt = :attempt";

    private final JobDatabase database;
    private final Clock clock;
    private final long leaseMillis;
    private final int maxAttempts;

    JobClaims(JobDatabase database, JobSettings settings, Clock clock) {
        this.database = database;
        this.clock = clock;
        this.leaseMillis = settings.lease().toMillis();
        this.maxAttempts = settings.maxAttempts();
    }

    /** Gives that server the next job of the queue, if one waits. */
    public Optional<ClaimedJob> claim(String node) {
        return database.inTransaction(handle -> {
            Optional<Long> next = next(handle);
            while (next.isPresent() && !take(handle, next.get(), node)) {
                next = next(handle);
            }
            return next.map(number -> {
                Job job = JobRows.jobs(handle, "WHERE number = :number", Map.of("number", number))
                        .get(0);
                return new ClaimedJob(
                        new Claim(job.id(), node, job.attempt()),
                        job,
                        JobRows.request(handle, job.id()).orElseThrow());
            });
        });
    }

    /** Jobs that another claim is about to take are passed over, not waited for. */
    private static Optional<Long> next(Handle handle) {
        return handle.createQuery("""
                        SELECT number FROM job WHERE state = 'queued' ORDER BY priority, number LIMIT 1
                        FOR UPDATE SKIP LOCKED
                        """).mapTo(Long.class).findOne();
    }

    private boolean take(Handle handle, long number, String node) {
        long now = clock.millis();
        return handle.createUpdate("""
                                UPDATE job SET state = 'running', node = :node, lease_until = :lease, started_at = :now,
                                    attempt = attempt + 1, steps_done = 0, chunks_done = 0
                                WHERE number = :number AND state = 'queued'
                                """)
                        .bind("node", node)
                        .bind("lease", now + leaseMillis)
                        .bind("now", now)
                        .bind("number", number)
                        .execute()
                == 1;
    }

    /** What a runner does next. */
    public enum Go {
        /** Go on. */
        ON,
        /** The job is to be cancelled: stop and say {@link JobClaims#cancelled}. */
        CANCEL,
        /** The job is in other hands or gone: stop and say nothing. */
        LOST
    }

    /** Writes down progress, which never goes back within an attempt. Worth a call a second, not one a step. */
    public Go progress(Claim claim, Job.Progress progress) {
        return database.inTransaction(handle -> {
            int changed = held(handle, claim, """
                            UPDATE job SET lease_until = :lease, steps_total = :steps_total, chunks_total = :chunks_total,
                                steps_done = GREATEST(steps_done, :steps_done),
                                chunks_done = GREATEST(chunks_done, :chunks_done)
                            """)
                    .bind("lease", clock.millis() + leaseMillis)
                    .bind("steps_done", progress.stepsDone())
                    .bind("steps_total", progress.stepsTotal())
                    .bind("chunks_done", progress.chunksDone())
                    .bind("chunks_total", progress.chunksTotal())
                    .execute();
            if (changed == 0) {
                return Go.LOST;
            }
            boolean cancel = handle.createQuery("SELECT cancel_requested FROM job" + HELD)
                    .bind("id", claim.jobId())
                    .bind("node", claim.node())
                    .bind("attempt", claim.attempt())
                    .mapTo(Boolean.class)
                    .findOne()
                    .orElse(false);
            return cancel ? Go.CANCEL : Go.ON;
        });
    }

    /** The server lives: prolongs the leases of all its jobs. How many there are. */
    public int renew(String node) {
        return database.inTransaction(handle -> handle.createUpdate(
                        "UPDATE job SET lease_until = :lease WHERE state = 'running' AND node = :node")
                .bind("lease", clock.millis() + leaseMillis)
                .bind("node", node)
                .execute());
    }

    /** The job ended well; also one that was to be cancelled, if that came too late. Its files are published before. */
    public JobChange complete(Claim claim, JobOutcome outcome) {
        return database.inTransaction(handle -> {
            int changed = held(handle, claim, """
                            UPDATE job SET state = 'completed', finished_at = :now, node = NULL, lease_until = NULL,
                                steps_done = GREATEST(steps_done, steps_total),
                                chunks_done = GREATEST(chunks_done, chunks_total),
                                width = :width, height = :height, fps = :fps, frames = :frames,
                                stage_seconds = :stages, peak_memory = :memory
                            """)
                    .bind("now", clock.millis())
                    .bind("width", outcome.shape().width())
                    .bind("height", outcome.shape().height())
                    .bind("fps", outcome.shape().fps())
                    .bind("frames", outcome.shape().frames())
                    .bind("stages", StoredText.clean(JobRows.stages(outcome.stageSeconds())))
                    .bind("memory", outcome.peakMemoryBytes())
                    .execute();
            if (changed == 1 && !outcome.files().isEmpty()) {
                insert(handle, claim.jobId(), outcome.files());
            }
            return JobRows.change(handle, claim.jobId(), changed);
        });
    }

    private static void insert(Handle handle, String id, List<ResultFile> files) {
        try (var batch = handle.prepareBatch("""
                INSERT INTO job_file (job, ordinal, name, kind, media_type, bytes, sha256, label)
                SELECT number, :ordinal, :name, :kind, :type, :bytes, :sha256, :label FROM job WHERE id = :id
                """)) {
            for (int i = 0; i < files.size(); i++) {
                ResultFile file = files.get(i);
                batch.bind("id", id)
                        .bind("ordinal", i)
                        .bind("name", file.name())
                        .bind("kind", file.kind().name().toLowerCase(Locale.ROOT))
                        .bind("type", file.mediaType())
                        .bind("bytes", file.bytes())
                        .bind("sha256", file.sha256())
                        .bind("label", StoredText.clean(file.label()))
                        .add();
            }
            batch.execute();
        }
    }

    /** The job ended with an error. */
    public JobChange fail(Claim claim, Job.Failure failure) {
        return end(claim, JobState.FAILED, Optional.of(failure));
    }

    /** The job was stopped, because that was asked for. */
    public JobChange cancelled(Claim claim) {
        return end(claim, JobState.CANCELLED, Optional.empty());
    }

    private JobChange end(Claim claim, JobState state, Optional<Job.Failure> failure) {
        return database.inTransaction(handle -> {
            int changed = held(handle, claim, """
                            UPDATE job SET state = :state, finished_at = :now, node = NULL, lease_until = NULL,
                                error_code = :code, error_message = :message
                            """)
                    .bind("state", state.column())
                    .bind("now", clock.millis())
                    .bind(
                            "code",
                            failure.map(why -> StoredText.cut(why.code(), MAX_CODE))
                                    .orElse(null))
                    .bind(
                            "message",
                            failure.map(why -> StoredText.cut(why.message(), MAX_MESSAGE))
                                    .orElse(null))
                    .execute();
            return JobRows.change(handle, claim.jobId(), changed);
        });
    }

    /** The server stops in order: the job waits again, at its old place. */
    public JobChange putBack(Claim claim) {
        return database.inTransaction(handle -> JobRows.change(
                handle,
                claim.jobId(),
                held(
                                handle,
                                claim,
                                "UPDATE job SET state = 'queued', started_at = NULL, node = NULL, lease_until = NULL,"
                                        + " steps_done = 0, chunks_done = 0")
                        .execute()));
    }

    private static Update held(Handle handle, Claim claim, String update) {
        return handle.createUpdate(update.stripTrailing() + HELD)
                .bind("id", claim.jobId())
                .bind("node", claim.node())
                .bind("attempt", claim.attempt());
    }

    /** What happened to jobs that were lost with their server. */
    public record Recovered(int queued, int failed, int cancelled) {}

    /** The server of that name has just started, so nobody works on the jobs that it had. */
    public Recovered recoverOwn(String node) {
        return recover("node = :node", Map.of("node", node));
    }

    /** Takes the jobs of servers that were not heard of for the length of a lease. */
    public Recovered recoverExpired() {
        return recover("lease_until < :now", Map.of());
    }

    /** Back to the queue, at the old place, unless a job is to be cancelled or was lost too often. */
    private Recovered recover(String which, Map<String, ?> values) {
        String lost = " WHERE state = 'running' AND " + which;
        return database.inTransaction(handle -> {
            int cancelled = lost(
                    handle,
                    "UPDATE job SET state = 'cancelled', finished_at = :now, node = NULL, lease_until = NULL" + lost
                            + " AND cancel_requested = TRUE",
                    values);
            int failed = lost(
                    handle,
                    "UPDATE job SET state = 'failed', finished_at = :now, node = NULL, lease_until = NULL,"
                            + " losses = losses + 1, error_code = :code, error_message = :message" + lost
                            + " AND cancel_requested = FALSE AND losses + 1 >= :limit",
                    values);
            int queued = lost(
                    handle,
                    "UPDATE job SET state = 'queued', started_at = NULL, node = NULL, lease_until = NULL,"
                            + " losses = losses + 1, steps_done = 0, chunks_done = 0" + lost
                            + " AND cancel_requested = FALSE AND losses + 1 < :limit",
                    values);
            return new Recovered(queued, failed, cancelled);
        });
    }

    private int lost(Handle handle, String update, Map<String, ?> values) {
        return handle.createUpdate(update)
                .configure(SqlStatements.class, statements -> statements.setUnusedBindingAllowed(true))
                .bindMap(values)
                .bind("now", clock.millis())
                .bind("code", LOST)
                .bind(
                        "message",
                        "The server that ran this job stopped, and it had stopped " + maxAttempts
                                + " times before the job was done (tachyscope.jobs.max-attempts).")
                .bind("limit", maxAttempts)
                .execute();
    }
}
