package io.github.tachyscope.store;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.UncheckedIOException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;

/** Reads jobs, with their files, from rows of the tables. */
final class JobRows {
    /** Everything but the request, which may be megabytes. */
    private static final String COLUMNS = """
            number, id, face, model, prompt, owner, priority, state, cancel_requested, created_at, started_at,
            finished_at, expires_at, steps_done, steps_total, chunks_done, chunks_total, width, height, fps, frames,
            seed, stage_seconds, peak_memory, error_code, error_message, attempt, node
            """;

    private static final ObjectMapper JSON = new ObjectMapper();

    private JobRows() {}

    static Optional<Job> one(Handle handle, String id) {
        return jobs(handle, "WHERE id = :id AND state <> 'deleting'", Map.of("id", id)).stream()
                .findFirst();
    }

    static Optional<JobRequest> request(Handle handle, String id) {
        return handle.createQuery("SELECT request, notes FROM job WHERE id = :id AND state <> 'deleting'")
                .bind("id", id)
                .map((row, context) ->
                        new JobRequest(row.getString("request"), Optional.ofNullable(row.getString("notes"))))
                .findOne();
    }

    /** The answer to a guarded update that changed so many rows. */
    static JobChange change(Handle handle, String id, int changed) {
        Optional<Job> job = one(handle, id);
        if (job.isEmpty()) {
            return JobChange.Missing.INSTANCE;
        }
        return changed == 1 ? new JobChange.Done(job.get()) : new JobChange.TooLate(job.get());
    }

    /**
     * The jobs that {@code rest} of the statement chooses.
     *
     * @param values for its names
     */
    static List<Job> jobs(Handle handle, String rest, Map<String, ?> values) {
        List<Job> bare = handle.createQuery("SELECT " + COLUMNS + " FROM job " + rest)
                .bindMap(values)
                .map((row, context) -> job(row))
                .list();
        List<Long> finished = bare.stream()
                .filter(job -> job.state() == JobState.COMPLETED)
                .map(Job::number)
                .toList();
        if (finished.isEmpty()) {
            return bare;
        }
        Map<Long, List<ResultFile>> files = files(handle, finished);
        return bare.stream()
                .map(job -> with(job, files.getOrDefault(job.number(), List.of())))
                .toList();
    }

    private static Map<Long, List<ResultFile>> files(Handle handle, List<Long> jobs) {
        return handle
                .createQuery("""
                        SELECT job, name, kind, media_type, bytes, sha256, label
                        FROM job_file WHERE job IN (<jobs>) ORDER BY job, ordinal
                        """)
                .bindList("jobs", jobs)
                .map((row, context) -> Map.entry(row.getLong("job"), file(row)))
                .stream()
                .collect(Collectors.groupingBy(
                        Map.Entry::getKey, Collectors.mapping(Map.Entry::getValue, Collectors.toList())));
    }

    private static ResultFile file(ResultSet row) throws SQLException {
        return new ResultFile(
                row.getString("name"),
                ResultFile.Kind.valueOf(row.getString("kind").toUpperCase(Locale.ROOT)),
                row.getString("media_type"),
                row.getLong("bytes"),
                row.getString("sha256"),
                row.getString("label"));
    }

    private static Job job(ResultSet row) throws SQLException {
        Optional<String> code = Optional.ofNullable(row.getString("error_code"));
        String message = row.getString("error_message");
        return new Job(
                row.getString("id"),
                row.getLong("number"),
                row.getString("face"),
                row.getString("model"),
                row.getString("prompt"),
                row.getString("owner"),
                row.getDouble("priority"),
                JobState.ofColumn(row.getString("state")),
                row.getBoolean("cancel_requested"),
                new Job.Times(
                        row.getLong("created_at"),
                        time(row, "started_at"),
                        time(row, "finished_at"),
                        time(row, "expires_at")),
                new Job.Progress(
                        row.getInt("steps_done"),
                        row.getInt("steps_total"),
                        row.getInt("chunks_done"),
                        row.getInt("chunks_total")),
                new Job.Shape(row.getInt("width"), row.getInt("height"), row.getDouble("fps"), row.getInt("frames")),
                row.getLong("seed"),
                stages(row.getString("stage_seconds")),
                row.getLong("peak_memory"),
                code.map(known -> new Job.Failure(known, message)),
                row.getInt("attempt"),
                Optional.ofNullable(row.getString("node")),
                List.of());
    }

    private static Job with(Job job, List<ResultFile> files) {
        return new Job(
                job.id(),
                job.number(),
                job.face(),
                job.model(),
                job.prompt(),
                job.owner(),
                job.priority(),
                job.state(),
                job.cancelRequested(),
                job.times(),
                job.progress(),
                job.shape(),
                job.seed(),
                job.stageSeconds(),
                job.peakMemoryBytes(),
                job.failure(),
                job.attempt(),
                job.node(),
                files);
    }

    private static OptionalLong time(ResultSet row, String column) throws SQLException {
        long millis = row.getLong(column);
        return row.wasNull() ? OptionalLong.empty() : OptionalLong.of(millis);
    }

    static String stages(Map<String, Double> seconds) {
        try {
            return JSON.writeValueAsString(seconds);
        } catch (JsonProcessingException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    private static Map<String, Double> stages(String json) {
        try {
            return JSON.readValue(json, new TypeReference<HashMap<String, Double>>() {});
        } catch (JsonProcessingException broken) {
            throw new UncheckedIOException(broken);
        }
    }
}
