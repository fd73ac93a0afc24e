package io.github.tachyscope.api.comfy.graph;

import java.math.BigInteger;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A node of a graph, checked.
 *
 * @param links by input, in the order of its class
 * @param values by input: whole numbers, numbers, texts and truth values, converted and within their bounds
 */
record Node(String id, NodeClass type, Map<String, Link> links, Map<String, Object> values) {
    Node {
        links = Collections.unmodifiableMap(new LinkedHashMap<>(links));
        values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
    }

    boolean is(String... classes) {
        for (String name : classes) {
            if (type.name().equals(name)) {
                return true;
            }
        }
        return false;
    }

    /** Where a required input comes from. */
    Link link(String input) {
        return optionalLink(input).orElseThrow(() -> absent(input));
    }

    Optional<Link> optionalLink(String input) {
        return Optional.ofNullable(links.get(input));
    }

    String text(String input) {
        return (String) value(input);
    }

    boolean flag(String input) {
        return (Boolean) value(input);
    }

    double real(String input) {
        return (Double) value(input);
    }

    int whole(String input) {
        return ((BigInteger) value(input)).intValueExact();
    }

    /** All 64 bits. */
    long seed(String input) {
        return ((BigInteger) value(input)).longValue();
    }

    private Object value(String input) {
        return Optional.ofNullable(values.get(input)).orElseThrow(() -> absent(input));
    }

    private IllegalStateException absent(String input) {
        return new IllegalStateException("a checked " + type.name() + " has no " + input);
    }
}
