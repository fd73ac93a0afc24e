package io.github.tachyscope.api.scope;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.tachyscope.api.Endpoint;
import io.github.tachyscope.api.Refused;
import io.github.tachyscope.api.Replies;
import io.github.tachyscope.store.LoraFile;
import io.github.tachyscope.store.LoraStore;
import java.util.List;
import java.util.Optional;
import org.apache.pekko.http.javadsl.model.HttpResponse;

/** Listing and deleting of LoRA files, under the name that the first clients know and the present one. */
final class LoraRoutes {
    private final LoraStore loras;

    LoraRoutes(LoraStore loras) {
        this.loras = loras;
    }

    List<Endpoint> endpoints() {
        return List.of(
                Endpoint.get("/api/v1/lora/list", call -> call.blocking(this::list)),
                Endpoint.get("/api/v1/loras", call -> call.blocking(this::list)),
                Endpoint.post(
                        "/api/v1/loras",
                        call -> call.json().thenApply(body -> {
                            body.requiredText("url");
                            throw noDownloads();
                        })),
                Endpoint.post(
                        "/api/v1/lora/download",
                        call -> call.json().thenApply(body -> {
                            throw noDownloads();
                        })),
                Endpoint.delete(
                        "/api/v1/loras/{name}",
                        call -> call.blocking(() -> {
                            loras.delete(call.variable("name"));
                            return Replies.json(
                                    Json.object().put("success", true).put("message", "The LoRA was deleted."));
                        })));
    }

    private static Refused noDownloads() {
        return Refused.with(
                501, "This server does not download LoRA files; put the file into its LoRA directory instead.");
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
