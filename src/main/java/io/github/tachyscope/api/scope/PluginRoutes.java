package io.github.tachyscope.api.scope;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.tachyscope.api.Call;
import io.github.tachyscope.api.Endpoint;
import io.github.tachyscope.api.Refused;
import io.github.tachyscope.api.Replies;
import io.github.tachyscope.diffusion.PipelineSpec;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.http.javadsl.model.HttpResponse;

/** Where pipelines come from. Providers are jars on the class path, so there is nothing to install at run time. */
final class PluginRoutes {
    private static final String BUILT_IN = "tachyscope";

    private final ScopeParts parts;

    PluginRoutes(ScopeParts parts) {
        this.parts = parts;
    }

    List<Endpoint> endpoints() {
        return List.of(
                Endpoint.get("/api/v1/plugins", Endpoint.now(call -> list())),
                Endpoint.post(
                        "/api/v1/plugins",
                        call -> call.json().thenApply(body -> {
                            throw Refused.with(
                                    501,
                                    "Plugins are jars: put the jar into the server's lib directory and restart it.");
                        })),
                Endpoint.delete("/api/v1/plugins/{name}", this::refuse),
                Endpoint.post("/api/v1/plugins/{name}/reload", this::refuse));
    }

    private CompletionStage<HttpResponse> refuse(Call call) {
        if (!call.variable("name").equals(BUILT_IN)) {
            throw Refused.with(404, "There is no such plugin.");
        }
        throw Refused.with(400, "The built-in pipelines can neither be removed nor reloaded.");
    }

    private HttpResponse list() {
        ObjectNode body = Json.object();
        ObjectNode plugin = body.putArray("plugins").addObject();
        plugin.put("name", BUILT_IN)
                .put("version", parts.build().version())
                .putNull("author")
                .put("description", "Pipelines on the server's class path")
                .put("source", "local")
                .put("editable", false)
                .putNull("editable_path");
        var pipelines = plugin.putArray("pipelines");
        for (PipelineSpec spec : parts.specs()) {
            pipelines.addObject().put("pipeline_id", spec.id()).put("pipeline_name", spec.name());
        }
        plugin.putNull("latest_version")
                .put("update_available", false)
                .putNull("package_spec")
                .put("bundled", true)
                .put("kind", "builtin")
                .putNull("origin");
        body.put("total", 1);
        var failed = body.putArray("failed_plugins");
        for (ScopeParts.FailedProvider provider : parts.failedProviders()) {
            failed.addObject()
                    .put("package_name", provider.name())
                    .put("entry_point_name", provider.name())
                    .put("error_type", provider.errorType())
                    .put("error_message", provider.message());
        }
        return Replies.json(body);
    }
}
