package io.github.tachyscope.api.scope;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.tachyscope.api.Body;
import io.github.tachyscope.api.Call;
import io.github.tachyscope.api.Endpoint;
import io.github.tachyscope.api.HostInfo;
import io.github.tachyscope.api.Refused;
import io.github.tachyscope.api.Replies;
import io.github.tachyscope.diffusion.Parameters;
import io.github.tachyscope.frame.VideoFrame;
import io.github.tachyscope.media.JpegEncoder;
import io.github.tachyscope.session.SessionFigures;
import io.github.tachyscope.session.Sessions;
import io.github.tachyscope.session.Sessions.Description;
import io.github.tachyscope.session.Sessions.Found;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.pekko.http.javadsl.model.ContentType;
import org.apache.pekko.http.javadsl.model.ContentTypes;
import org.apache.pekko.http.javadsl.model.HttpEntities;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.MediaTypes;
import org.apache.pekko.http.javadsl.model.headers.RawHeader;

/** Figures of the live sessions, and parameters set from outside their peer connections. */
final class SessionRoutes {
    /** Longest value remembered, in characters of JSON; protects memory. A longer one acts but is not shown later. */
    private static final int MAX_REMEMBERED_LENGTH = 20_000;

    private static final String NOTHING_SHOWN = "There is no such session, or it shows nothing yet.";

    private static final ContentType MP4 = ContentTypes.parse("video/mp4");
    private static final ContentType JPEG = MediaTypes.IMAGE_JPEG.toContentType();

    private final ScopeParts parts;
    private final AtomicReference<Parameters> lastSet = new AtomicReference<>(Parameters.none());

    SessionRoutes(ScopeParts parts) {
        this.parts = parts;
    }

    List<Endpoint> endpoints() {
        return List.of(
                Endpoint.get("/api/v1/session/metrics", this::metrics),
                Endpoint.get("/api/v1/session/output.mp4", this::output),
                Endpoint.get("/api/v1/session/frame", this::frame),
                Endpoint.get("/api/v1/session/parameters", Endpoint.now(call -> parameters())),
                Endpoint.post(
                        "/api/v1/session/parameters", call -> call.json().thenCompose(body -> patch(call, body))));
    }

    private CompletionStage<HttpResponse> metrics(Call call) {
        CompletionStage<Description> reply =
                call.ask(parts.sessions(), parts.settings().session().askTimeout(), Sessions.Describe::new);
        return reply.thenApply(description -> {
            ObjectNode body = Json.object();
            ObjectNode sessions = body.putObject("sessions");
            description.sessions().forEach((id, figures) -> sessions.set(id, render(figures)));
            Optional<HostInfo.Memory> memory = parts.host().get().devices().stream()
                    .flatMap(device -> device.memory().stream())
                    .findFirst();
            if (memory.isEmpty()) {
                return Replies.json(body.putNull("gpu"));
            }
            body.putObject("gpu")
                    .put("vram_allocated_mb", Json.megabytes(memory.get().allocatedBytes()))
                    .put("vram_reserved_mb", Json.megabytes(memory.get().reservedBytes()))
                    .put("vram_total_mb", Json.megabytes(memory.get().totalBytes()));
            return Replies.json(body);
        });
    }

    private static ObjectNode render(SessionFigures figures) {
        ObjectNode node = Json.object()
                .put("state", figures.state())
                .put("frames_in", figures.framesIn())
                .put("frames_out", figures.framesOut())
                .put("frames_dropped", figures.framesDropped())
                .put("elapsed_seconds", figures.elapsedSeconds())
                .put("bitrate", figures.bitrate())
                .put("chunks", figures.chunks())
                .put("chunks_failed", figures.chunksFailed())
                .put("input_source_enabled", false)
                .putNull("input_source_type")
                .put("relay_mode", false);
        // JSON has no number for "not measured yet".
        node.set("fps_in", finite(figures.fpsIn()));
        node.set("fps_out", finite(figures.fpsOut()));
        node.set("pipeline_fps", finite(figures.pipelineFps()));
        node.set("latency_ms", finite(figures.latencyMillis()));
        node.putObject("output_sinks");
        var chain = node.putArray("pipeline_ids");
        figures.pipelineIds().forEach(chain::add);
        return node;
    }

    private static JsonNode finite(double value) {
        return Json.number(Double.isFinite(value) ? Optional.of(value) : Optional.empty());
    }

    /** What a session shows, for as long as the client reads; a client that is slow misses frames. */
    private CompletionStage<HttpResponse> output(Call call) {
        CompletionStage<Sessions.WatchReply> reply = call.ask(
                parts.sessions(),
                parts.settings().session().askTimeout(),
                replyTo -> new Sessions.Watch(sessionId(call), replyTo));
        return reply.thenApply(watch -> HttpResponse.create()
                .addHeader(RawHeader.create("Cache-Control", "no-store"))
                .withEntity(HttpEntities.createChunked(
                        MP4, watch.mp4().orElseThrow(() -> Refused.with(404, NOTHING_SHOWN)))));
    }

    private CompletionStage<HttpResponse> frame(Call call) {
        int quality = (int) call.query("quality", 85, 1, 100);
        CompletionStage<Sessions.SnapshotReply> reply = call.ask(
                parts.sessions(),
                parts.settings().session().askTimeout(),
                replyTo -> new Sessions.Snapshot(sessionId(call), replyTo));
        return reply.thenCompose(snapshot -> {
            VideoFrame picture = snapshot.picture().orElseThrow(() -> Refused.with(404, NOTHING_SHOWN));
            return call.blocking(() -> {
                try {
                    byte[] jpeg = JpegEncoder.encode(picture, quality);
                    return HttpResponse.create()
                            .addHeader(RawHeader.create("Cache-Control", "no-store"))
                            .withEntity(HttpEntities.create(JPEG, jpeg));
                } finally {
                    picture.release();
                }
            });
        });
    }

    /** Empty for the newest session, which some clients know as {@code headless}. */
    private static Optional<String> sessionId(Call call) {
        return call.query("session_id").filter(id -> !id.equals("headless"));
    }

    private HttpResponse parameters() {
        ObjectNode body = Json.object();
        body.set("parameters", lastSet.get().toJson());
        return Replies.json(body);
    }

    private static Parameters lasting(Parameters given) {
        Parameters lasting = given.without(Parameters.RESET_CACHE);
        for (Map.Entry<String, JsonNode> entry : given.values().entrySet()) {
            if (entry.getKey().length() + entry.getValue().toString().length() > MAX_REMEMBERED_LENGTH) {
                lasting = lasting.without(entry.getKey());
            }
        }
        return lasting;
    }

    private CompletionStage<HttpResponse> patch(Call call, Body body) {
        Parameters given = Parameters.of(body.json());
        if (given.isEmpty()) {
            throw Refused.with(400, "The body has no parameters.");
        }
        Optional<String> sessionId = sessionId(call);
        CompletionStage<Found> reply = call.ask(
                parts.sessions(),
                parts.settings().session().askTimeout(),
                replyTo -> new Sessions.Patch(sessionId, given, replyTo));
        return reply.thenApply(found -> {
            if (found == Found.NO) {
                throw Refused.with(404, sessionId.isPresent() ? "There is no such session." : "No session is running.");
            }
            lastSet.updateAndGet(before -> before.merge(lasting(given)));
            ObjectNode answer = Json.object().put("status", "ok");
            answer.set("applied_parameters", given.toJson());
            return Replies.json(answer);
        });
    }
}
