package io.github.tachyscope.api.scope;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.tachyscope.api.Call;
import io.github.tachyscope.api.Endpoint;
import io.github.tachyscope.api.Refused;
import io.github.tachyscope.api.Replies;
import io.github.tachyscope.diffusion.PipelineSpec;
import io.github.tachyscope.diffusion.Plugins;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;
import org.apache.pekko.http.javadsl.model.HttpResponse;

/**
 * Where pipelines come from: the server itself, and the jars of its directory of plugins. The directory is the
 * operator's: code is neither taken nor removed over HTTP.
 */
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
                                    "Plugins are not installed over HTTP: put the jar into the server's directory of"
                                            + " plugins (tachyscope.pipelines.plugins-dir) and restart it.");
                        })),
                Endpoint.delete("/api/v1/plugins/{name}", this::refuse),
                Endpoint.post("/api/v1/plugins/{name}/reload", this::refuse));
    }

    private CompletionStage<HttpResponse> refuse(Call call) {
        String name = call.variable("name");
        if (name.equals(BUILT_IN)) {
            throw Refused.with(400, "The built-in pipelines can neither be removed nor reloaded.");
        }
        if (parts.plugins().named(name).isEmpty()) {
            throw Refused.with(404, "There is no such plugin.");
        }
        throw Refused.with(
                400,
                "Plugins are neither removed nor reloaded over HTTP: remove or replace the jar in the server's directory"
                        + " of plugins (tachyscope.pipelines.plugins-dir) while the server is stopped.");
    }

    private HttpResponse list() {
        Plugins known = parts.plugins();
        ObjectNode body = Json.object();
        ArrayNode plugins = body.putArray("plugins");
        ObjectNode builtIn = plugins.addObject()
                .put("name", BUILT_IN)
                .put("version", parts.build().version())
                .putNull("author")
                .put("description", "Pipelines that come with the server");
        finish(builtIn, true, "builtin", id -> known.of(id).isEmpty()).putNull("package_spec");
        for (Plugins.Plugin plugin : known.loaded()) {
            ObjectNode entry = plugins.addObject()
                    .put("name", plugin.name())
                    .put("version", plugin.version())
                    .put("author", plugin.author().orElse(null))
                    .put("description", plugin.description().orElse(null));
            finish(entry, false, "plugin", plugin.pipelines()::contains).put("package_spec", plugin.file());
        }
        body.put("total", plugins.size());
        ArrayNode failed = body.putArray("failed_plugins");
        for (Plugins.Failure failure : known.failed()) {
            failed.addObject()
                    .put("package_name", failure.file())
                    .put("entry_point_name", failure.provider())
                    .put("error_type", failure.reason().wireName())
                    .put("error_message", failure.message());
        }
        return Replies.json(body);
    }

    private ObjectNode finish(ObjectNode plugin, boolean bundled, String kind, Predicate<String> own) {
        plugin.put("source", "local").put("editable", false).putNull("editable_path");
        ArrayNode pipelines = plugin.putArray("pipelines");
        for (PipelineSpec spec : parts.specs()) {
            if (own.test(spec.id())) {
                pipelines.addObject().put("pipeline_id", spec.id()).put("pipeline_name", spec.name());
            }
        }
        return plugin.putNull("latest_version")
                .put("update_available", false)
                .put("bundled", bundled)
                .put("kind", kind)
                .putNull("origin");
    }
}
