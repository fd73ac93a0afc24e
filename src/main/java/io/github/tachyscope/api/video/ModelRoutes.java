package io.github.tachyscope.api.video;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.tachyscope.api.Endpoint;
import io.github.tachyscope.api.Refused;
import io.github.tachyscope.api.Replies;
import java.util.List;
import java.util.Optional;

/** Which model is served, in the form that OpenAI's clients list models. */
final class ModelRoutes {
    private final ServedModel model;

    ModelRoutes(ServedModel model) {
        this.model = model;
    }

    List<Endpoint> endpoints() {
        return List.of(
                Endpoint.get(
                        "/v1/models",
                        call -> model.any().thenApply(answer -> {
                            ObjectNode list =
                                    JsonNodeFactory.instance.objectNode().put("object", "list");
                            var data = list.putArray("data");
                            if (answer instanceof ServedModel.Served served) {
                                data.add(render(served));
                            }
                            return Replies.json(list);
                        })),
                Endpoint.get(
                        "/v1/models/{model}",
                        call -> model.named(Optional.of(call.variable("model"))).thenApply(answer -> {
                            if (answer instanceof ServedModel.Served served) {
                                return Replies.json(render(served));
                            }
                            throw Refused.with(404, "There is no such model here; GET /v1/models lists them.");
                        })));
    }

    private static ObjectNode render(ServedModel.Served served) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("id", served.name())
                .put("object", "model")
                // Loaded models have no date; the field is required.
                .put("created", 0)
                .put("owned_by", "tachyscope");
    }
}
