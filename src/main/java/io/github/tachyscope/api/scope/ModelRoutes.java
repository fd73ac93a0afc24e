package io.github.tachyscope.api.scope;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.github.tachyscope.api.Body;
import io.github.tachyscope.api.Call;
import io.github.tachyscope.api.Endpoint;
import io.github.tachyscope.api.Refused;
import io.github.tachyscope.api.Replies;
import io.github.tachyscope.config.KnownModel;
import io.github.tachyscope.diffusion.PipelineSpec;
import io.github.tachyscope.download.DownloadRequest;
import io.github.tachyscope.download.DownloadState;
import io.github.tachyscope.download.ModelDownloads;
import io.github.tachyscope.download.ModelShelf;
import io.github.tachyscope.download.Requests;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.http.javadsl.model.HttpResponse;

/**
 * Whether a pipeline's weights are present, and their download. A pipeline without weights has nothing to download, and so
 * is complete.
 */
final class ModelRoutes {
    /** Patterns in one request; protects from endless ones. */
    private static final int MAX_PATTERNS = 100;

    private final Catalogue catalogue;
    private final ModelShelf shelf;
    private final Requests requests;
    private final ActorRef<ModelDownloads.Command> downloads;
    private final Duration askTimeout;

    ModelRoutes(ScopeParts parts, Catalogue catalogue) {
        this.catalogue = catalogue;
        this.shelf = parts.shelf();
        this.requests = parts.requests();
        this.downloads = parts.downloads();
        this.askTimeout = parts.settings().session().askTimeout();
    }

    List<Endpoint> endpoints() {
        return List.of(
                Endpoint.get("/api/v1/models", call -> call.blocking(this::list)),
                Endpoint.get("/api/v1/models/status", this::status),
                Endpoint.post(
                        "/api/v1/models/download", call -> call.json().thenCompose(body -> download(call, body))));
    }

    private HttpResponse list() {
        ObjectNode body = Json.object();
        var list = body.putArray("models");
        for (ModelShelf.Shelved shelved : shelf.all()) {
            KnownModel model = shelved.model();
            ObjectNode node = list.addObject()
                    .put("id", model.id())
                    .put("name", model.name())
                    .put("kind", model.kind());
            model.pipelines().forEach(node.putArray("pipelines")::add);
            node.put("needed", !model.neededBy().isEmpty())
                    .put("repository", model.repository())
                    .put("revision", model.revision());
            model.files().forEach(node.putArray("files")::add);
            node.put("approximate_bytes", model.approximateBytes())
                    .put("licence", model.licence())
                    .put("approximate_memory_bytes", model.memoryBytes())
                    .put("downloaded", shelved.present());
        }
        return Replies.json(body);
    }

    private CompletionStage<HttpResponse> status(Call call) {
        String id = call.requiredQuery("pipeline_id");
        return call.ask(downloads, askTimeout, ModelDownloads.Describe::new).thenCompose(listing -> {
            Optional<DownloadState> state = listing.find(id).filter(found -> found.isRunning() || isFailure(found));
            boolean running = state.filter(DownloadState::isRunning).isPresent();
            return call.blocking(() -> {
                boolean complete = !running && isComplete(id);
                ObjectNode body = Json.object().put("downloaded", complete);
                if (state.isPresent() && !complete) {
                    body.set("progress", progress(state.get()));
                } else {
                    body.putNull("progress");
                }
                return Replies.json(body);
            });
        });
    }

    private static boolean isFailure(DownloadState state) {
        return state.phase() == DownloadState.Phase.FAILED || state.phase() == DownloadState.Phase.CANCELLED;
    }

    private boolean isComplete(String pipelineId) {
        boolean unnamed = !shelf.needsModels(pipelineId)
                && catalogue
                        .find(pipelineId)
                        .filter(PipelineSpec::requiresModels)
                        .isPresent();
        return !unnamed && shelf.isComplete(pipelineId);
    }

    /** As older clients know it, about the file that moved last; what is about all of them is in {@code total}. */
    private static ObjectNode progress(DownloadState state) {
        ObjectNode node = Json.object()
                .put("is_downloading", state.isRunning())
                .put("percentage", oneDecimal(state.currentPercent()));
        node.set("current_artifact", Json.text(state.current()));
        state.error().ifPresent(error -> node.put("error", error));
        node.set("total", DownloadRoutes.render(state));
        return node;
    }

    static double oneDecimal(double value) {
        return Math.round(value * 10) / 10.0;
    }

    private CompletionStage<HttpResponse> download(Call call, Body body) {
        Optional<DownloadRequest> request = request(body);
        if (request.isEmpty()) {
            return CompletableFuture.completedFuture(Replies.json(Json.message("There is nothing to download.")));
        }
        return call.ask(
                        downloads,
                        askTimeout,
                        (ActorRef<ModelDownloads.StartReply> replyTo) ->
                                new ModelDownloads.Start(request.get(), replyTo))
                .thenApply(reply -> {
                    if (reply instanceof ModelDownloads.Refused refused) {
                        throw DownloadFailures.refused(refused.failure());
                    }
                    return Replies.json(Json.message("The download has begun.")
                            .put("id", request.get().id()));
                });
    }

    /** What to download; empty for a pipeline that needs nothing. */
    private Optional<DownloadRequest> request(Body body) {
        try {
            Optional<String> model = body.text("model");
            if (model.isPresent()) {
                return Optional.of(shelf.model(model.get())
                        .orElseThrow(() -> Refused.with(
                                404, "There is no such model in the catalogue; /api/v1/models lists them.")));
            }
            Optional<String> repository = body.text("repo_id");
            if (repository.isPresent()) {
                return Optional.of(requests.repository(
                        repository.get(), body.text("revision"), body.texts("files", MAX_PATTERNS)));
            }
            Optional<String> address = body.text("url");
            if (address.isPresent()) {
                return Optional.of(requests.address(address.get(), body.text("filename")));
            }
        } catch (Requests.Malformed malformed) {
            throw Refused.with(400, malformed.getMessage());
        }
        return pipeline(body.requiredText("pipeline_id").strip());
    }

    private Optional<DownloadRequest> pipeline(String id) {
        if (id.isEmpty()) {
            throw Refused.with(400, "pipeline_id must not be empty.");
        }
        Optional<DownloadRequest> request = shelf.pipeline(id);
        if (request.isPresent()) {
            return request;
        }
        PipelineSpec spec = catalogue
                .find(id)
                .orElseThrow(
                        () -> Refused.with(404, "There is no such pipeline; /api/v1/pipelines/schemas lists them."));
        if (spec.requiresModels()) {
            throw Refused.with(
                    404,
                    "The catalogue names no models for pipeline " + TextNode.valueOf(id)
                            + ". Put its weights into the directory of models, or add an entry"
                            + " (tachyscope.models.catalogue-file).");
        }
        return Optional.empty();
    }
}
