package io.github.tachyscope.diffusion.sd.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.tachyscope.diffusion.CommonParameters;
import io.github.tachyscope.diffusion.ParameterRejected;
import io.github.tachyscope.diffusion.ParameterSpec;
import io.github.tachyscope.diffusion.ParameterSpec.Kind;
import io.github.tachyscope.diffusion.Parameters;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The parameters that the pipelines of the Stable Diffusion family have in common: names, ranges, defaults. */
public final class ModelParameters {
    public static final String MODEL = "model_id_or_path";
    public static final String ACCELERATION = "acceleration";
    public static final String LORAS = "loras";
    public static final String LORA_MERGE_MODE = "lora_merge_mode";
    public static final String NEGATIVE_PROMPT = "negative_prompt";
    public static final String PROMPT_WEIGHTING = "prompt_weighting";

    /** Sides of pictures are multiples of the autoencoder's reduction. */
    public static final int MULTIPLE = 8;

    static final String PERMANENT = "permanent_merge";
    static final String RUNTIME = "runtime_peft";
    static final List<String> MERGE_MODES = List.of(PERMANENT, RUNTIME);

    /** Adapters of one model; each holds its factors in memory. */
    private static final int MAX_LORAS = 16;

    private static final int MAX_PROMPT = 5000;
    private static final double MOST_SCALE = 10;

    private ModelParameters() {}

    public static ParameterSpec model(String preset) {
        return new ParameterSpec(
                MODEL,
                Kind.LOAD,
                shown(
                        "Model",
                        text("Repository id or folder below the models directory:"
                                        + " SD 1.5, SD 2.1, SD-Turbo, SDXL, SDXL-Turbo, SDXL-Lightning or another one of these families")
                                .put("default", preset)
                                .put("maxLength", 500)));
    }

    public static ParameterSpec acceleration() {
        return new ParameterSpec(
                ACCELERATION,
                Kind.LOAD,
                shown(
                        "Acceleration",
                        choice(
                                "How the denoiser computes: none (as stored), channels_last (the same numbers, faster on most devices),"
                                        + " bf16 (half the memory, all networks rounded to bfloat16)",
                                Acceleration.CHANNELS_LAST.wireName(),
                                Acceleration.wireNames())));
    }

    public static List<ParameterSpec> loras() {
        ObjectNode loras = node("array", "LoRA files: {path, scale, text_scale, merge_mode}")
                .put("maxItems", MAX_LORAS);
        loras.putObject("items").put("type", "object");
        loras.putObject("ui").put("component", "lora");
        return List.of(
                new ParameterSpec(LORAS, Kind.LOAD, loras),
                new ParameterSpec(
                        LORA_MERGE_MODE,
                        Kind.LOAD,
                        shown(
                                "LoRA Merge",
                                choice(
                                        "Whether LoRAs become part of the weights or keep a scale that lora_scales changes",
                                        PERMANENT,
                                        MERGE_MODES))));
    }

    /** @param when it counts, as the end of a sentence */
    public static ParameterSpec negativePrompt(String when) {
        return sticky(
                NEGATIVE_PROMPT,
                "Negative Prompt",
                text("What pictures should not show; counts " + when)
                        .put("default", "")
                        .put("maxLength", MAX_PROMPT));
    }

    public static ParameterSpec promptWeighting() {
        return sticky(
                PROMPT_WEIGHTING,
                "Prompt Weighting",
                CommonParameters.bool(
                        "Whether word+, (some words)1.3 and"
                                + " (\"a\", \"b\").blend(0.7, 0.3) in a prompt are weights; else they are taken as they stand",
                        true));
    }

    public static ParameterSpec sticky(String name, String label, ObjectNode schema) {
        return new ParameterSpec(name, Kind.STICKY, shown(label, schema));
    }

    public static ObjectNode shown(String label, ObjectNode schema) {
        schema.putObject("ui").put("label", label);
        return schema;
    }

    private static ObjectNode text(String description) {
        return node("string", description);
    }

    public static ObjectNode choice(String description, String preset, List<String> values) {
        return choice(description, values).put("default", preset);
    }

    /** Without a default: what is usual depends on the model. */
    public static ObjectNode choice(String description, List<String> values) {
        ObjectNode schema = node("string", description);
        values.forEach(schema.putArray("enum")::add);
        return schema;
    }

    public static ObjectNode node(String type, String description) {
        return JsonNodeFactory.instance.objectNode().put("type", type).put("description", description);
    }

    /** The scale of an adapter; empty if it is out of range. */
    static Optional<Double> scale(JsonNode value, double preset) {
        if (value.isMissingNode() || value.isNull()) {
            return Optional.of(preset);
        }
        double scale = value.doubleValue();
        return value.isNumber() && Math.abs(scale) <= MOST_SCALE ? Optional.of(scale) : Optional.empty();
    }

    /**
     * The scales after a patch.
     *
     * @throws ParameterRejected if one is out of range
     */
    public static Scales rescaled(Scales scales, Parameters patch, Adapters adapters) {
        Map<String, Double> changes = new HashMap<>();
        patch.value(CommonParameters.LORA_SCALES)
                .ifPresent(list -> list.forEach(item -> {
                    double scale = scale(item.path("scale"), 1)
                            .orElseThrow(() -> new ParameterRejected(
                                    CommonParameters.LORA_SCALES,
                                    CommonParameters.LORA_SCALES
                                            + " needs a scale between -10 and 10 in each item, not " + item));
                    adapters.named(item.path("path").asText()).ifPresent(adapter -> changes.put(adapter, scale));
                }));
        return changes.isEmpty() ? scales : scales.with(changes);
    }
}
