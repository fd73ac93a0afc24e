package io.github.tachyscope.api.scope;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.tachyscope.api.Body;
import io.github.tachyscope.api.Call;
import io.github.tachyscope.api.Endpoint;
import io.github.tachyscope.api.Replies;
import io.github.tachyscope.store.LoraStore;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.http.javadsl.model.HttpResponse;

/** Whether this server has what a shared workflow needs. */
final class WorkflowRoutes {
    /** Pipelines and LoRA files of one workflow; protects against senseless requests. More get 422. */
    private static final int MAX_ITEMS = 256;

    private final Catalogue catalogue;
    private final LoraStore loras;

    WorkflowRoutes(Catalogue catalogue, LoraStore loras) {
        this.catalogue = catalogue;
        this.loras = loras;
    }

    List<Endpoint> endpoints() {
        return List.of(Endpoint.post(
                "/api/v1/workflow/resolve", call -> call.json().thenCompose(body -> resolve(call, body))));
    }

    private CompletionStage<HttpResponse> resolve(Call call, Body body) {
        List<Body> pipelines = body.objects("pipelines", MAX_ITEMS);
        List<Body> wanted = pipelines.isEmpty() ? body.objects("nodes", MAX_ITEMS) : pipelines;
        return call.blocking(() -> {
            Set<String> present = new HashSet<>();
            loras.list().forEach(file -> present.add(file.path().getFileName().toString()));
            ObjectNode answer = Json.object();
            ArrayNode items = answer.putArray("items");
            boolean complete = true;
            for (Body node : wanted) {
                String id = node.text("pipeline_id")
                        .or(() -> node.text("node_type_id"))
                        .orElse("");
                complete &= add(items, "pipeline", id, catalogue.find(id).isPresent());
                for (Body lora : node.objects("loras", MAX_ITEMS)) {
                    String file = lora.requiredText("filename");
                    complete &= add(items, "lora", file, present.contains(file));
                }
            }
            answer.put("can_apply", complete).putArray("warnings");
            return Replies.json(answer);
        });
    }

    private static boolean add(ArrayNode items, String kind, String name, boolean present) {
        ObjectNode item =
                items.addObject().put("kind", kind).put("name", name).put("status", present ? "ok" : "missing");
        if (present) {
            item.putNull("detail").putNull("action");
        } else {
            item.put("detail", "This server does not have it.").put("action", "Ask the server's operator to add it.");
        }
        item.put("can_auto_resolve", false);
        return present;
    }
}
