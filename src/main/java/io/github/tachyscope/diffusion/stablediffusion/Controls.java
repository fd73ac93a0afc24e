package io.github.tachyscope.diffusion.stablediffusion;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.tachyscope.diffusion.CommonParameters;
import io.github.tachyscope.diffusion.InputMode;
import io.github.tachyscope.diffusion.ParameterRejected;
import io.github.tachyscope.diffusion.Parameters;
import io.github.tachyscope.diffusion.sd.model.Base;
import io.github.tachyscope.diffusion.sd.model.Distillation;
import io.github.tachyscope.diffusion.sd.model.ModelParameters;
import io.github.tachyscope.diffusion.sd.model.SdModel;
import io.github.tachyscope.diffusion.sd.sampling.NoiseTable;
import io.github.tachyscope.diffusion.sd.sampling.Prediction;
import io.github.tachyscope.diffusion.sd.sampling.SigmaModel;
import io.github.tachyscope.diffusion.sd.sampling.SigmaPath;
import io.github.tachyscope.diffusion.sd.sampling.SigmaSampler;
import io.github.tachyscope.diffusion.sd.sampling.SigmaSpacing;

/**
 * The sticky parameters, read.
 *
 * @param plan how a picture that begins now is made
 * @param guidance scale; 1 for none
 * @param slerp whether two prompts are blended along the arc
 * @param weighting whether the syntax of prompts counts
 * @param clipSkip layers that the text encoders leave out besides those that they always do
 */
record Controls(PicturePlan plan, double guidance, boolean slerp, String negative, boolean weighting, int clipSkip) {
    private static final double OF_A_PICTURE = 0.6;

    /** What is usual with a model. */
    private record Usual(int steps, double guidance, SigmaSampler.Kind sampler, SigmaSpacing spacing) {
        static Usual of(Distillation distillation) {
            return switch (distillation) {
                case NONE -> new Usual(20, 7, SigmaSampler.Kind.EULER, SigmaSpacing.NORMAL);
                case ONE_STEP -> new Usual(1, 1, SigmaSampler.Kind.EULER_ANCESTRAL, SigmaSpacing.SGM_UNIFORM);
                case FEW_STEPS -> new Usual(4, 1, SigmaSampler.Kind.LCM, SigmaSpacing.SGM_UNIFORM);
            };
        }
    }

    /** @throws ParameterRejected if a value cannot be honoured; names it and what is allowed */
    static Controls of(Parameters sticky, InputMode mode, SdModel model) {
        Usual usual = Usual.of(model.distillation());
        return new Controls(
                plan(sticky, mode, model, usual),
                number(sticky, Schema.GUIDANCE_SCALE, usual.guidance()),
                text(sticky, CommonParameters.PROMPT_INTERPOLATION_METHOD, "linear")
                        .equals("slerp"),
                text(sticky, ModelParameters.NEGATIVE_PROMPT, ""),
                flag(sticky, ModelParameters.PROMPT_WEIGHTING, true),
                clipSkip(sticky, model));
    }

    /** Counted from the last layer, which SDXL leaves out in any case. */
    private static int clipSkip(Parameters sticky, SdModel model) {
        int always = model.base() == Base.SDXL ? 1 : 0;
        int wanted = whole(sticky, Schema.CLIP_SKIP, 0);
        int most = model.texts().mostSkipped() + always;
        if (wanted > most) {
            throw new ParameterRejected(
                    Schema.CLIP_SKIP,
                    Schema.CLIP_SKIP + " must be between 0 and " + most + " with this model, not " + wanted);
        }
        return Math.max(0, wanted - always);
    }

    private static PicturePlan plan(Parameters sticky, InputMode mode, SdModel model, Usual usual) {
        NoiseTable schedule = model.schedule();
        String meaning = text(sticky, Schema.PREDICTION, Schema.MODEL);
        SigmaModel sigmas = SigmaModel.of(
                schedule,
                prediction(meaning, schedule.prediction()),
                meaning.equals(Schema.CONSISTENT),
                flag(sticky, Schema.ZERO_TERMINAL_SNR, schedule.zeroTerminal()));
        SigmaPath path = SigmaPath.of(
                sigmas.table(),
                sticky.value(Schema.SCHEDULER)
                        .map(JsonNode::asText)
                        .map(SigmaSpacing::of)
                        .orElse(usual.spacing()),
                new SigmaPath.Part(
                        whole(sticky, Schema.STEPS, usual.steps()),
                        number(sticky, Schema.DENOISE, mode == InputMode.TEXT ? 1 : OF_A_PICTURE),
                        whole(sticky, Schema.START_STEP, 0),
                        whole(sticky, Schema.END_STEP, Schema.MOST_STEPS),
                        flag(sticky, Schema.LEFTOVER_NOISE, false)));
        SigmaSampler.Kind sampler = sticky.value(Schema.SAMPLER)
                .map(JsonNode::asText)
                .map(SigmaSampler.Kind::of)
                .orElse(usual.sampler());
        return new PicturePlan(
                sigmas,
                path,
                sampler.along(path),
                // Seeds are read without a sign: all 64 bits count.
                sticky.value(CommonParameters.BASE_SEED)
                        .map(seed -> seed.bigIntegerValue().longValue())
                        .orElse(Schema.SEED),
                flag(sticky, Schema.ADD_NOISE, true));
    }

    private static Prediction prediction(String meaning, Prediction own) {
        return switch (meaning) {
            case "eps", Schema.CONSISTENT -> Prediction.EPSILON;
            case "v_prediction" -> Prediction.V;
            case "x0" -> Prediction.SAMPLE;
            default -> own;
        };
    }

    /** Rows of the denoiser for one picture. */
    int rows() {
        return guidance == 1 ? 1 : 2;
    }

    private static boolean flag(Parameters parameters, String name, boolean preset) {
        return parameters.value(name).map(node -> node.asBoolean(preset)).orElse(preset);
    }

    private static double number(Parameters parameters, String name, double preset) {
        return parameters.value(name).map(node -> node.asDouble(preset)).orElse(preset);
    }

    private static int whole(Parameters parameters, String name, int preset) {
        return parameters.value(name).map(node -> node.asInt(preset)).orElse(preset);
    }

    private static String text(Parameters parameters, String name, String preset) {
        return parameters.value(name).map(node -> node.asText(preset)).orElse(preset);
    }
}
