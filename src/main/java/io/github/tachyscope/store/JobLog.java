package io.github.tachyscope.store;

import io.github.tachyscope.config.JobSettings;
import io.github.tachyscope.store.StoreRefused.Reason;
import java.time.Clock;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.JdbiException;

/**
 * The durable log of batch jobs of all faces: the queue, what runs where, and what came of it. See {@link JobState} for
 * the life of a job.
 *
 * <p>Every method is one transaction and changes a job only from the state that it expects; what it finds instead is its
 * answer. Several servers may share the database. All methods block, for the pool's wait and a statement's limit at
 * most, so they belong on a dispatcher for blocking calls; all throw {@link StoreUnavailable} while the database does not
 * answer, and work again when it does. Safe for many threads.
 */
public final class JobLog {
    static final String MIGRATIONS = "classpath:db/jobs";

    private final JobDatabase database;
    private final JobClaims claims;
    private final Clock clock;
    private final int maxQueued;
    private final Optional<Long> ttlMillis;

    JobLog(JobDatabase database, JobSettings settings, Clock clock) {
        this.database = database;
        this.claims = new JobClaims(database, settings, clock);
        this.clock = clock;
        this.maxQueued = settings.maxQueued();
        this.ttlMillis = settings.ttl().map(ttl -> ttl.toMillis());
    }

    /** What runners of jobs call. */
    public JobClaims claims() {
        return claims;
    }

    /**
     * Takes a job into the queue.
     *
     * @throws StoreRefused if the queue is full, or there is a job of that id
     */
    public Job add(NewJob job) {
        try {
            return database.inTransaction(handle -> {
                // Its row lock lets one add at a time count and insert.
                handle.execute("UPDATE job_counter SET last_number = last_number + 1");
                if (count(handle, "state = 'queued'", Map.of()) >= maxQueued) {
                    throw new StoreRefused(
                            Reason.QUEUE_FULL,
                            "There are " + maxQueued + " jobs waiting already (tachyscope.jobs.max-queued).");
                }
                insert(handle, job);
                return JobRows.one(handle, job.id()).orElseThrow();
            });
        } catch (JdbiException failure) {
            if (JobDatabase.isDuplicate(failure)) {
                throw new StoreRefused(Reason.EXISTS, "There is a job of that id already.");
            }
            throw failure;
        }
    }

    private void insert(Handle handle, NewJob job) {
        long number = handle.createQuery("SELECT last_number FROM job_counter")
                .mapTo(Long.class)
                .one();
        long now = clock.millis();
        handle.createUpdate("""
                        INSERT INTO job (number, id, face, model, prompt, owner, request, notes, priority, state,
                            cancel_requested, created_at, expires_at, steps_done, steps_total, chunks_done,
                            chunks_total, width, height, fps, frames, seed, stage_seconds, peak_memory, attempt, losses)
                        VALUES (:number, :id, :face, :model, :prompt, :owner, :request, :notes, :priority, 'queued',
                            FALSE, :created, :expires, 0, :steps, 0, :chunks, :width, :height, :fps, :frames, :seed,
                            '{}', 0, 0, 0)
                        """)
                .bind("number", number)
                .bind("id", job.id())
                .bind("face", job.face())
                .bind("model", StoredText.clean(job.model()))
                .bind("prompt", StoredText.clean(job.prompt()))
                .bind("owner", StoredText.clean(job.owner()))
                .bind("request", StoredText.clean(job.request().json()))
                .bind("notes", job.request().notes().map(StoredText::clean).orElse(null))
                .bind("priority", priority(job.place(), number))
                .bind("created", now)
                .bind("expires", ttlMillis.map(ttl -> now + ttl).orElse(null))
                .bind("steps", job.planned().stepsTotal())
                .bind("chunks", job.planned().chunksTotal())
                .bind("width", job.shape().width())
                .bind("height", job.shape().height())
                .bind("fps", job.shape().fps())
                .bind("frames", job.shape().frames())
                .bind("seed", job.seed())
                .execute();
    }

    private static double priority(NewJob.Place place, long number) {
        if (place instanceof NewJob.Place.At at) {
            return at.priority();
        }
        return place == NewJob.Place.Front.INSTANCE ? -number : number;
    }

    public Optional<Job> find(String id) {
        return database.inTransaction(handle -> JobRows.one(handle, id));
    }

    /** What was asked for, in full. */
    public Optional<JobRequest> request(String id) {
        return database.inTransaction(handle -> JobRows.request(handle, id));
    }

    /** Replaces the face's notes, in any state. Whether there is such a job. */
    public boolean note(String id, String notes) {
        NewJob.limit("request", notes, NewJob.MAX_REQUEST);
        return database.inTransaction(
                handle -> handle.createUpdate("UPDATE job SET notes = :notes WHERE id = :id AND state <> 'deleting'")
                                .bind("notes", StoredText.clean(notes))
                                .bind("id", id)
                                .execute()
                        == 1);
    }

    /** By time of creation, then order of arrival. After a job that is unknown comes nothing. */
    public JobPage list(JobQuery query) {
        return database.inTransaction(handle -> {
            StringBuilder where = new StringBuilder("WHERE state <> 'deleting'");
            Map<String, Object> values = new HashMap<>();
            query.face().ifPresent(face -> {
                where.append(" AND face = :face");
                values.put("face", face);
            });
            if (!query.states().isEmpty()) {
                where.append(query.states().stream()
                        .map(state -> "'" + state.column() + "'")
                        .collect(Collectors.joining(", ", " AND state IN (", ")")));
            }
            String order = query.newestFirst() ? "DESC" : "ASC";
            if (query.after().isPresent()) {
                Optional<Job> last = JobRows.one(handle, query.after().get());
                if (last.isEmpty()) {
                    return new JobPage(List.of(), false);
                }
                String beyond = query.newestFirst() ? "<" : ">";
                where.append(" AND (created_at " + beyond + " :created OR (created_at = :created AND number " + beyond
                        + " :number))");
                values.put("created", last.get().times().created());
                values.put("number", last.get().number());
            }
            where.append(" ORDER BY created_at " + order + ", number " + order + " LIMIT :limit");
            values.put("limit", query.limit() + 1);
            List<Job> jobs = JobRows.jobs(handle, where.toString(), values);
            boolean more = jobs.size() > query.limit();
            return new JobPage(more ? jobs.subList(0, query.limit()) : jobs, more);
        });
    }

    /** The queue in the order in which it will run, at most so many jobs of it. */
    public List<Job> waiting(int most) {
        return database.inTransaction(handle -> JobRows.jobs(
                handle, "WHERE state = 'queued' ORDER BY priority, number LIMIT :most", Map.of("most", most)));
    }

    /** How many jobs run before that one; nothing if it does not wait. */
    public OptionalInt position(String id) {
        return database.inTransaction(handle -> {
            Optional<Job> job = JobRows.one(handle, id).filter(found -> found.state() == JobState.QUEUED);
            if (job.isEmpty()) {
                return OptionalInt.empty();
            }
            return OptionalInt.of(count(
                    handle,
                    "state = 'queued' AND (priority < :priority OR (priority = :priority AND number < :number))",
                    Map.of("priority", job.get().priority(), "number", job.get().number())));
        });
    }

    /** How many jobs are in each state, of one face or of all. */
    public Map<JobState, Integer> count(Optional<String> face) {
        return database.inTransaction(handle -> {
            Map<JobState, Integer> counts = new EnumMap<>(JobState.class);
            for (JobState state : JobState.values()) {
                counts.put(state, 0);
            }
            String only = face.isPresent() ? " AND face = :face" : "";
            handle.createQuery("SELECT state, COUNT(*) AS jobs FROM job WHERE state <> 'deleting'" + only
                            + " GROUP BY state")
                    .bindMap(face.<Map<String, ?>>map(name -> Map.of("face", name))
                            .orElse(Map.of()))
                    .map((row, context) -> counts.put(JobState.ofColumn(row.getString("state")), row.getInt("jobs")))
                    .list();
            return counts;
        });
    }

    private static int count(Handle handle, String condition, Map<String, ?> values) {
        return handle.createQuery("SELECT COUNT(*) FROM job WHERE " + condition)
                .bindMap(values)
                .mapTo(Integer.class)
                .one();
    }

    /** Ends a job that waits at once; asks the runner of one that runs to end it. May be called again. */
    public JobChange cancel(String id) {
        return database.inTransaction(handle -> {
            int changed = handle.createUpdate("""
                            UPDATE job SET cancel_requested = TRUE,
                                finished_at = CASE WHEN state = 'queued' THEN :now ELSE finished_at END,
                                state = CASE WHEN state = 'queued' THEN 'cancelled' ELSE state END
                            WHERE id = :id AND state IN ('queued', 'running')
                            """)
                    .bind("now", clock.millis())
                    .bind("id", id)
                    .execute();
            return JobRows.change(handle, id, changed);
        });
    }

    /** Bytes of all results. */
    long resultBytes() {
        return database.inTransaction(
                handle -> handle.createQuery("SELECT CAST(COALESCE(SUM(bytes), 0) AS BIGINT) FROM job_file")
                        .mapTo(Long.class)
                        .one());
    }

    /** Marks a job that does not run; nobody sees it any more, and {@link #removed} follows. The job as it was. */
    JobChange remove(String id) {
        return database.inTransaction(handle -> {
            Optional<Job> job = JobRows.one(handle, id);
            while (job.isPresent() && job.get().state() != JobState.RUNNING) {
                if (mark(handle, job.get())) {
                    return new JobChange.Done(job.get());
                }
                job = JobRows.one(handle, id);
            }
            return job.<JobChange>map(JobChange.TooLate::new).orElse(JobChange.Missing.INSTANCE);
        });
    }

    /** Marks jobs that have ended and expired, as {@link #remove} does; at most so many. */
    List<Job> removeExpired(int most) {
        return database.inTransaction(handle -> {
            List<Job> expired = JobRows.jobs(handle, """
                    WHERE state IN ('completed', 'failed', 'cancelled') AND expires_at <= :now
                    ORDER BY expires_at, number LIMIT :most
                    """, Map.of("now", clock.millis(), "most", most));
            return expired.stream().filter(job -> mark(handle, job)).toList();
        });
    }

    private static boolean mark(Handle handle, Job seen) {
        return handle.createUpdate("UPDATE job SET state = 'deleting' WHERE number = :number AND state = :seen")
                        .bind("number", seen.number())
                        .bind("seen", seen.state().column())
                        .execute()
                == 1;
    }

    /** Jobs that are marked, and how often each was claimed. */
    Map<String, Integer> removing() {
        return database.inTransaction(handle -> handle
                .createQuery("SELECT id, attempt FROM job WHERE state = 'deleting'")
                .map((row, context) -> Map.entry(row.getString("id"), row.getInt("attempt")))
                .stream()
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue)));
    }

    /** Removes the record of a marked job whose files are gone. */
    void removed(String id) {
        database.inTransaction(handle -> handle.createUpdate("DELETE FROM job WHERE id = :id AND state = 'deleting'")
                .bind("id", id)
                .execute());
    }
}
