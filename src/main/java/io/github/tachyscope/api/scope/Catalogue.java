package io.github.tachyscope.api.scope;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.tachyscope.diffusion.Capability;
import io.github.tachyscope.diffusion.ChunkGeometry;
import io.github.tachyscope.diffusion.InputMode;
import io.github.tachyscope.diffusion.ModeDefaults;
import io.github.tachyscope.diffusion.PipelineSpec;
import io.github.tachyscope.diffusion.Plugins;
import io.github.tachyscope.session.job.JobPlan;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Pipelines as catalogue entries and as nodes of a graph. */
final class Catalogue {
    private static final Logger LOG = LoggerFactory.getLogger(Catalogue.class);

    private final List<PipelineSpec> specs;
    private final Plugins plugins;
    private final Map<String, ObjectNode> entries = new LinkedHashMap<>();

    Catalogue(List<PipelineSpec> specs, Plugins plugins) {
        this(specs, plugins, spec -> spec.parameters().toJsonSchema());
    }

    Catalogue(List<PipelineSpec> specs, Plugins plugins, Function<PipelineSpec, ObjectNode> configSchema) {
        this.specs = List.copyOf(specs);
        this.plugins = plugins;
        specs.forEach(spec -> entries.put(spec.id(), entry(spec, configSchema)));
    }

    Optional<PipelineSpec> find(String id) {
        return specs.stream().filter(spec -> spec.id().equals(id)).findFirst();
    }

    ObjectNode schemas() {
        ObjectNode body = Json.object();
        body.putObject("pipelines").setAll(entries);
        return body;
    }

    private ObjectNode entry(PipelineSpec spec, Function<PipelineSpec, ObjectNode> configSchema) {
        ObjectNode entry = Json.object()
                .put("id", spec.id())
                .put("name", spec.name())
                .put("description", spec.description())
                .put("version", spec.version());
        ObjectNode schema;
        try {
            schema = configSchema.apply(spec);
        } catch (RuntimeException broken) {
            LOG.warn("pipeline {} has no usable schema", spec.id(), broken);
            return entry.put("schema_error", "The schema of this pipeline could not be built.");
        }
        entry.putNull("docs_url");
        entry.set("estimated_vram_gb", Json.number(spec.estimatedVramGb()));
        entry.put("requires_models", spec.requiresModels());
        modes(spec).forEach(mode -> withArray(entry, "supported_modes").add(mode.wireName()));
        entry.put("default_mode", spec.defaultMode().wireName());
        for (Capability capability : Capability.values()) {
            entry.put(flag(capability), spec.capabilities().contains(capability));
        }
        entry.put("default_temporal_interpolation_method", "slerp")
                .put("default_temporal_interpolation_steps", 0)
                .put("default_spatial_interpolation_method", "linear")
                .put("min_dimension", spec.minDimension())
                .putNull("recommended_quantization_vram_threshold")
                .put("modified", false)
                .put("produces_video", true)
                .put("produces_audio", false);
        entry.putArray("usage");
        entry.putArray("inputs").add("video");
        entry.putArray("outputs").add("video");
        entry.set("config_schema", schema);
        ObjectNode defaults = entry.putObject("mode_defaults");
        modes(spec)
                .forEach(mode ->
                        defaults.set(mode.wireName(), defaults(spec.modes().get(mode))));
        return entry.put("plugin_name", plugin(spec));
    }

    /** Null on the wire for a pipeline that comes with the server. */
    private @Nullable String plugin(PipelineSpec spec) {
        return plugins.of(spec.id()).map(Plugins.Plugin::name).orElse(null);
    }

    private static String flag(Capability capability) {
        return "supports_" + capability.name().toLowerCase(Locale.ROOT);
    }

    private static List<InputMode> modes(PipelineSpec spec) {
        return Arrays.stream(InputMode.values())
                .filter(spec.modes()::containsKey)
                .toList();
    }

    private static ArrayNode withArray(ObjectNode node, String name) {
        return node.get(name) instanceof ArrayNode present ? present : node.putArray(name);
    }

    private static ObjectNode defaults(ModeDefaults mode) {
        ObjectNode node = Json.object().put("height", mode.height()).put("width", mode.width());
        if (!mode.denoisingSteps().isEmpty()) {
            mode.denoisingSteps().forEach(node.putArray("denoising_steps")::add);
        }
        mode.noiseScale().ifPresent(scale -> node.put("noise_scale", scale));
        mode.noiseController().ifPresent(on -> node.put("noise_controller", on));
        if (mode.geometry().framesIn() > 0) {
            node.put("input_size", mode.geometry().framesIn());
        }
        ChunkGeometry job = JobPlan.chunking(mode.geometry());
        return node.put("first_chunk_frames", job.firstFramesOut())
                .put("chunk_frames", job.framesOut())
                .put("chunk_group", job.framesOut() / mode.geometry().framesOut());
    }

    ObjectNode nodes() {
        ObjectNode body = Json.object();
        ArrayNode nodes = body.putArray("nodes");
        for (PipelineSpec spec : specs) {
            ObjectNode node = nodes.addObject()
                    .put("node_type_id", spec.id())
                    .put("display_name", spec.name())
                    .put("category", "pipeline")
                    .put("description", spec.description());
            ArrayNode inputs = node.putArray("inputs");
            if (spec.modes().containsKey(InputMode.VIDEO)) {
                inputs.add(port("video", "video", !spec.modes().containsKey(InputMode.TEXT)));
            }
            if (spec.capabilities().contains(Capability.PROMPTS)) {
                inputs.add(port("prompts", "string", false));
            }
            node.putArray("outputs").add(port("video", "video", false));
            node.putArray("params");
            node.put("continuous", false);
            node.set("pipeline_meta", entries.get(spec.id()));
            node.put("plugin_name", plugin(spec));
        }
        return body;
    }

    private static ObjectNode port(String name, String type, boolean required) {
        return Json.object()
                .put("name", name)
                .put("port_type", type)
                .put("required", required)
                .put("description", "")
                .putNull("default_value");
    }
}
