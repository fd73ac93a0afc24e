package io.github.tachyscope.api.scope;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.tachyscope.api.Body;
import io.github.tachyscope.api.Call;
import io.github.tachyscope.api.Endpoint;
import io.github.tachyscope.api.Refused;
import io.github.tachyscope.api.Replies;
import io.github.tachyscope.download.DownloadState;
import io.github.tachyscope.download.ModelDownloads;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.NotUsed;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.stream.javadsl.Source;
import org.apache.pekko.util.ByteString;

/** Downloads of models and LoRA files: how far they are, once or as a stream of events, and their end on demand. */
final class DownloadRoutes {
    /** How often a stream looks for news. */
    private static final Duration TICK = Duration.ofMillis(500);

    private final ActorRef<ModelDownloads.Command> downloads;
    private final Duration askTimeout;

    DownloadRoutes(ScopeParts parts) {
        this.downloads = parts.downloads();
        this.askTimeout = parts.settings().session().askTimeout();
    }

    List<Endpoint> endpoints() {
        return List.of(
                Endpoint.get("/api/v1/models/downloads", call -> list(call).thenApply(Replies::json)),
                Endpoint.get("/api/v1/models/downloads/events", Endpoint.now(this::events)),
                Endpoint.post(
                        "/api/v1/models/downloads/cancel",
                        call -> call.json().thenCompose(body -> cancel(call, body))));
    }

    private CompletionStage<ObjectNode> list(Call call) {
        return call.ask(downloads, askTimeout, ModelDownloads.Describe::new).thenApply(listing -> {
            ObjectNode body = Json.object();
            var list = body.putArray("downloads");
            listing.downloads().forEach(state -> list.add(render(state)));
            return body;
        });
    }

    static ObjectNode render(DownloadState state) {
        ObjectNode node = Json.object()
                .put("id", state.id())
                .put("state", state.phase().wireName())
                .put("percentage", ModelRoutes.oneDecimal(state.percent()))
                .put("files", state.files())
                .put("files_done", state.filesDone())
                .put("bytes", state.bytes())
                .put("total_bytes", state.totalBytes());
        node.set("current_artifact", Json.text(state.current()));
        node.put("bytes_per_second", Math.round(state.bytesPerSecond()));
        if (state.etaSeconds().isPresent()) {
            node.put("eta_seconds", state.etaSeconds().getAsLong());
        } else {
            node.putNull("eta_seconds");
        }
        node.set("error", Json.text(state.error()));
        return node;
    }

    /** Says only what differs from what it said last. */
    private HttpResponse events(Call call) {
        Source<ByteString, NotUsed> events = Source.tick(Duration.ZERO, TICK, NotUsed.getInstance())
                .mapMaterializedValue(timer -> NotUsed.getInstance())
                .mapAsync(1, tick -> list(call))
                .statefulMapConcat(() -> {
                    Optional<?>[] last = {Optional.empty()};
                    return listing -> {
                        boolean news = !last[0].equals(Optional.of(listing));
                        last[0] = Optional.of(listing);
                        return news ? List.of(Replies.event("downloads", listing)) : List.of();
                    };
                });
        return Replies.events(events);
    }

    private CompletionStage<HttpResponse> cancel(Call call, Body body) {
        String id = body.requiredText("id");
        return call.ask(
                        downloads,
                        askTimeout,
                        (ActorRef<ModelDownloads.CancelReply> replyTo) -> new ModelDownloads.Cancel(id, replyTo))
                .thenApply(reply -> {
                    if (reply == ModelDownloads.CancelReply.NOT_RUNNING) {
                        throw Refused.with(404, "No such download is under way; /api/v1/models/downloads lists them.");
                    }
                    return Replies.json(Json.message("The download ends. What has come is kept for another attempt."));
                });
    }
}
