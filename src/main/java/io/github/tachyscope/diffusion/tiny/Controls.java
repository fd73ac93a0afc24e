package io.github.tachyscope.diffusion.tiny;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.tachyscope.diffusion.CommonParameters;
import io.github.tachyscope.diffusion.InputMode;
import io.github.tachyscope.diffusion.ModeDefaults;
import io.github.tachyscope.diffusion.ParameterRejected;
import io.github.tachyscope.diffusion.Parameters;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The sticky parameters, read.
 *
 * @param timesteps descending; in video mode only their ratios to the first count
 * @param noiseScale 0 to 1
 * @param cameraSmoothing share of the past in the temporal mean of the camera, 0 for none
 */
record Controls(
        long seed,
        List<Integer> timesteps,
        double noiseScale,
        boolean controller,
        boolean manageCache,
        boolean slerp,
        double cameraSmoothing) {
    static final String CAMERA_SMOOTHING = "camera_smoothing";

    /** @throws ParameterRejected if the step list cannot be honoured in this mode */
    static Controls of(Parameters parameters, InputMode mode, ModeDefaults defaults) {
        return new Controls(
                parameters
                        .value(CommonParameters.BASE_SEED)
                        .map(JsonNode::asLong)
                        .orElse(TinyProvider.SEED),
                timesteps(parameters, mode, defaults).orElse(defaults.denoisingSteps()),
                parameters
                        .value(CommonParameters.NOISE_SCALE)
                        .map(JsonNode::asDouble)
                        .or(defaults::noiseScale)
                        .orElse(1.0),
                flag(parameters, CommonParameters.NOISE_CONTROLLER, false),
                flag(parameters, CommonParameters.MANAGE_CACHE, true),
                parameters
                        .value(CommonParameters.PROMPT_INTERPOLATION_METHOD)
                        .map(JsonNode::asText)
                        .filter("slerp"::equals)
                        .isPresent(),
                parameters.value(CAMERA_SMOOTHING).map(JsonNode::asDouble).orElse(0.0));
    }

    private static boolean flag(Parameters parameters, String name, boolean preset) {
        return parameters.value(name).map(node -> node.asBoolean(preset)).orElse(preset);
    }

    private static Optional<List<Integer>> timesteps(Parameters parameters, InputMode mode, ModeDefaults defaults) {
        Optional<List<Integer>> atRuntime = list(parameters, CommonParameters.DENOISING_STEP_LIST, mode, defaults);
        return atRuntime.isPresent() ? atRuntime : list(parameters, CommonParameters.DENOISING_STEPS, mode, defaults);
    }

    private static Optional<List<Integer>> list(
            Parameters parameters, String name, InputMode mode, ModeDefaults defaults) {
        Optional<JsonNode> given = parameters.value(name).filter(node -> node.isArray() && !node.isEmpty());
        if (given.isEmpty()) {
            return Optional.empty();
        }
        List<Integer> steps = new ArrayList<>();
        given.get().forEach(step -> steps.add(step.asInt()));
        int most = defaults.mostDenoisingSteps();
        if (steps.size() > most) {
            throw new ParameterRejected(
                    name,
                    name + " may have at most " + most + " timesteps in " + mode.wireName() + " mode, not "
                            + steps.size());
        }
        return Optional.of(List.copyOf(steps));
    }
}
