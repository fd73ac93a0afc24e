package io.github.tachyscope.diffusion;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;

/** Brings the older, flat parameter names to the present ones. A present name beats its alias. */
final class ParameterAliases {
    private static final String PROMPT = "prompt";
    private static final String TRANSITION_STEPS = "transition_steps";
    private static final String TEMPORAL_METHOD = "temporal_interpolation_method";
    private static final String FLAT_METHOD = "interpolation_method";
    private static final String NUM_STEPS = "num_steps";

    private ParameterAliases() {}

    static Parameters normalise(Parameters incoming) {
        Parameters renamed = rename(incoming, CommonParameters.SEED, CommonParameters.BASE_SEED);
        renamed = rename(renamed, "spatial_interpolation_method", CommonParameters.PROMPT_INTERPOLATION_METHOD);
        if (renamed.value(PROMPT).map(JsonNode::isTextual).orElse(false)) {
            renamed = rename(renamed, PROMPT, Parameters.PROMPTS);
        }
        return completeTransition(renamed);
    }

    private static Parameters rename(Parameters parameters, String alias, String name) {
        Optional<JsonNode> value = parameters.value(alias);
        if (value.isEmpty()) {
            return parameters;
        }
        Parameters rest = parameters.without(alias);
        return rest.value(name).isPresent() ? rest : rest.with(name, value.get());
    }

    private static Parameters completeTransition(Parameters parameters) {
        Optional<JsonNode> steps = parameters.value(TRANSITION_STEPS);
        Optional<JsonNode> method = parameters.value(TEMPORAL_METHOD).or(() -> parameters.value(FLAT_METHOD));
        Optional<JsonNode> transition = parameters.value(Parameters.TRANSITION).filter(JsonNode::isObject);
        Optional<JsonNode> prompts = parameters.value(Parameters.PROMPTS);
        if (steps.isEmpty() && (method.isEmpty() || transition.isEmpty())) {
            return parameters;
        }
        ObjectNode completed = JsonNodeFactory.instance.objectNode();
        if (transition.isPresent()) {
            transition.get().properties().forEach(entry -> completed.set(entry.getKey(), entry.getValue()));
        } else if (prompts.isPresent()) {
            completed.set("target_prompts", prompts.get());
        } else {
            return parameters;
        }
        steps.filter(value -> !completed.hasNonNull(NUM_STEPS)).ifPresent(value -> completed.set(NUM_STEPS, value));
        method.filter(value -> !completed.hasNonNull(TEMPORAL_METHOD))
                .ifPresent(value -> completed.set(TEMPORAL_METHOD, value));
        return parameters
                .without(TRANSITION_STEPS)
                .without(TEMPORAL_METHOD)
                .without(FLAT_METHOD)
                .with(Parameters.TRANSITION, completed);
    }
}
