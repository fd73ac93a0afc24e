package io.github.tachyscope.diffusion.streamdiffusion;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.tachyscope.diffusion.CommonParameters;
import io.github.tachyscope.diffusion.ParameterSchema;
import io.github.tachyscope.diffusion.ParameterSpec;
import io.github.tachyscope.diffusion.ParameterSpec.Kind;
import io.github.tachyscope.diffusion.sd.model.ModelParameters;
import io.github.tachyscope.diffusion.sd.sampling.Guidance;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** The parameters: names, ranges, defaults. */
final class Schema {
    static final String USE_LCM_LORA = "use_lcm_lora";
    static final String USE_TAESD = "use_taesd";
    static final String FRAME_BUFFER_SIZE = "frame_buffer_size";
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
    static final long SEED = 42;

    /** Length of the grid that LCM distillation used; also how fine a schedule can be. */
    static final int MOST_STEPS = 50;

    /** Rows of one session in a call of the denoiser; more steps than this gain nothing in live video. */
    static final int MOST_INDICES = 8;

    /** Frames that enter the stream batch together; each waits for the others. */
    static final int MOST_FRAMES = 4;

    /** Seeds of one mixture; each is drawn when it changes. */
    static final int MOST_SEEDS = 16;

    private Schema() {}

    static ParameterSchema parameters() {
        List<ParameterSpec> all = new ArrayList<>();
        load(all);
        all.add(CommonParameters.prompts());
        all.add(CommonParameters.promptInterpolationMethod());
        all.add(CommonParameters.transition());
        all.add(ModelParameters.negativePrompt("with cfg_type full and initialize"));
        all.add(ModelParameters.promptWeighting());
        steps(all);
        guidance(all);
        seeds(all);
        filter(all);
        all.add(CommonParameters.loraScales());
        return new ParameterSchema(all);
    }

    private static void load(List<ParameterSpec> all) {
        all.add(ModelParameters.model("stabilityai/sd-turbo"));
        all.addAll(CommonParameters.resolution(SIDE, SIDE, ModelParameters.MULTIPLE, MIN_SIDE, MAX_SIDE));
        all.add(ModelParameters.acceleration());
        all.add(new ParameterSpec(
                USE_LCM_LORA,
                Kind.LOAD,
                ModelParameters.shown(
                        "LCM LoRA",
                        CommonParameters.bool(
                                "Merge the LCM LoRA of"
                                        + " the model's family, so that a few steps are enough; models that need none go without",
                                true))));
        all.add(new ParameterSpec(
                USE_TAESD,
                Kind.LOAD,
                ModelParameters.shown(
                        "Tiny Autoencoder",
                        CommonParameters.bool(
                                "Use the tiny autoencoder (fast) instead of the model's own (finer)", true))));
        all.add(new ParameterSpec(
                FRAME_BUFFER_SIZE,
                Kind.LOAD,
                ModelParameters.shown(
                        "Frame Buffer",
                        CommonParameters.integer(
                                "Frames that are worked on side by side; more throughput, more delay",
                                1,
                                1,
                                MOST_FRAMES))));
        all.addAll(ModelParameters.loras());
    }

    private static void steps(List<ParameterSpec> all) {
        sticky(
                all,
                NUM_INFERENCE_STEPS,
                "Schedule Length",
                CommonParameters.integer(
                        "Length of the LCM schedule that t_index_list points into", MOST_STEPS, 1, MOST_STEPS));
        ObjectNode indices = ModelParameters.node(
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
                ModelParameters.node(
                                "number",
                                "How much of the picture is made anew; moves the steps, their number" + " stays")
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
                ModelParameters.choice(
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
                ModelParameters.choice(
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
        ObjectNode list = ModelParameters.node(
                        "array", "Several seeds whose noise is mixed, {seed, weight}; empty for base_seed alone")
                .put("maxItems", MOST_SEEDS);
        list.putObject("items").put("type", "object");
        sticky(all, SEED_LIST, "Seeds", list);
        sticky(
                all,
                SEED_INTERPOLATION_METHOD,
                "Seed Blending",
                ModelParameters.choice(
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
        all.add(ModelParameters.sticky(name, label, schema));
    }

    private static void video(List<ParameterSpec> all, String name, String label, ObjectNode schema) {
        ParameterSpec parameter = ModelParameters.sticky(name, label, schema);
        schema.withObject("/ui").putArray("modes").add("video");
        all.add(parameter);
    }

    static String wireName(Guidance guidance) {
        return guidance.name().toLowerCase(Locale.ROOT);
    }
}
