package io.github.tachyscope.diffusion.streamdiffusion;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.tachyscope.diffusion.CommonParameters;
import io.github.tachyscope.diffusion.ParameterSchema;
import io.github.tachyscope.diffusion.ParameterSpec;
import io.github.tachyscope.diffusion.ParameterSpec.Kind;
import io.github.tachyscope.diffusion.sd.sampling.Guidance;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The parameters: names, ranges, defaults. */
final class Schema {
    static final String MODEL = "model_id_or_path";
    static final String ACCELERATION = "acceleration";
    static final String USE_LCM_LORA = "use_lcm_lora";
    static final String USE_TAESD = "use_taesd";
    static final String FRAME_BUFFER_SIZE = "frame_buffer_size";
    static final String LORAS = "loras";
    static final String LORA_MERGE_MODE = "lora_merge_mode";
    static final String PERMANENT = "permanent_merge";
    static final String RUNTIME = "runtime_peft";
    static final List<String> MERGE_MODES = List.of(PERMANENT, RUNTIME);

    static final String NEGATIVE_PROMPT = "negative_prompt";
    static final String PROMPT_WEIGHTING = "prompt_weighting";
    static final String GUIDANCE_SCALE = "guidance_scale";
    static final String CFG_TYPE = "cfg_type";
    static final String DELTA = "delta";
    static final String NUM_INFERENCE_STEPS = "num_inference_steps";
    static final String T_INDEX_LIST = "t_index_list";
    static final String STRENGTH = "strength";
    static final String DO_ADD_NOISE = "do_add_noise";
    static final String USE_DENOISING_BATCH = "use_denoising_batch";
    static final String SAMPLER = "sampler";
    static final String IMAGE_LOOPBACK = "image_loopback";
    static final String SEED_LIST = "seed_list";
    static final String SEED_INTERPOLATION_METHOD = "seed_interpolation_method";
    static final String FILTER_ENABLED = "similar_image_filter_enabled";
    static final String FILTER_THRESHOLD = "similar_image_filter_threshold";
    static final String FILTER_MAX_SKIPS = "similar_image_filter_max_skip_frame";

    static final int SIDE = 512;
    static final int MIN_SIDE = 128;
    static final int MAX_SIDE = 2048;
    static final int MULTIPLE = 8;
    static final long SEED = 42;

    /** Length of the grid that LCM distillation used; also how fine a schedule can be. */
    static final int MOST_STEPS = 50;

    /** Rows of one session in a call of the denoiser; more steps than this gain nothing in live video. */
    static final int MOST_INDICES = 8;

    /** Frames that enter the stream batch together; each waits for the others. */
    static final int MOST_FRAMES = 4;

    /** Seeds of one mixture; each is drawn when it changes. */
    static final int MOST_SEEDS = 16;

    private static final int MAX_PROMPT = 5000;
    private static final double MOST_SCALE = 10;

    private Schema() {}

    static ParameterSchema parameters() {
        List<ParameterSpec> all = new ArrayList<>();
        load(all);
        all.add(CommonParameters.prompts());
        all.add(CommonParameters.promptInterpolationMethod());
        all.add(CommonParameters.transition());
        sticky(
                all,
                NEGATIVE_PROMPT,
                "Negative Prompt",
                text("What pictures should not show; counts with cfg_type full and" + " initialize")
                        .put("default", "")
                        .put("maxLength", MAX_PROMPT));
        sticky(
                all,
                PROMPT_WEIGHTING,
                "Prompt Weighting",
                CommonParameters.bool(
                        "Whether word+, (some words)1.3 and"
                                + " (\"a\", \"b\").blend(0.7, 0.3) in a prompt are weights; else they are taken as they stand",
                        true));
        steps(all);
        guidance(all);
        seeds(all);
        filter(all);
        all.add(CommonParameters.loraScales());
        return new ParameterSchema(all);
    }

    private static void load(List<ParameterSpec> all) {
        all.add(new ParameterSpec(
                MODEL,
                Kind.LOAD,
                shown(
                        "Model",
                        text("Repository id or folder below the models directory:"
                                        + " SD 1.5, SD 2.1, SD-Turbo, SDXL, SDXL-Turbo, SDXL-Lightning or another one of these families")
                                .put("default", "stabilityai/sd-turbo")
                                .put("maxLength", 500))));
        all.addAll(CommonParameters.resolution(SIDE, SIDE, MULTIPLE, MIN_SIDE, MAX_SIDE));
        all.add(new ParameterSpec(
                ACCELERATION,
                Kind.LOAD,
                shown(
                        "Acceleration",
                        choice(
                                "How the denoiser computes: none (as stored), channels_last (the same numbers, faster on most devices),"
                                        + " bf16 (half the memory, all networks rounded to bfloat16)",
                                Acceleration.CHANNELS_LAST.wireName(),
                                Acceleration.wireNames()))));
        all.add(new ParameterSpec(
                USE_LCM_LORA,
                Kind.LOAD,
                shown(
                        "LCM LoRA",
                        CommonParameters.bool(
                                "Merge the LCM LoRA of"
                                        + " the model's family, so that a few steps are enough; models that need none go without",
                                true))));
        all.add(new ParameterSpec(
                USE_TAESD,
                Kind.LOAD,
                shown(
                        "Tiny Autoencoder",
                        CommonParameters.bool(
                                "Use the tiny autoencoder (fast) instead of the model's own (finer)", true))));
        all.add(new ParameterSpec(
                FRAME_BUFFER_SIZE,
                Kind.LOAD,
                shown(
                        "Frame Buffer",
                        CommonParameters.integer(
                                "Frames that are worked on side by side; more throughput, more delay",
                                1,
                                1,
                                MOST_FRAMES))));
        ObjectNode loras =
                node("array", "LoRA files: {path, scale, merge_mode}").put("maxItems", LoadRequest.MAX_LORAS);
        loras.putObject("items").put("type", "object");
        loras.putObject("ui").put("component", "lora");
        all.add(new ParameterSpec(LORAS, Kind.LOAD, loras));
        all.add(new ParameterSpec(
                LORA_MERGE_MODE,
                Kind.LOAD,
                shown(
                        "LoRA Merge",
                        choice(
                                "Whether LoRAs become part of the weights or keep a scale that lora_scales changes",
                                PERMANENT,
                                MERGE_MODES))));
    }

    private static void steps(List<ParameterSpec> all) {
        sticky(
                all,
                NUM_INFERENCE_STEPS,
                "Schedule Length",
                CommonParameters.integer(
                        "Length of the LCM schedule that t_index_list points into", MOST_STEPS, 1, MOST_STEPS));
        ObjectNode indices = node(
                        "array",
                        "Which steps of the schedule are taken, rising; lower first values change more."
                                + " The last of t_index_list and strength that was set counts")
                .put("minItems", 1)
                .put("maxItems", MOST_INDICES);
        indices.putObject("items").put("type", "integer").put("minimum", 0).put("maximum", MOST_STEPS - 1);
        indices.putArray("examples").addArray().add(32).add(45);
        sticky(all, T_INDEX_LIST, "Steps", indices);
        sticky(
                all,
                STRENGTH,
                "Strength",
                node("number", "How much of the picture is made anew; moves the steps, their number" + " stays")
                        .put("minimum", 0)
                        .put("maximum", 1));
        sticky(all, DO_ADD_NOISE, "Add Noise", CommonParameters.bool("Fresh noise between the steps", true));
        sticky(
                all,
                USE_DENOISING_BATCH,
                "Stream Batch",
                CommonParameters.bool(
                        "Steps of neighbouring frames in one call of"
                                + " the denoiser: one call per frame, with a delay of as many frames as there are further steps",
                        true));
        sticky(
                all,
                SAMPLER,
                "Sampler",
                choice(
                        "lcm is what the stream batch is made of; with euler (SDXL-Lightning) and euler_ancestral (Turbo models)"
                                + " every frame takes its steps alone, and only cfg_type full guides",
                        Sampler.LCM.wireName(),
                        Sampler.wireNames()));
        sticky(
                all,
                IMAGE_LOOPBACK,
                "Loopback",
                CommonParameters.bool(
                        "The last picture made is the next input, instead of the camera's or of noise", false));
    }

    private static void guidance(List<ParameterSpec> all) {
        sticky(
                all,
                GUIDANCE_SCALE,
                "Guidance",
                CommonParameters.number("How strictly the prompt is followed; up to 1 there is no guidance", 0, 0, 8));
        sticky(
                all,
                CFG_TYPE,
                "Guidance Type",
                choice(
                        "What the prompt is contrasted with: nothing, the input (self), the"
                                + " negative prompt once per frame (initialize), the negative prompt in every step (full)",
                        "self",
                        Arrays.stream(Guidance.values()).map(Schema::wireName).toList()));
        sticky(
                all,
                DELTA,
                "Delta",
                CommonParameters.number("Strength of the contrast of cfg_type self and initialize", 1, 0, 2));
    }

    private static void seeds(List<ParameterSpec> all) {
        all.add(CommonParameters.baseSeed(SEED));
        ObjectNode list = node("array", "Several seeds whose noise is mixed, {seed, weight}; empty for base_seed alone")
                .put("maxItems", MOST_SEEDS);
        list.putObject("items").put("type", "object");
        sticky(all, SEED_LIST, "Seeds", list);
        sticky(
                all,
                SEED_INTERPOLATION_METHOD,
                "Seed Blending",
                choice(
                        "How the noise of seed_list is mixed; slerp is for exactly two",
                        "slerp",
                        List.of("slerp", "linear")));
    }

    private static void filter(List<ParameterSpec> all) {
        video(
                all,
                FILTER_ENABLED,
                "Skip Similar Frames",
                CommonParameters.bool("Show the last picture again while the camera's hardly changes", false));
        video(
                all,
                FILTER_THRESHOLD,
                "Similarity",
                CommonParameters.number("Cosine similarity from which on frames are skipped", 0.98, 0, 1));
        video(
                all,
                FILTER_MAX_SKIPS,
                "Most Skips",
                CommonParameters.integer("Frames skipped in a row at most", 10, 0, 1000));
    }

    private static void sticky(List<ParameterSpec> all, String name, String label, ObjectNode schema) {
        all.add(new ParameterSpec(name, Kind.STICKY, shown(label, schema)));
    }

    private static void video(List<ParameterSpec> all, String name, String label, ObjectNode schema) {
        shown(label, schema).withObject("/ui").putArray("modes").add("video");
        all.add(new ParameterSpec(name, Kind.STICKY, schema));
    }

    private static ObjectNode shown(String label, ObjectNode schema) {
        schema.putObject("ui").put("label", label);
        return schema;
    }

    private static ObjectNode text(String description) {
        return node("string", description);
    }

    private static ObjectNode choice(String description, String preset, List<String> values) {
        ObjectNode schema = node("string", description).put("default", preset);
        values.forEach(schema.putArray("enum")::add);
        return schema;
    }

    private static ObjectNode node(String type, String description) {
        return JsonNodeFactory.instance.objectNode().put("type", type).put("description", description);
    }

    static String wireName(Guidance guidance) {
        return guidance.name().toLowerCase(Locale.ROOT);
    }

    /** The scale of an adapter; empty if it is out of range. */
    static Optional<Double> scale(JsonNode value, double preset) {
        if (value.isMissingNode() || value.isNull()) {
            return Optional.of(preset);
        }
        double scale = value.doubleValue();
        return value.isNumber() && Math.abs(scale) <= MOST_SCALE ? Optional.of(scale) : Optional.empty();
    }
}
