package io.github.tachyscope.api.scope;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.tachyscope.api.Body;
import java.util.List;

/** Numbers by chunk, as a request has them. */
final class Numbers {
    private Numbers() {}

    /** One number, or a list of them that is not empty; refuses what is out of range. */
    static List<JsonNode> read(Body where, String name, double least, double most, JsonNode given) {
        List<JsonNode> values = given.isArray() ? given.valueStream().toList() : List.of(given);
        if (values.isEmpty()) {
            throw where.invalid(name, "too_short", "The list should have an element at least", given);
        }
        for (JsonNode value : values) {
            if (!value.isNumber() || value.doubleValue() < least || value.doubleValue() > most) {
                String range = most < Long.MAX_VALUE ? "from " + least + " to " + most : "from " + least + " on";
                throw where.invalid(
                        name, "value_error", "Input should be a number " + range + ", or a list of them", value);
            }
        }
        return values;
    }
}
