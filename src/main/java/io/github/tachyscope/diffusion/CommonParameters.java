package io.github.tachyscope.diffusion;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.tachyscope.diffusion.ParameterSpec.Kind;
import io.github.tachyscope.frame.PictureSize;
import java.util.List;

/** The parameters that pipelines have in common, so that one name means the same everywhere. */
public final class CommonParameters {
    public static final String SEED = "seed";
    public static final String BASE_SEED = "base_seed";
    public static final String WIDTH = "width";
    public static final String HEIGHT = "height";
    public static final String DENOISING_STEPS = "denoising_steps";
    public static final String DENOISING_STEP_LIST = "denoising_step_list";
    public static final String NOISE_SCALE = "noise_scale";
    public static final String NOISE_CONTROLLER = "noise_controller";
    public static final String MANAGE_CACHE = "manage_cache";
    public static final String PROMPT_INTERPOLATION_METHOD = "prompt_interpolation_method";
    public static final String KV_CACHE_ATTENTION_BIAS = "kv_cache_attention_bias";
    public static final String LORA_SCALES = "lora_scales";

    /** A {@link PreviewMethod}. For the job layer, not for people: it stands in no schema and is not checked. */
    public static final String PREVIEW_METHOD = "preview_method";

    private CommonParameters() {}

    /** Output width and height, rounded down to a multiple. */
    public static List<ParameterSpec> resolution(int width, int height, int multiple, int least, int most) {
        return List.of(
                new ParameterSpec(
                        HEIGHT, Kind.LOAD, dimension("Output height in pixels", height, multiple, least, most)),
                new ParameterSpec(WIDTH, Kind.LOAD, dimension("Output width in pixels", width, multiple, least, most)));
    }

    /** The size that a pipeline with these load-time parameters is loaded for. */
    public static PictureSize size(Parameters loaded, ModeDefaults defaults) {
        return new PictureSize(
                loaded.value(WIDTH).map(JsonNode::asInt).orElse(defaults.width()),
                loaded.value(HEIGHT).map(JsonNode::asInt).orElse(defaults.height()));
    }

    private static ObjectNode dimension(String description, int preset, int multiple, int least, int most) {
        ObjectNode schema = integer(description, preset, least, most).put("multipleOf", multiple);
        schema.putObject("ui").put("component", "resolution");
        return schema;
    }

    public static ParameterSpec baseSeed(long preset) {
        ObjectNode schema = schema("integer", "Seed of the random numbers; also accepted as seed")
                .put("default", preset)
                .put("minimum", 0);
        schema.putObject("ui").put("label", "Seed");
        return new ParameterSpec(BASE_SEED, Kind.STICKY, schema);
    }

    public static ParameterSpec prompts() {
        return prompts(List.of());
    }

    /** @param examples prompts that do something, for clients to offer */
    public static ParameterSpec prompts(List<String> examples) {
        ObjectNode schema = schema("array", "The current prompts and their weights");
        ObjectNode item = schema.putObject("items").put("type", "object");
        ObjectNode fields = item.putObject("properties");
        ObjectNode text = fields.putObject("text").put("type", "string");
        if (!examples.isEmpty()) {
            examples.forEach(text.putArray("examples")::add);
        }
        fields.putObject("weight").put("type", "number").put("minimum", 0).put("default", 1.0);
        item.putArray("required").add("text");
        return new ParameterSpec(Parameters.PROMPTS, Kind.STICKY, schema);
    }

    public static ParameterSpec promptInterpolationMethod() {
        ObjectNode schema = schema("string", "How several prompts are blended").put("default", "linear");
        schema.putArray("enum").add("linear").add("slerp");
        return new ParameterSpec(PROMPT_INTERPOLATION_METHOD, Kind.STICKY, schema);
    }

    public static ParameterSpec transition() {
        ObjectNode schema = schema("object", "Move to other prompts over a number of chunks");
        ObjectNode fields = schema.putObject("properties");
        fields.putObject("target_prompts").put("type", "array");
        fields.putObject("num_steps").put("type", "integer").put("minimum", 0).put("default", 4);
        fields.putObject("temporal_interpolation_method")
                .put("type", "string")
                .put("default", "linear")
                .putArray("enum")
                .add("linear")
                .add("slerp");
        fields.putObject(Parameters.SHOWS_SOURCE).put("type", "boolean").put("default", true);
        return new ParameterSpec(Parameters.TRANSITION, Kind.ONE_SHOT, schema);
    }

    public static ParameterSpec denoisingStepList() {
        ObjectNode schema = schema("array", "Timesteps of the denoiser, descending, each 1 to 1000");
        schema.put("minItems", 1)
                .putObject("items")
                .put("type", "integer")
                .put("minimum", 1)
                .put("maximum", 1000);
        schema.putObject("ui").put("component", "denoising_steps");
        return new ParameterSpec(DENOISING_STEP_LIST, Kind.STICKY, schema);
    }

    /** Initial step list given at load. */
    public static ParameterSpec denoisingSteps() {
        ObjectNode schema = schema("array", "Timesteps that a session starts with");
        schema.put("minItems", 1)
                .putObject("items")
                .put("type", "integer")
                .put("minimum", 1)
                .put("maximum", 1000);
        return new ParameterSpec(DENOISING_STEPS, Kind.LOAD, schema);
    }

    public static ParameterSpec noiseScale(double preset) {
        ObjectNode schema = number("How much noise is mixed into the input video", preset, 0, 1);
        schema.putObject("ui").put("component", "noise").putArray("modes").add("video");
        return new ParameterSpec(NOISE_SCALE, Kind.STICKY, schema);
    }

    public static ParameterSpec noiseController(boolean preset) {
        ObjectNode schema = bool("Derive the noise scale from the motion of the input video", preset);
        schema.putObject("ui").put("component", "noise").putArray("modes").add("video");
        return new ParameterSpec(NOISE_CONTROLLER, Kind.STICKY, schema);
    }

    public static ParameterSpec manageCache() {
        ObjectNode schema = bool("Start afresh by itself when prompt, step list or LoRA scale change", true);
        schema.putObject("ui").put("component", "cache");
        return new ParameterSpec(MANAGE_CACHE, Kind.STICKY, schema);
    }

    public static ParameterSpec resetCache() {
        return new ParameterSpec(
                Parameters.RESET_CACHE, Kind.ONE_SHOT, bool("Forget the past at the next chunk", false));
    }

    public static ParameterSpec kvCacheAttentionBias(double preset) {
        ObjectNode schema = number("Weight of past frames; less means less inertia", preset, 0.01, 1);
        schema.putObject("ui").put("component", "cache");
        return new ParameterSpec(KV_CACHE_ATTENTION_BIAS, Kind.STICKY, schema);
    }

    public static ParameterSpec loraScales() {
        ObjectNode schema = schema("array", "New scales of adapters loaded with runtime_peft");
        schema.putObject("items").put("type", "object");
        return new ParameterSpec(LORA_SCALES, Kind.ONE_SHOT, schema);
    }

    /** A parameter of a pipeline's own: a number in a range. */
    public static ObjectNode number(String description, double preset, double least, double most) {
        return schema("number", description)
                .put("default", preset)
                .put("minimum", least)
                .put("maximum", most);
    }

    public static ObjectNode integer(String description, int preset, int least, int most) {
        return schema("integer", description)
                .put("default", preset)
                .put("minimum", least)
                .put("maximum", most);
    }

    public static ObjectNode bool(String description, boolean preset) {
        return schema("boolean", description).put("default", preset);
    }

    private static ObjectNode schema(String type, String description) {
        return JsonNodeFactory.instance.objectNode().put("type", type).put("description", description);
    }
}
