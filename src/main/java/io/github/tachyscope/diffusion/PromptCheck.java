package io.github.tachyscope.diffusion;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.tachyscope.diffusion.ValueCheck.Wrong;

/** Brings prompts, transitions and step lists, which clients send in several shapes, into one canonical shape. */
final class PromptCheck {
    /** Most prompts in one blend; protects the text encoder. */
    private static final int MAX_PROMPTS = 64;

    /** Longest prompt in characters; protects the tokenizer. */
    private static final int MAX_TEXT = 10_000;

    /** Most chunks of a transition and most denoising steps; more is a mistake of the client. */
    private static final int MAX_TRANSITION = 10_000;

    private static final int MAX_STEPS = 50;

    private PromptCheck() {}

    /** A string, a list of strings or a list of {@code {text, weight}}, as the latter. */
    static ArrayNode prompts(JsonNode value) throws Wrong {
        ArrayNode list = JsonNodeFactory.instance.arrayNode();
        if (value.isTextual() || value.isObject()) {
            list.add(prompt(value));
            return list;
        }
        if (!value.isArray() || value.isEmpty() || value.size() > MAX_PROMPTS) {
            throw new Wrong("must be a text or a list of 1 to " + MAX_PROMPTS + " prompts {text, weight}, not "
                    + ValueCheck.brief(value));
        }
        for (JsonNode item : value) {
            list.add(prompt(item));
        }
        return list;
    }

    private static ObjectNode prompt(JsonNode item) throws Wrong {
        JsonNode text = item.isTextual() ? item : item.path("text");
        if (!text.isTextual() || text.textValue().length() > MAX_TEXT) {
            throw new Wrong("needs a text of at most " + MAX_TEXT + " characters in each prompt, not "
                    + ValueCheck.brief(item));
        }
        JsonNode weight = item.path("weight");
        double amount = weight.isMissingNode() || weight.isNull() ? 1.0 : weight.doubleValue();
        boolean number = weight.isNumber() || weight.isMissingNode() || weight.isNull();
        if (!number || !Double.isFinite(amount) || amount < 0) {
            throw new Wrong("needs a weight of at least 0 in each prompt, not " + ValueCheck.brief(weight));
        }
        return JsonNodeFactory.instance
                .objectNode()
                .put("text", text.textValue())
                .put("weight", amount);
    }

    /** A transition with all its fields. */
    static ObjectNode transition(JsonNode value) throws Wrong {
        if (!value.isObject()) {
            throw new Wrong("must be {target_prompts, num_steps, temporal_interpolation_method}, not "
                    + ValueCheck.brief(value));
        }
        JsonNode steps = present(value.path("num_steps")) ? value.get("num_steps") : IntNode.valueOf(4);
        double count = steps.doubleValue();
        if (!steps.isNumber() || count != Math.rint(count) || count < 0 || count > MAX_TRANSITION) {
            throw new Wrong("needs num_steps between 0 and " + MAX_TRANSITION + ", not " + ValueCheck.brief(steps));
        }
        JsonNode method = value.path("temporal_interpolation_method");
        String name = present(method) ? method.asText() : "linear";
        if (!name.equals("linear") && !name.equals("slerp")) {
            throw new Wrong("needs temporal_interpolation_method linear or slerp, not " + ValueCheck.brief(method));
        }
        JsonNode showsSource = value.path(Parameters.SHOWS_SOURCE);
        if (present(showsSource) && !showsSource.isBoolean()) {
            throw new Wrong("needs shows_source true or false, not " + ValueCheck.brief(showsSource));
        }
        ObjectNode canonical = JsonNodeFactory.instance.objectNode();
        canonical.set("target_prompts", prompts(value.path("target_prompts")));
        canonical.put("num_steps", (int) count).put("temporal_interpolation_method", name);
        return showsSource.asBoolean(true) ? canonical : canonical.put(Parameters.SHOWS_SOURCE, false);
    }

    /** Timesteps: whole, descending, each 1 to 1000. */
    static ArrayNode steps(JsonNode value) throws Wrong {
        String allowed = "must be a list of 1 to " + MAX_STEPS + " descending whole numbers between 1 and 1000, not ";
        if (!value.isArray() || value.isEmpty() || value.size() > MAX_STEPS) {
            throw new Wrong(allowed + ValueCheck.brief(value));
        }
        ArrayNode list = JsonNodeFactory.instance.arrayNode();
        double previous = Double.MAX_VALUE;
        for (JsonNode item : value) {
            double step = item.doubleValue();
            if (!item.isNumber() || step != Math.rint(step) || step < 1 || step > 1000 || step >= previous) {
                throw new Wrong(allowed + ValueCheck.brief(value));
            }
            list.add((int) step);
            previous = step;
        }
        return list;
    }

    private static boolean present(JsonNode node) {
        return !node.isMissingNode() && !node.isNull();
    }
}
