package io.github.tachyscope.diffusion.streamdiffusion;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.tachyscope.diffusion.CommonParameters;
import io.github.tachyscope.diffusion.InputMode;
import io.github.tachyscope.diffusion.ParameterRejected;
import io.github.tachyscope.diffusion.Parameters;
import io.github.tachyscope.diffusion.sd.model.Distillation;
import io.github.tachyscope.diffusion.sd.model.ModelParameters;
import io.github.tachyscope.diffusion.sd.model.Seeds;
import io.github.tachyscope.diffusion.sd.sampling.Guidance;
import io.github.tachyscope.diffusion.sd.sampling.StreamSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The sticky parameters, read.
 *
 * @param schedule steps of the whole schedule
 * @param indices of the steps that are taken
 * @param streamBatch whether neighbouring frames share a call
 * @param sampler other ones than LCM know no stream batch
 * @param loopback whether the last picture made is the next input
 * @param filter of similar frames, where it is on
 */
record Controls(
        int schedule,
        List<Integer> indices,
        StreamSettings settings,
        boolean streamBatch,
        Sampler sampler,
        boolean loopback,
        Seeds seeds,
        boolean slerp,
        String negative,
        boolean weighting,
        Optional<Filter> filter) {

    /** When a frame counts as similar, and how many in a row are skipped at most. */
    record Filter(double threshold, int maxSkips) {}

    /** @throws ParameterRejected if a value cannot be honoured; names it and what is allowed */
    static Controls of(Parameters sticky, Parameters patch, InputMode mode, Distillation distillation) {
        int schedule = whole(sticky, Schema.NUM_INFERENCE_STEPS, Schema.MOST_STEPS);
        return new Controls(
                schedule,
                indices(sticky, patch, schedule, distillation.steps(mode)),
                new StreamSettings(
                        guidance(sticky, mode),
                        number(sticky, Schema.GUIDANCE_SCALE, 0),
                        number(sticky, Schema.DELTA, 1),
                        flag(sticky, Schema.DO_ADD_NOISE, true)),
                flag(sticky, Schema.USE_DENOISING_BATCH, true),
                Sampler.of(text(sticky, Schema.SAMPLER, Sampler.LCM.wireName())),
                flag(sticky, Schema.IMAGE_LOOPBACK, false),
                seeds(sticky),
                text(sticky, CommonParameters.PROMPT_INTERPOLATION_METHOD, "linear")
                        .equals("slerp"),
                text(sticky, ModelParameters.NEGATIVE_PROMPT, ""),
                flag(sticky, ModelParameters.PROMPT_WEIGHTING, true),
                flag(sticky, Schema.FILTER_ENABLED, false) && mode == InputMode.VIDEO
                        ? Optional.of(new Filter(
                                number(sticky, Schema.FILTER_THRESHOLD, 0.98),
                                whole(sticky, Schema.FILTER_MAX_SKIPS, 10)))
                        : Optional.empty());
    }

    /** Both updates as one; of parameters that exclude each other the later one stays. */
    static Parameters absorb(Parameters sticky, Parameters patch) {
        boolean ofOneSeed = patch.value(CommonParameters.BASE_SEED).isPresent()
                && patch.value(Schema.SEED_LIST).isEmpty();
        Parameters merged = (ofOneSeed ? sticky.without(Schema.SEED_LIST) : sticky).merge(patch);
        // The other way round the list stays: it says how many steps a strength moves.
        return patch.value(Schema.T_INDEX_LIST).isPresent() ? merged.without(Schema.STRENGTH) : merged;
    }

    private static List<Integer> indices(Parameters sticky, Parameters patch, int schedule, List<Integer> usual) {
        List<Integer> indices = new ArrayList<>();
        Optional<JsonNode> given = sticky.value(Schema.T_INDEX_LIST);
        if (given.isPresent()) {
            given.get().forEach(index -> indices.add(index.asInt()));
        } else {
            // A short schedule may have fewer steps than we would take.
            usual.stream().limit(schedule).forEach(index -> indices.add(index * schedule / Schema.MOST_STEPS));
        }
        String culprit =
                patch.value(Schema.T_INDEX_LIST).isPresent() ? Schema.T_INDEX_LIST : Schema.NUM_INFERENCE_STEPS;
        if (indices.size() > schedule) {
            throw new ParameterRejected(
                    culprit, culprit + ": " + indices.size() + " steps do not fit into a schedule of " + schedule);
        }
        Optional<Double> strength = sticky.value(Schema.STRENGTH).map(JsonNode::asDouble);
        if (strength.isPresent()) {
            return spread(strength.get(), indices.size(), schedule);
        }
        for (int i = 0; i < indices.size(); i++) {
            boolean rising = i == 0 || indices.get(i) > indices.get(i - 1);
            if (given.isPresent() && (!rising || indices.get(i) >= schedule)) {
                throw new ParameterRejected(
                        culprit,
                        culprit + ": the indices " + indices + " must rise and each be between 0" + " and "
                                + (schedule - 1));
            }
            if (!rising) {
                return spread(1.0 - (double) indices.get(0) / schedule, indices.size(), schedule);
            }
        }
        return List.copyOf(indices);
    }

    /** The first step at a strength, and the others evenly over what follows. */
    private static List<Integer> spread(double strength, int count, int schedule) {
        int first = Math.max(0, Math.min(schedule - count, (int) Math.round(schedule * (1 - strength))));
        List<Integer> indices = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            indices.add(first + i * (schedule - first) / count);
        }
        return List.copyOf(indices);
    }

    private static Guidance guidance(Parameters sticky, InputMode mode) {
        Guidance wanted = Guidance.valueOf(text(sticky, Schema.CFG_TYPE, "self").toUpperCase(Locale.ROOT));
        // Without an input there is nothing that could be its own negative.
        return mode == InputMode.TEXT && wanted == Guidance.SELF ? Guidance.NONE : wanted;
    }

    private static Seeds seeds(Parameters sticky) {
        Optional<JsonNode> list = sticky.value(Schema.SEED_LIST).filter(seeds -> !seeds.isEmpty());
        if (list.isEmpty()) {
            return Seeds.of(sticky.value(CommonParameters.BASE_SEED)
                    .map(JsonNode::asLong)
                    .orElse(Schema.SEED));
        }
        List<Long> seeds = new ArrayList<>();
        List<Double> weights = new ArrayList<>();
        for (JsonNode item : list.get()) {
            JsonNode seed = item.path("seed");
            double weight = item.hasNonNull("weight") ? item.get("weight").asDouble(Double.NaN) : 1;
            if (!seed.isNumber() || seed.doubleValue() != Math.rint(seed.doubleValue()) || seed.asLong() < 0) {
                throw new ParameterRejected(
                        Schema.SEED_LIST,
                        Schema.SEED_LIST + " needs a whole seed of at least 0 in each item, not " + item);
            }
            if (!Double.isFinite(weight) || weight < 0) {
                throw new ParameterRejected(
                        Schema.SEED_LIST, Schema.SEED_LIST + " needs a weight of at least 0 in each item, not " + item);
            }
            seeds.add(seed.asLong());
            weights.add(weight);
        }
        return new Seeds(
                seeds,
                weights,
                text(sticky, Schema.SEED_INTERPOLATION_METHOD, "slerp").equals("slerp"));
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
