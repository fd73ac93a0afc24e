package io.github.tachyscope.diffusion.synthetic;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.tachyscope.diffusion.CommonParameters;
import io.github.tachyscope.diffusion.ModeDefaults;
import io.github.tachyscope.diffusion.Parameters;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The sticky parameters as one chunk uses them. */
record Controls(
        long seed, List<Integer> steps, double noiseScale, boolean controller, boolean manageCache, boolean slerp) {

    static Controls of(Parameters parameters, ModeDefaults defaults) {
        return new Controls(
                parameters
                        .value(CommonParameters.BASE_SEED)
                        .map(JsonNode::asLong)
                        .orElse(42L),
                steps(parameters, defaults),
                parameters
                        .value(CommonParameters.NOISE_SCALE)
                        .map(JsonNode::asDouble)
                        .or(defaults::noiseScale)
                        .orElse(0.5),
                flag(parameters, CommonParameters.NOISE_CONTROLLER, false),
                flag(parameters, CommonParameters.MANAGE_CACHE, true),
                parameters
                        .value(CommonParameters.PROMPT_INTERPOLATION_METHOD)
                        .map(JsonNode::asText)
                        .filter("slerp"::equals)
                        .isPresent());
    }

    private static List<Integer> steps(Parameters parameters, ModeDefaults defaults) {
        Optional<JsonNode> list = parameters
                .value(CommonParameters.DENOISING_STEP_LIST)
                .or(() -> parameters.value(CommonParameters.DENOISING_STEPS))
                .filter(node -> node.isArray() && !node.isEmpty());
        if (list.isEmpty()) {
            return defaults.denoisingSteps();
        }
        List<Integer> steps = new ArrayList<>();
        list.get().forEach(step -> steps.add(Math.max(1, Math.min(1000, step.asInt()))));
        return List.copyOf(steps);
    }

    private static boolean flag(Parameters parameters, String name, boolean preset) {
        return parameters.value(name).map(node -> node.asBoolean(preset)).orElse(preset);
    }
}
