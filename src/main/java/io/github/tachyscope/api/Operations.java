package io.github.tachyscope.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.tachyscope.schedule.StepSpan;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.NotUsed;
import org.apache.pekko.http.javadsl.model.ContentTypes;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.stream.javadsl.Source;
import org.apache.pekko.util.ByteString;

/** What operators and the page ask: life, readiness, metrics, the engine's timeline and costs, and what this server is. */
final class Operations {
    /** Most spans in one answer; more are there on the next call. */
    private static final int TIMELINE_PAGE = 1000;

    /** How often a timeline stream looks for new spans. */
    private static final Duration TIMELINE_TICK = Duration.ofMillis(200);

    private final ApiParts parts;

    Operations(ApiParts parts) {
        this.parts = parts;
    }

    List<Endpoint> endpoints() {
        return List.of(
                Endpoint.get("/health", Endpoint.now(call -> health())).opened(),
                Endpoint.get("/ready", Endpoint.now(call -> ready())).opened(),
                Endpoint.get("/metrics", this::metrics),
                Endpoint.get("/api/v1/engine/timeline", Endpoint.now(this::timeline)),
                Endpoint.get("/api/v1/engine/costs", this::costs),
                Endpoint.get("/api/v1/info", Endpoint.now(call -> info())));
    }

    private HttpResponse health() {
        BuildInfo build = parts.build();
        return Replies.json(object().put("status", "healthy")
                .put("timestamp", Instant.now().toString())
                .put("server_start_time", build.started().toEpochMilli() / 1000.0)
                .put("version", build.version())
                .put("git_commit", build.gitCommit()));
    }

    private HttpResponse ready() {
        List<String> reasons = parts.notReady().get();
        ObjectNode body = object().put("ready", reasons.isEmpty());
        reasons.forEach(body.putArray("reasons")::add);
        if (!reasons.isEmpty()) {
            body.put("detail", String.join("; ", reasons));
        }
        return Replies.json(reasons.isEmpty() ? 200 : 503, body);
    }

    private CompletionStage<HttpResponse> metrics(Call call) {
        return call.blocking(() -> Replies.bytes(
                ContentTypes.parse("text/plain; version=0.0.4; charset=utf-8"),
                parts.metrics().get().getBytes(StandardCharsets.UTF_8)));
    }

    private HttpResponse timeline(Call call) {
        long since = call.query("since", 0, 0, Long.MAX_VALUE);
        boolean stream = call.header("Accept")
                .map(types -> types.contains("text/event-stream"))
                .orElse(false);
        if (!stream) {
            return Replies.json(page(since));
        }
        Source<ByteString, NotUsed> events = Source.tick(Duration.ZERO, TIMELINE_TICK, NotUsed.getInstance())
                .mapMaterializedValue(timer -> NotUsed.getInstance())
                .statefulMapConcat(() -> {
                    long[] next = {since};
                    return tick -> {
                        ObjectNode page = page(next[0]);
                        next[0] = page.path("next").asLong();
                        return page.path("spans").isEmpty() ? List.of() : List.of(Replies.event("spans", page));
                    };
                });
        return Replies.events(events);
    }

    /** The spans from a sequence number on; {@code next} is where to go on, {@code now_us} the clock that dates them. */
    private ObjectNode page(long since) {
        // A number from before a restart means nothing any more.
        long from = since > parts.timeline().nextSequence() ? 0 : since;
        List<StepSpan> spans = parts.timeline().since(from, TIMELINE_PAGE);
        ObjectNode body = object();
        var array = body.putArray("spans");
        spans.forEach(span -> array.addObject()
                .put("sequence", span.sequence())
                .put("owner", span.owner())
                .put("run", span.runId().toString())
                .put("pipeline", span.pipeline())
                .put("kind", span.kind().name().toLowerCase(Locale.ROOT))
                .put("lane", span.lane().name().toLowerCase(Locale.ROOT))
                .put("device", span.device())
                .put("batch", span.batchSize())
                .put("chunk", span.chunkIndex())
                .put("step", span.stepIndex())
                .put("queue_us", span.queueMicros())
                .put("start_us", span.startMicros())
                .put("run_us", span.runMicros())
                .put("deadline_met", span.deadlineMet()));
        long next = spans.isEmpty()
                ? parts.timeline().nextSequence()
                : spans.get(spans.size() - 1).sequence() + 1;
        return body.put("next", next).put("now_us", parts.clock().micros());
    }

    private CompletionStage<HttpResponse> costs(Call call) {
        return parts.costs().get().thenApply(known -> {
            ObjectNode body = object();
            var array = body.putArray("costs");
            known.measured()
                    .forEach(cost -> array.addObject()
                            .put("pipeline", cost.pipeline())
                            .put("kind", cost.kind().name().toLowerCase(Locale.ROOT))
                            .put("form", cost.form())
                            .put("batch", cost.batchSize())
                            .put("mean_us", cost.meanMicros())
                            .put("p50_us", cost.p50Micros())
                            .put("p95_us", cost.p95Micros())
                            .put("count", cost.count()));
            return Replies.json(body);
        });
    }

    private HttpResponse info() {
        HostInfo host = parts.host().get();
        var settings = parts.settings();
        ObjectNode body = object().put("name", "Tachyscope")
                .put("version", parts.build().version())
                .put("git_commit", parts.build().gitCommit())
                .put("address", host.address())
                .put("access_token_required", !settings.server().tokens().isEmpty());
        var devices = body.putArray("devices");
        for (HostInfo.Device device : host.devices()) {
            ObjectNode node = devices.addObject()
                    .put("id", device.id())
                    .put("name", device.name())
                    .put("kind", device.kind());
            Optional<HostInfo.Memory> memory = device.memory();
            node.set(
                    "memory_bytes",
                    memory.map(m -> (JsonNode) JsonNodeFactory.instance.numberNode(m.totalBytes()))
                            .orElse(JsonNodeFactory.instance.nullNode()));
        }
        body.putObject("limits")
                .put("sessions", settings.session().max())
                .put("sessions_per_address", settings.session().maxPerAddress())
                .put("upload_bytes", settings.storage().maxUploadBytes())
                .put("assets_bytes", settings.storage().maxAssetsBytes())
                .put("max_width", settings.media().maxWidth())
                .put("max_height", settings.media().maxHeight())
                .put("message_bytes", settings.rtc().maxMessageSize());
        return Replies.json(body);
    }

    private static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }
}
