package io.github.tachyscope.api.comfy.graph;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.tachyscope.api.comfy.graph.NodeClass.Input;
import io.github.tachyscope.api.comfy.graph.NodeClass.Output;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Checks the inputs of single nodes; what a link leads to is somebody else's to check. */
final class InputCheck {
    /** Editors that know this many choices by heart are not told of them again. */
    private static final int MOST_CHOICES = 20;

    private static final String VALUE = "__value__";

    private final Map<String, Entry> entries;
    private final Offer offer;
    private final Map<InputType, Set<String>> choices = new HashMap<>();
    private final Map<InputType, JsonNode> configs = new HashMap<>();
    private final Map<String, Optional<String>> pictures = new HashMap<>();

    InputCheck(Map<String, Entry> entries, Offer offer) {
        this.entries = entries;
        this.offer = offer;
    }

    /**
     * What is known of a node.
     *
     * @param node with the inputs that are right
     */
    record Result(Node node, List<NodeProblem> problems) {}

    Result check(Entry entry) {
        Map<String, Link> links = new LinkedHashMap<>();
        Map<String, Object> values = new LinkedHashMap<>();
        List<NodeProblem> problems = new ArrayList<>();
        for (Input input : entry.type().inputs()) {
            try {
                Optional<JsonNode> given = given(entry, input);
                if (given.isEmpty()) {
                    absent(input).ifPresent(value -> values.put(input.name(), value));
                } else if (given.get().isArray()) {
                    links.put(input.name(), link(input, given.get()));
                } else {
                    values.put(input.name(), value(input, given.get()));
                }
            } catch (Wrong wrong) {
                problems.add(wrong.problem);
            }
        }
        return new Result(new Node(entry.id(), entry.type(), links, values), problems);
    }

    /** What tells the contents of a picture that was checked. */
    String fingerprint(String picture) {
        return picture(picture).orElseThrow(() -> new IllegalStateException("was not checked: " + picture));
    }

    private Optional<String> picture(String name) {
        return pictures.computeIfAbsent(name, offer.picture());
    }

    private static Optional<JsonNode> given(Entry entry, Input input) {
        ObjectNode inputs = entry.inputs();
        return Optional.ofNullable(inputs.get(input.name()))
                .or(() -> input.alias().map(inputs::get))
                .filter(value -> !value.isNull() || !(input.type() instanceof InputType.Linked));
    }

    private Optional<Object> absent(Input input) {
        if (input.required()) {
            ObjectNode extra = NodeProblem.object().put("input_name", input.name());
            throw new Wrong(
                    new NodeProblem("required_input_missing", "Required input is missing", input.name(), extra));
        }
        return input.type().fallback();
    }

    private Link link(Input input, JsonNode given) {
        JsonNode id = given.path(0);
        JsonNode slot = given.path(1);
        if (given.size() != 2 || !id.isTextual() || !slot.canConvertToExactIntegral()) {
            throw wrong("bad_linked_input", "A link must be a list of a node's id and a slot", "", input, given);
        }
        Entry from = entries.get(id.textValue());
        if (from == null) {
            throw leadsNowhere(input, given, "KeyError", "there is no node " + NodeProblem.quoted(id.textValue()));
        }
        List<Output> outputs = from.type().outputs();
        if (!slot.canConvertToInt() || slot.intValue() < 0 || slot.intValue() >= outputs.size()) {
            String most = outputs.isEmpty() ? "it has none" : "they are 0 to " + (outputs.size() - 1);
            throw leadsNowhere(input, given, "IndexError", "a " + from.type().name() + " has no such output; " + most);
        }
        String received = outputs.get(slot.intValue()).type();
        String wanted = input.type().name();
        if (!received.equals(wanted)) {
            ObjectNode extra = extra(input).put("received_type", received);
            extra.set("linked_node", given);
            throw new Wrong(new NodeProblem(
                    "return_type_mismatch",
                    "The linked node gives another type",
                    input.name() + ": " + received + " instead of " + wanted,
                    extra));
        }
        return new Link(id.textValue(), slot.intValue());
    }

    private Wrong leadsNowhere(Input input, JsonNode given, String exception, String message) {
        ObjectNode extra = extra(input).put("exception_message", message).put("exception_type", exception);
        extra.putArray("traceback");
        extra.set("linked_node", given);
        return new Wrong(new NodeProblem(
                "exception_during_inner_validation",
                "The linked node cannot be checked",
                input.name() + ": " + message,
                extra));
    }

    private Object value(Input input, JsonNode given) {
        boolean wrapped = given instanceof ObjectNode && given.has(VALUE);
        JsonNode value = wrapped ? given.get(VALUE) : given;
        InputType type = input.type();
        if (type instanceof InputType.Whole whole) {
            BigInteger number =
                    Conversion.whole(value).orElseThrow(() -> inconvertible(input, value, "a whole number"));
            return within(input, value, number, whole.min(), whole.max());
        }
        if (type instanceof InputType.Real real) {
            Double number = Conversion.real(value).orElseThrow(() -> inconvertible(input, value, "a number"));
            return within(input, value, number, real.min(), real.max());
        }
        if (type instanceof InputType.Text) {
            return Conversion.text(value);
        }
        if (type instanceof InputType.Flag) {
            return Conversion.flag(value);
        }
        if (type instanceof InputType.Choice choice) {
            return chosen(input, choice, value);
        }
        if (type instanceof InputType.Picture) {
            return shown(input, value);
        }
        throw inconvertible(input, value, "a link to a node that gives " + type.name());
    }

    private <T extends Comparable<T>> T within(Input input, JsonNode value, T number, T min, T max) {
        if (number.compareTo(min) < 0) {
            throw wrong("value_smaller_than_min", "The value is smaller than " + min, "", input, value);
        }
        if (number.compareTo(max) > 0) {
            throw wrong("value_bigger_than_max", "The value is bigger than " + max, "", input, value);
        }
        return number;
    }

    private String chosen(Input input, InputType.Choice choice, JsonNode value) {
        Set<String> known = choices.computeIfAbsent(
                choice, of -> new HashSet<>(choice.choices().apply(offer)));
        if (!value.isTextual() || !known.contains(value.textValue())) {
            String from = known.size() > MOST_CHOICES
                    ? "the " + known.size() + " choices"
                    : choice.choices().apply(offer).toString();
            String details = ": " + NodeProblem.quoted(value.asText()) + " is not in " + from;
            throw wrong("value_not_in_list", "The value is not in the list", details, input, value);
        }
        return value.textValue();
    }

    private String shown(Input input, JsonNode value) {
        String name = Conversion.text(value);
        if (name.isEmpty() || picture(name).isEmpty()) {
            throw new Wrong(new NodeProblem(
                    "custom_validation_failed",
                    "The value cannot be used",
                    input.name() + ": there is no picture " + NodeProblem.quoted(name),
                    NodeProblem.object().put("input_name", input.name())));
        }
        return name;
    }

    private Wrong inconvertible(Input input, JsonNode value, String wanted) {
        ObjectNode extra = extra(input);
        extra.set("received_value", value);
        String message = NodeProblem.quoted(Conversion.text(value)) + " is not " + wanted;
        return new Wrong(new NodeProblem(
                "invalid_input_type",
                "The value cannot be converted to " + input.type().name(),
                input.name() + ": " + message,
                extra.put("exception_message", message)));
    }

    private Wrong wrong(String type, String message, String details, Input input, JsonNode received) {
        ObjectNode extra = extra(input);
        extra.set("received_value", received);
        return new Wrong(new NodeProblem(type, message, input.name() + details, extra));
    }

    private ObjectNode extra(Input input) {
        ObjectNode extra = NodeProblem.object().put("input_name", input.name());
        return extra.set("input_config", configs.computeIfAbsent(input.type(), this::config));
    }

    private JsonNode config(InputType type) {
        ArrayNode config = type.config(offer);
        return config.path(0).size() > MOST_CHOICES ? NullNode.getInstance() : config;
    }

    /** Ends the check of one input. */
    private static final class Wrong extends RuntimeException {
        private static final long serialVersionUID = 1;
        private final transient NodeProblem problem;

        Wrong(NodeProblem problem) {
            super(problem.message(), null, false, false);
            this.problem = problem;
        }
    }
}
