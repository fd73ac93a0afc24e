package io.github.tachyscope.api.scope;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;

/** Short forms for building JSON. */
final class Json {
    private Json() {}

    static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    static JsonNode text(Optional<String> value) {
        return value.<JsonNode>map(JsonNodeFactory.instance::textNode).orElse(JsonNodeFactory.instance.nullNode());
    }

    static JsonNode number(Optional<Double> value) {
        return value.<JsonNode>map(JsonNodeFactory.instance::numberNode).orElse(JsonNodeFactory.instance.nullNode());
    }

    static ObjectNode message(String message) {
        return object().put("message", message);
    }

    /** Megabytes with two decimals. */
    static double megabytes(long bytes) {
        return Math.round(bytes / 1048576.0 * 100) / 100.0;
    }
}
