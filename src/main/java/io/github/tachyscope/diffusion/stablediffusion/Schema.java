package io.github.tachyscope.diffusion.stablediffusion;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.tachyscope.diffusion.CommonParameters;
import io.github.tachyscope.diffusion.ParameterSchema;
import io.github.tachyscope.diffusion.ParameterSpec;
import io.github.tachyscope.diffusion.ParameterSpec.Kind;
import io.github.tachyscope.diffusion.sd.model.ModelParameters;
import io.github.tachyscope.diffusion.sd.model.ModelRequest;
import io.github.tachyscope.diffusion.sd.sampling.SigmaSampler;
import io.github.tachyscope.diffusion.sd.sampling.SigmaSpacing;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;

/** The parameters: names, ranges, defaults. */
final class Schema {
    static final String VAE = "vae";
    static final String STEPS = "steps";
    static final String GUIDANCE_SCALE = "guidance_scale";
    static final String SAMPLER = "sampler";
    static final String SCHEDULER = "scheduler";
    static final String DENOISE = "denoise";
    static final String START_STEP = "start_step";
    static final String END_STEP = "end_step";
    static final String ADD_NOISE = "add_noise";
    static final String LEFTOVER_NOISE = "leftover_noise";
    static final String CLIP_SKIP = "clip_skip";
    static final String PREDICTION = "prediction";
    static final String ZERO_TERMINAL_SNR = "zero_terminal_snr";

    /** What {@link #PREDICTION} is where the model's own meaning counts. */
    static final String MODEL = "model";

    static final String CONSISTENT = "lcm";
    static final List<String> PREDICTIONS = List.of(MODEL, "eps", "v_prediction", "x0", CONSISTENT);

    static final int SIDE = 512;
    static final int MIN_SIDE = 64;
    static final int MAX_SIDE = 2048;
    static final long SEED = 42;

    /** A schedule is computed anew when it changes; more steps than this gain nothing with any sampler. */
    static final int MOST_STEPS = 10_000;

    /** More than any published text encoder has layers. */
    private static final int MOST_SKIPPED = 47;

    private static final BigInteger MOST_SEED = BigInteger.ONE.shiftLeft(64).subtract(BigInteger.ONE);
    private static final int MAX_NAME = 500;

    private Schema() {}

    static ParameterSchema parameters() {
        List<ParameterSpec> all = new ArrayList<>();
        load(all);
        all.add(CommonParameters.prompts());
        all.add(CommonParameters.promptInterpolationMethod());
        all.add(CommonParameters.transition());
        all.add(ModelParameters.negativePrompt("unless guidance_scale is 1"));
        all.add(ModelParameters.promptWeighting());
        all.add(ModelParameters.sticky(
                CLIP_SKIP,
                "CLIP Skip",
                CommonParameters.integer(
                        "Layers that the text encoders leave out at their end; SDXL leaves out one in any case",
                        0,
                        0,
                        MOST_SKIPPED)));
        sampling(all);
        meaning(all);
        all.add(CommonParameters.loraScales());
        return new ParameterSchema(all);
    }

    private static void load(List<ParameterSpec> all) {
        all.add(ModelParameters.model("stable-diffusion-v1-5/stable-diffusion-v1-5"));
        all.addAll(CommonParameters.resolution(SIDE, SIDE, ModelParameters.MULTIPLE, MIN_SIDE, MAX_SIDE));
        all.add(ModelParameters.acceleration());
        all.add(new ParameterSpec(
                VAE,
                Kind.LOAD,
                ModelParameters.shown(
                        "Autoencoder",
                        ModelParameters.node(
                                        "string",
                                        "full for the model's own autoencoder, tiny for the fast one,"
                                                + " or the repository id or folder of another full one")
                                .put("default", ModelRequest.FULL)
                                .put("maxLength", MAX_NAME))));
        all.addAll(ModelParameters.loras());
    }

    private static void sampling(List<ParameterSpec> all) {
        ObjectNode seed = ModelParameters.node(
                        "integer",
                        "Seed of the random numbers; also accepted as seed. Picture i gets row i of its noise")
                .put("default", SEED)
                .put("minimum", 0)
                .put("maximum", MOST_SEED);
        all.add(ModelParameters.sticky(CommonParameters.BASE_SEED, "Seed", seed));
        all.add(ModelParameters.sticky(
                STEPS,
                "Steps",
                ranged("integer", "Steps of the schedule; usually 20, or as few as the model needs", 1)
                        .put("maximum", MOST_STEPS)));
        all.add(ModelParameters.sticky(
                GUIDANCE_SCALE,
                "Guidance",
                ranged("number", "How strictly the prompt is followed; 1 for none, which halves the work", 0)
                        .put("maximum", 100)));
        all.add(ModelParameters.sticky(
                SAMPLER,
                "Sampler",
                ModelParameters.choice(
                        "How a picture gets from one noise level to the next", SigmaSampler.Kind.wireNames())));
        all.add(ModelParameters.sticky(
                SCHEDULER, "Schedule", ModelParameters.choice("How the noise levels lie", SigmaSpacing.wireNames())));
        all.add(ModelParameters.sticky(
                DENOISE,
                "Denoise",
                ranged("number", "How much of the picture is made anew: usually 1 from text, 0.6 from pictures", 0)
                        .put("maximum", 1)));
        all.add(ModelParameters.sticky(
                START_STEP,
                "First Step",
                CommonParameters.integer("Where in the schedule a picture begins", 0, 0, MOST_STEPS)));
        all.add(ModelParameters.sticky(
                END_STEP,
                "Last Step",
                CommonParameters.integer("Where in the schedule it ends", MOST_STEPS, 0, MOST_STEPS)));
        all.add(ModelParameters.sticky(
                ADD_NOISE, "Add Noise", CommonParameters.bool("Whether a picture begins with noise", true)));
        all.add(ModelParameters.sticky(
                LEFTOVER_NOISE,
                "Leave Noise",
                CommonParameters.bool("Whether a picture that ends early keeps the noise that is left", false)));
    }

    private static void meaning(List<ParameterSpec> all) {
        all.add(ModelParameters.sticky(
                PREDICTION,
                "Prediction",
                ModelParameters.choice(
                        "What the denoiser's output means: what the model's configuration says, or noise, velocity, the"
                                + " clean picture, noise of a latent consistency model",
                        MODEL,
                        PREDICTIONS)));
        all.add(ModelParameters.sticky(
                ZERO_TERMINAL_SNR,
                "Zero Terminal SNR",
                ModelParameters.node(
                        "boolean",
                        "Whether the schedule is rescaled to end without any signal; usually what the model's"
                                + " configuration says")));
    }

    private static ObjectNode ranged(String type, String description, int least) {
        return ModelParameters.node(type, description).put("minimum", least);
    }
}
