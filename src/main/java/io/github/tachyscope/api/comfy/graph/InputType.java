package io.github.tachyscope.api.comfy.graph;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigInteger;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** What an input of a node takes: the result of another node, or a value written into the graph. */
sealed interface InputType {
    JsonNodeFactory JSON = JsonNodeFactory.instance;

    /** Most unsigned number of 64 bits. */
    BigInteger MAX_SEED = BigInteger.ONE.shiftLeft(64).subtract(BigInteger.ONE);

    /** Its name in links, or that of its kind of value. */
    String name();

    /** How editors are told of it: its name or its choices, then what else there is to say. */
    ArrayNode config(Offer offer);

    /** The value that it has where a graph says nothing. */
    default Optional<Object> fallback() {
        return Optional.empty();
    }

    /** The result of another node. */
    record Linked(String name) implements InputType {
        @Override
        public ArrayNode config(Offer offer) {
            return JSON.arrayNode().add(name);
        }
    }

    /** A whole number; a seed is drawn anew by editors. */
    record Whole(BigInteger initial, BigInteger min, BigInteger max, int step, boolean seed) implements InputType {
        @Override
        public String name() {
            return "INT";
        }

        @Override
        public ArrayNode config(Offer offer) {
            ObjectNode options = JSON.objectNode().put("default", initial).put("min", min);
            options.put("max", max);
            if (step != 1) {
                options.put("step", step);
            }
            if (seed) {
                options.put("control_after_generate", true);
            }
            return JSON.arrayNode().add(name()).add(options);
        }

        @Override
        public Optional<Object> fallback() {
            return Optional.of(initial);
        }
    }

    /** A number. */
    record Real(double initial, double min, double max, double step) implements InputType {
        @Override
        public String name() {
            return "FLOAT";
        }

        @Override
        public ArrayNode config(Offer offer) {
            ObjectNode options = JSON.objectNode().put("default", initial).put("min", min);
            return JSON.arrayNode().add(name()).add(options.put("max", max).put("step", step));
        }

        @Override
        public Optional<Object> fallback() {
            return Optional.of(initial);
        }
    }

    /** A text; a prompt has room for many lines. */
    record Text(String initial, boolean prompt) implements InputType {
        @Override
        public String name() {
            return "STRING";
        }

        @Override
        public ArrayNode config(Offer offer) {
            ObjectNode options = prompt
                    ? JSON.objectNode().put("multiline", true).put("dynamicPrompts", true)
                    : JSON.objectNode().put("default", initial);
            return JSON.arrayNode().add(name()).add(options);
        }

        @Override
        public Optional<Object> fallback() {
            return Optional.of(initial);
        }
    }

    /** Yes or no. */
    record Flag(boolean initial) implements InputType {
        @Override
        public String name() {
            return "BOOLEAN";
        }

        @Override
        public ArrayNode config(Offer offer) {
            return JSON.arrayNode().add(name()).add(JSON.objectNode().put("default", initial));
        }

        @Override
        public Optional<Object> fallback() {
            return Optional.of(initial);
        }
    }

    /**
     * One of some words.
     *
     * @param initial the first one if empty
     */
    record Choice(Function<Offer, List<String>> choices, Optional<String> initial) implements InputType {
        @Override
        public String name() {
            return "COMBO";
        }

        @Override
        public ArrayNode config(Offer offer) {
            ObjectNode options = JSON.objectNode();
            initial.ifPresent(word -> options.put("default", word));
            return list(choices.apply(offer)).add(options);
        }

        @Override
        public Optional<Object> fallback() {
            return initial.map(word -> word);
        }
    }

    /** A picture by its name; more can be named than are listed. */
    record Picture() implements InputType {
        @Override
        public String name() {
            return "COMBO";
        }

        @Override
        public ArrayNode config(Offer offer) {
            return list(offer.pictures()).add(JSON.objectNode().put("image_upload", true));
        }
    }

    private static ArrayNode list(List<String> words) {
        ArrayNode list = JSON.arrayNode();
        words.forEach(list::add);
        return JSON.arrayNode().add((JsonNode) list);
    }

    static InputType linked(String type) {
        return new Linked(type);
    }

    static InputType whole(long initial, long min, long max, int step) {
        return new Whole(BigInteger.valueOf(initial), BigInteger.valueOf(min), BigInteger.valueOf(max), step, false);
    }

    static InputType whole(long initial, long min, long max) {
        return whole(initial, min, max, 1);
    }

    static InputType seed() {
        return new Whole(BigInteger.ZERO, BigInteger.ZERO, MAX_SEED, 1, true);
    }

    static InputType real(double initial, double min, double max, double step) {
        return new Real(initial, min, max, step);
    }

    static InputType text(String initial) {
        return new Text(initial, false);
    }

    static InputType prompt() {
        return new Text("", true);
    }

    static InputType flag(boolean initial) {
        return new Flag(initial);
    }

    static InputType oneOf(String... words) {
        List<String> fixed = List.of(words);
        return new Choice(offer -> fixed, Optional.of(fixed.get(0)));
    }

    static InputType offered(Function<Offer, List<String>> choices) {
        return new Choice(choices, Optional.empty());
    }

    static InputType picture() {
        return new Picture();
    }
}
