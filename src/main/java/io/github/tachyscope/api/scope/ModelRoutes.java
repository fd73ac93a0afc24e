package io.github.tachyscope.api.scope;

import com.fasterxml.jackson.databind.node.TextNode;
import io.github.tachyscope.api.Body;
import io.github.tachyscope.api.Call;
import io.github.tachyscope.api.Endpoint;
import io.github.tachyscope.api.Refused;
import io.github.tachyscope.api.Replies;
import io.github.tachyscope.diffusion.PipelineSpec;
import java.util.List;
import org.apache.pekko.http.javadsl.model.HttpResponse;

/** Whether a pipeline's weights are present. A pipeline without weights has nothing to download, and so is complete. */
final class ModelRoutes {
    private final Catalogue catalogue;

    ModelRoutes(Catalogue catalogue) {
        this.catalogue = catalogue;
    }

    List<Endpoint> endpoints() {
        return List.of(
                Endpoint.get("/api/v1/models/status", Endpoint.now(this::status)),
                Endpoint.post("/api/v1/models/download", call -> call.json().thenApply(this::download)));
    }

    private HttpResponse status(Call call) {
        String id = call.requiredQuery("pipeline_id");
        boolean missing =
                catalogue.find(id).filter(PipelineSpec::requiresModels).isPresent();
        return Replies.json(Json.object().put("downloaded", !missing).putNull("progress"));
    }

    private HttpResponse download(Body body) {
        String id = body.requiredText("pipeline_id").strip();
        if (id.isEmpty()) {
            throw Refused.with(400, "pipeline_id must not be empty.");
        }
        PipelineSpec spec = catalogue
                .find(id)
                .orElseThrow(
                        () -> Refused.with(404, "There is no such pipeline; /api/v1/pipelines/schemas lists them."));
        if (spec.requiresModels()) {
            throw Refused.with(501, "This server does not download weights; put them into its models directory.");
        }
        return Replies.json(Json.message("Pipeline " + TextNode.valueOf(id) + " has nothing to download."));
    }
}
