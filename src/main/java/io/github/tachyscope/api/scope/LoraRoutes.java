package io.github.tachyscope.api.scope;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.tachyscope.api.Body;
import io.github.tachyscope.api.Call;
import io.github.tachyscope.api.Endpoint;
import io.github.tachyscope.api.Refused;
import io.github.tachyscope.api.Replies;
import io.github.tachyscope.config.Secret;
import io.github.tachyscope.download.LoraOrder;
import io.github.tachyscope.download.ModelDownloads;
import io.github.tachyscope.fetch.Checksum;
import io.github.tachyscope.store.LoraFile;
import io.github.tachyscope.store.LoraStore;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.http.javadsl.model.HttpResponse;

/** LoRA files: listed, installed, deleted, under the names that the first clients know and the present ones. */
final class LoraRoutes {
    /**
     * Longest that a request waits for its file; below the limit of the server for replies. Then the client is told that the
     * download goes on.
     */
    private static final Duration PATIENCE = Duration.ofSeconds(25);

    private static final List<String> SOURCES = List.of("huggingface", "civitai", "url", "local");
    private static final List<String> PROVENANCE = List.of("repo_id", "hf_filename", "model_id", "version_id", "url");

    /** Longest text in a request; protects the manifest, lists and logs. */
    private static final int MAX_TEXT = 2048;

    private final LoraStore loras;
    private final ActorRef<ModelDownloads.Command> downloads;

    LoraRoutes(ScopeParts parts) {
        this.loras = parts.loras();
        this.downloads = parts.downloads();
    }

    List<Endpoint> endpoints() {
        return List.of(
                Endpoint.get("/api/v1/lora/list", call -> call.blocking(this::list)),
                Endpoint.get("/api/v1/loras", call -> call.blocking(this::list)),
                Endpoint.post(
                        "/api/v1/loras",
                        call -> call.json().thenCompose(body -> {
                            LoraOrder order = new LoraOrder.AtAddress(required(body, "url"), wishes(body));
                            return install(call, order, LoraRoutes::installed);
                        })),
                Endpoint.post(
                        "/api/v1/lora/download",
                        call -> call.json().thenCompose(body -> install(call, order(body), LoraRoutes::downloaded))),
                Endpoint.put("/api/v1/lora/{filename}/provenance", call -> {
                    String name = call.variable("filename");
                    return call.json()
                            .thenCompose(body -> call.blocking(() -> {
                                loras.setProvenance(name, provenance(body));
                                return Replies.json(
                                        Json.object().put("success", true).put("message", "The provenance was noted."));
                            }));
                }),
                Endpoint.delete(
                        "/api/v1/loras/{name}",
                        call -> call.blocking(() -> {
                            loras.delete(call.variable("name"));
                            return Replies.json(
                                    Json.object().put("success", true).put("message", "The LoRA was deleted."));
                        })));
    }

    private static LoraOrder order(Body body) {
        LoraOrder.Wishes wishes = wishes(body);
        String source = body.requiredText("source");
        return switch (source) {
            case "huggingface" -> new LoraOrder.OnHub(required(body, "repo_id"), required(body, "hf_filename"), wishes);
            case "civitai" ->
                text(body, "version_id")
                        .<LoraOrder>map(version -> new LoraOrder.VersionOnCivitai(version, wishes))
                        .orElseGet(() -> new LoraOrder.NewestOnCivitai(required(body, "model_id"), wishes));
            case "url" -> new LoraOrder.AtAddress(required(body, "url"), wishes);
            default -> throw Refused.with(400, "source must be huggingface, civitai or url.");
        };
    }

    private static LoraOrder.Wishes wishes(Body body) {
        Optional<Checksum> sha256 = text(body, "expected_sha256")
                .map(text -> Checksum.sha256(text)
                        .orElseThrow(() -> Refused.with(400, "expected_sha256 must have 64 hexadecimal digits.")));
        return new LoraOrder.Wishes(
                text(body, "filename").filter(text -> !text.isBlank()),
                text(body, "subfolder").filter(text -> !text.isBlank()),
                sha256,
                text(body, "civitai_token").filter(text -> !text.isBlank()).map(Secret::new));
    }

    private static String required(Body body, String name) {
        return text(body, name).orElseThrow(() -> body.missing(name));
    }

    private static Optional<String> text(Body body, String name) {
        Optional<String> text = body.text(name);
        boolean bad = text.filter(
                        value -> value.length() > MAX_TEXT || value.chars().anyMatch(Character::isISOControl))
                .isPresent();
        if (bad) {
            throw Refused.with(400, name + " has at most " + MAX_TEXT + " characters, on one line.");
        }
        return text;
    }

    private CompletionStage<HttpResponse> install(Call call, LoraOrder order, Function<LoraFile, ObjectNode> rendered) {
        return call.ask(
                        downloads,
                        PATIENCE,
                        (ActorRef<ModelDownloads.LoraReply> replyTo) -> new ModelDownloads.InstallLora(order, replyTo))
                .handle((reply, failure) -> {
                    if (reply instanceof ModelDownloads.Installed installed) {
                        return Replies.json(rendered.apply(installed.file()));
                    }
                    if (reply instanceof ModelDownloads.Refused refused) {
                        throw DownloadFailures.refused(refused.failure());
                    }
                    Throwable cause = failure instanceof CompletionException wrapped ? wrapped.getCause() : failure;
                    if (cause instanceof TimeoutException) {
                        return Replies.json(
                                202,
                                Json.message("The download goes on; /api/v1/models/downloads tells how far it is.")
                                        .put("id", order.id()));
                    }
                    throw new CompletionException(cause);
                });
    }

    private static ObjectNode installed(LoraFile file) {
        ObjectNode body = Json.message("The LoRA was installed.");
        body.set("file", render(file));
        return body;
    }

    private static ObjectNode downloaded(LoraFile file) {
        ObjectNode body = Json.object()
                .put("filename", file.path().getFileName().toString())
                .put("path", file.path().toString());
        body.set("sha256", Json.text(file.sha256()));
        return body.put("size_bytes", file.bytes());
    }

    private static ObjectNode provenance(Body body) {
        String source = body.requiredText("source");
        if (!SOURCES.contains(source)) {
            throw Refused.with(400, "source must be one of " + String.join(", ", SOURCES) + ".");
        }
        ObjectNode node = Json.object().put("source", source);
        for (String key : PROVENANCE) {
            node.set(key, Json.text(text(body, key)));
        }
        return node;
    }

    private HttpResponse list() {
        ObjectNode body = Json.object();
        var list = body.putArray("lora_files");
        loras.list().forEach(file -> list.add(render(file)));
        return Replies.json(body);
    }

    private static ObjectNode render(LoraFile file) {
        ObjectNode node = Json.object()
                .put("name", file.name())
                .put("path", file.path().toString())
                .put("size_mb", Json.megabytes(file.bytes()));
        node.set("folder", Json.text(Optional.of(file.folder()).filter(folder -> !folder.isEmpty())));
        node.set("sha256", Json.text(file.sha256()));
        node.set("provenance", file.provenance().<JsonNode>map(known -> known).orElse(NullNode.getInstance()));
        return node.put("read_only", file.readOnly());
    }
}
