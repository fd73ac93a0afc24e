package io.github.tachyscope.api.jobs;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.tachyscope.store.Job;
import io.github.tachyscope.store.JobRequest;
import io.github.tachyscope.store.JobState;
import io.github.tachyscope.store.ResultFile;
import io.github.tachyscope.store.ResultLabel;
import java.nio.file.Path;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** Jobs as clients see them. */
final class JobJson {
    private static final double MILLIS = 1000;
    private static final ObjectMapper JSON = new ObjectMapper();

    private JobJson() {}

    /** A job that was claimed and has not made a step yet still waits, as far as clients are concerned. */
    static JobState shown(Job job) {
        boolean waits = job.state() == JobState.RUNNING && job.progress().stepsDone() == 0;
        return waits ? JobState.QUEUED : job.state();
    }

    static String name(JobState state) {
        return state.name().toLowerCase(Locale.ROOT);
    }

    /** @param nowMillis for the time that is left */
    static ObjectNode of(Job job, long nowMillis) {
        ObjectNode json = JsonNodeFactory.instance
                .objectNode()
                .put("id", job.id())
                .put("face", job.face())
                .put("pipeline", job.model())
                .put("prompt", job.prompt())
                .put("state", name(shown(job)))
                .put("cancel_requested", job.cancelRequested())
                .put("seed", Long.toUnsignedString(job.seed()))
                .put("attempt", job.attempt());
        json.set("progress", progress(job, nowMillis));
        json.put("created_at", job.times().created() / MILLIS);
        time(json, "started_at", job.times().started());
        time(json, "finished_at", job.times().finished());
        time(json, "expires_at", job.times().expires());
        json.putObject("shape")
                .put("width", job.shape().width())
                .put("height", job.shape().height())
                .put("fps", job.shape().fps())
                .put("frames", job.shape().frames());
        ObjectNode seconds = json.putObject("stage_seconds");
        job.stageSeconds().forEach(seconds::put);
        if (job.failure().isPresent()) {
            json.putObject("error")
                    .put("code", job.failure().get().code())
                    .put("message", job.failure().get().message());
        } else {
            json.putNull("error");
        }
        var files = json.putArray("files");
        job.files().forEach(file -> files.add(file(job, file)));
        return json;
    }

    /** With its place in the queue and what was asked for. */
    static ObjectNode inFull(Job job, OptionalInt before, JobRequest request, long nowMillis) {
        ObjectNode json = of(job, nowMillis);
        if (before.isPresent()) {
            json.put("position", before.getAsInt());
        } else {
            json.putNull("position");
        }
        json.set("request", request(request.json()));
        return json;
    }

    /** As stored, but for what only this server can use; the plan itself where there is one. */
    private static JsonNode request(String stored) {
        try {
            JsonNode request = JSON.readTree(stored);
            if (request instanceof ObjectNode object) {
                object.remove("attached");
            }
            hideFolder(request);
            request.path("plans").forEach(JobJson::hideFolder);
            return request.path("plans").size() == 1 ? request.path("plans").path(0) : request;
        } catch (JsonProcessingException unreadable) {
            return JsonNodeFactory.instance.nullNode();
        }
    }

    private static void hideFolder(JsonNode plan) {
        if (plan.path("footage") instanceof ObjectNode footage && footage.has("file")) {
            footage.put(
                    "file", Path.of(footage.path("file").asText()).getFileName().toString());
        }
    }

    private static ObjectNode progress(Job job, long nowMillis) {
        Job.Progress done = job.progress();
        double fraction = job.state() == JobState.COMPLETED ? 1 : fraction(done.stepsDone(), done.stepsTotal());
        ObjectNode json = JsonNodeFactory.instance
                .objectNode()
                .put("steps_done", done.stepsDone())
                .put("steps_total", done.stepsTotal())
                .put("chunks_done", done.chunksDone())
                .put("chunks_total", done.chunksTotal())
                .put("fraction", fraction);
        OptionalLong started = job.times().started();
        if (shown(job) == JobState.RUNNING && fraction > 0 && started.isPresent()) {
            eta(json, (nowMillis - started.getAsLong()) / MILLIS, fraction);
        } else {
            json.putNull("eta_seconds");
        }
        return json;
    }

    static double fraction(int done, int total) {
        return total == 0 ? 0 : Math.round(1000.0 * done / total) / 1000.0;
    }

    /** What is left if it goes on as until now. */
    static void eta(ObjectNode json, double elapsedSeconds, double fraction) {
        json.put("eta_seconds", Math.round(10 * elapsedSeconds * (1 - fraction) / fraction) / 10.0);
    }

    private static void time(ObjectNode json, String name, OptionalLong millis) {
        if (millis.isPresent()) {
            json.put(name, millis.getAsLong() / MILLIS);
        } else {
            json.putNull(name);
        }
    }

    private static ObjectNode file(Job job, ResultFile file) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("name", file.name())
                .put("kind", file.kind().name().toLowerCase(Locale.ROOT))
                .put("media_type", file.mediaType())
                .put("bytes", file.bytes())
                .put("sha256", file.sha256())
                .put("label", ResultLabel.of(file).source())
                .put("url", "/api/v1/jobs/" + job.id() + "/files/" + file.name());
    }
}
