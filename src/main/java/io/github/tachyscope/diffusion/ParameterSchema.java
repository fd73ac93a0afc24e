package io.github.tachyscope.diffusion;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The parameters of a pipeline: their JSON Schema, and the check of values against it. */
public final class ParameterSchema {
    private final List<ParameterSpec> parameters;
    private final Map<String, ParameterSpec> byName = new LinkedHashMap<>();

    public ParameterSchema(List<ParameterSpec> parameters) {
        this.parameters = List.copyOf(parameters);
        for (ParameterSpec parameter : parameters) {
            if (byName.put(parameter.name(), parameter) != null) {
                throw new IllegalArgumentException("parameter " + parameter.name() + " is declared twice");
            }
        }
    }

    public List<ParameterSpec> parameters() {
        return parameters;
    }

    /**
     * Checks run-time values: integral floats become integers, wrong ones are left out and named. Older flat names are
     * brought to the present ones first.
     *
     * @param incoming values as the client sent them; names unknown to the schema pass through unless
     *     they are very long
     */
    public Checked checkRuntime(Parameters incoming) {
        return check(ParameterAliases.normalise(incoming), true);
    }

    /**
     * Checks load-time values and fills in the defaults, those of sticky run-time parameters included: what is given at
     * load is what a session starts with.
     */
    public Checked checkLoad(Parameters incoming) {
        Checked checked = check(ParameterAliases.normalise(incoming), false);
        Map<String, JsonNode> complete = new LinkedHashMap<>();
        for (ParameterSpec parameter : parameters) {
            JsonNode preset = parameter.jsonSchema().path("default");
            if (parameter.kind() != ParameterSpec.Kind.ONE_SHOT && !preset.isMissingNode()) {
                complete.put(parameter.name(), preset);
            }
        }
        complete.putAll(checked.accepted().values());
        return new Checked(Parameters.of(complete), checked.refused());
    }

    /** What remains of checked values once a chunk has consumed its own: a transition leaves its target as the prompts. */
    public Parameters sticky(Parameters checked) {
        Parameters sticky = checked.value(Parameters.TRANSITION)
                .map(transition -> transition.path("target_prompts"))
                .filter(JsonNode::isArray)
                .map(target -> checked.with(Parameters.PROMPTS, target))
                .orElse(checked);
        for (ParameterSpec parameter : parameters) {
            if (parameter.kind() == ParameterSpec.Kind.ONE_SHOT) {
                sticky = sticky.without(parameter.name());
            }
        }
        return sticky.without(Parameters.TRANSITION);
    }

    private Checked check(Parameters incoming, boolean runtime) {
        Map<String, JsonNode> accepted = new LinkedHashMap<>();
        List<Refusal> refused = new ArrayList<>();
        incoming.values().forEach((name, value) -> {
            try {
                accepted.put(name, checkOne(name, value, runtime));
            } catch (ValueCheck.Wrong wrong) {
                refused.add(new Refusal(name, name + " " + wrong.getMessage()));
            }
        });
        return new Checked(Parameters.of(accepted), List.copyOf(refused));
    }

    private JsonNode checkOne(String name, JsonNode value, boolean runtime) throws ValueCheck.Wrong {
        switch (name) {
            case Parameters.PROMPTS:
                return PromptCheck.prompts(value);
            case Parameters.TRANSITION:
                return PromptCheck.transition(value);
            case CommonParameters.DENOISING_STEP_LIST:
            case CommonParameters.DENOISING_STEPS:
                return PromptCheck.steps(value);
            default:
                ParameterSpec parameter = byName.get(name);
                if (parameter == null) {
                    return ValueCheck.checkUnknown(value);
                }
                if (runtime && parameter.kind() == ParameterSpec.Kind.LOAD) {
                    throw new ValueCheck.Wrong("is fixed when the pipeline is loaded; load it again to change it");
                }
                return ValueCheck.check(value, parameter.jsonSchema());
        }
    }

    /** A JSON Schema object with {@code properties}, each with its {@code ui} hints. */
    public ObjectNode toJsonSchema() {
        ObjectNode schema = JsonNodeFactory.instance.objectNode().put("type", "object");
        ObjectNode properties = schema.putObject("properties");
        int order = 0;
        for (ParameterSpec parameter : parameters) {
            ObjectNode property = parameter.jsonSchema().deepCopy();
            if (!property.has("title")) {
                property.put("title", title(parameter.name()));
            }
            if (property.get("ui") instanceof ObjectNode ui) {
                if (!ui.has("order")) {
                    ui.put("order", order);
                }
                ui.put("is_load_param", parameter.kind() == ParameterSpec.Kind.LOAD);
            }
            properties.set(parameter.name(), property);
            order++;
        }
        return schema.put("additionalProperties", false);
    }

    private static String title(String name) {
        StringBuilder title = new StringBuilder();
        for (String word : name.split("_")) {
            if (!word.isEmpty()) {
                title.append(title.length() == 0 ? "" : " ")
                        .append(Character.toUpperCase(word.charAt(0)))
                        .append(word, 1, word.length());
            }
        }
        return title.toString();
    }

    /**
     * The outcome of a check.
     *
     * @param accepted the values that are right
     * @param refused what was wrong with the others
     */
    public record Checked(Parameters accepted, List<Refusal> refused) {}

    /**
     * One value that is not allowed.
     *
     * @param name the parameter
     * @param message what was wrong and what is allowed, fit for the client
     */
    public record Refusal(String name, String message) {}
}
