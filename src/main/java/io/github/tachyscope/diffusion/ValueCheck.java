package io.github.tachyscope.diffusion;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.LongNode;
import java.math.BigInteger;

/** Checks one JSON value against one property of a JSON Schema: types, ranges, choices, lengths, items. */
final class ValueCheck {
    /** Longest list and longest string that any parameter may have; protects memory. */
    private static final int MAX_ITEMS = 1_000;

    private static final int MAX_TEXT = 20_000;

    /** The value is not allowed; the message says what is. */
    static final class Wrong extends Exception {
        private static final long serialVersionUID = 1;

        Wrong(String message) {
            super(message, null, false, false);
        }
    }

    private ValueCheck() {}

    /** The value in its canonical form: integral floats where an integer is wanted become integers. */
    static JsonNode check(JsonNode value, JsonNode schema) throws Wrong {
        JsonNode choices = schema.path("anyOf");
        if (choices.isArray()) {
            return checkAny(value, choices);
        }
        if (schema.has("enum")) {
            return checkEnum(value, schema.get("enum"));
        }
        switch (schema.path("type").asText("")) {
            case "integer":
                return checkInteger(value, schema);
            case "number":
                if (!value.isNumber() || !Double.isFinite(value.doubleValue())) {
                    throw new Wrong("must be a number" + range(schema) + ", not " + brief(value));
                }
                checkRange(value.doubleValue(), schema, value);
                return DoubleNode.valueOf(value.doubleValue());
            case "boolean":
                if (!value.isBoolean()) {
                    throw new Wrong("must be true or false, not " + brief(value));
                }
                return value;
            case "string":
                return checkText(value, schema);
            case "array":
                return checkArray(value, schema);
            case "object":
                if (!value.isObject()) {
                    throw new Wrong("must be an object, not " + brief(value));
                }
                return value;
            default:
                return value;
        }
    }

    /** A value that no schema describes. */
    static JsonNode checkUnknown(JsonNode value) throws Wrong {
        if (value.toString().length() > MAX_TEXT) {
            throw new Wrong("must be at most " + MAX_TEXT + " characters of JSON");
        }
        return value;
    }

    private static JsonNode checkAny(JsonNode value, JsonNode choices) throws Wrong {
        Wrong first = null;
        for (JsonNode choice : choices) {
            if (choice.path("type").asText("").equals("null")) {
                continue;
            }
            try {
                return check(value, choice);
            } catch (Wrong wrong) {
                first = first == null ? wrong : first;
            }
        }
        throw first == null ? new Wrong("is not allowed") : first;
    }

    private static JsonNode checkEnum(JsonNode value, JsonNode allowed) throws Wrong {
        for (JsonNode one : allowed) {
            if (one.equals(value)) {
                return value;
            }
        }
        StringBuilder names = new StringBuilder();
        allowed.forEach(one -> names.append(names.length() == 0 ? "" : ", ").append(one.asText()));
        throw new Wrong("must be one of " + names + ", not " + brief(value));
    }

    private static JsonNode checkInteger(JsonNode value, JsonNode schema) throws Wrong {
        JsonNode bound = schema.path("maximum");
        if (value.isIntegralNumber() && bound.isBigInteger()) {
            return checkWide(value, schema, bound.bigIntegerValue());
        }
        double number = value.doubleValue();
        if (!value.isNumber() || number != Math.rint(number) || Math.abs(number) > 1L << 53) {
            throw new Wrong("must be a whole number" + range(schema) + ", not " + brief(value));
        }
        checkRange(number, schema, value);
        long whole = value.isIntegralNumber() ? value.longValue() : (long) number;
        long multiple = schema.path("multipleOf").asLong(1);
        if (multiple > 1) {
            whole = Math.max(whole - whole % multiple, schema.path("minimum").asLong(multiple));
        }
        return whole == (int) whole ? IntNode.valueOf((int) whole) : LongNode.valueOf(whole);
    }

    /** A whole number that may exceed what a double holds exactly, such as a seed of 64 bits. */
    private static JsonNode checkWide(JsonNode value, JsonNode schema, BigInteger most) throws Wrong {
        BigInteger whole = value.bigIntegerValue();
        BigInteger least = schema.path("minimum").bigIntegerValue();
        if (whole.compareTo(least) < 0 || whole.compareTo(most) > 0) {
            throw new Wrong("must be between " + least + " and " + most + ", not " + brief(value));
        }
        return value;
    }

    private static JsonNode checkText(JsonNode value, JsonNode schema) throws Wrong {
        int most = schema.path("maxLength").asInt(MAX_TEXT);
        if (!value.isTextual() || value.textValue().length() > most) {
            throw new Wrong("must be text of at most " + most + " characters, not " + brief(value));
        }
        return value;
    }

    private static JsonNode checkArray(JsonNode value, JsonNode schema) throws Wrong {
        int least = schema.path("minItems").asInt(0);
        int most = schema.path("maxItems").asInt(MAX_ITEMS);
        if (!value.isArray() || value.size() < least || value.size() > most) {
            throw new Wrong("must be a list of " + least + " to " + most + " items, not " + brief(value));
        }
        JsonNode items = schema.path("items");
        ArrayNode checked = JsonNodeFactory.instance.arrayNode();
        for (JsonNode item : value) {
            try {
                checked.add(check(item, items));
            } catch (Wrong wrong) {
                throw new Wrong("each item " + wrong.getMessage());
            }
        }
        return checked;
    }

    private static void checkRange(double number, JsonNode schema, JsonNode value) throws Wrong {
        boolean low = schema.has("minimum") && number < schema.get("minimum").doubleValue();
        boolean high = schema.has("maximum") && number > schema.get("maximum").doubleValue();
        if (low || high) {
            throw new Wrong("must be" + range(schema) + ", not " + brief(value));
        }
    }

    private static String range(JsonNode schema) {
        boolean low = schema.has("minimum");
        boolean high = schema.has("maximum");
        if (low && high) {
            return " between " + plain(schema.get("minimum")) + " and " + plain(schema.get("maximum"));
        }
        if (low) {
            return " of at least " + plain(schema.get("minimum"));
        }
        return high ? " of at most " + plain(schema.get("maximum")) : "";
    }

    private static String plain(JsonNode bound) {
        if (bound.isIntegralNumber()) {
            return bound.asText();
        }
        double value = bound.doubleValue();
        return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
    }

    /** The value, cut short, for a message. */
    static String brief(JsonNode value) {
        String text = value.toString();
        return text.length() <= 60 ? text : text.substring(0, 57) + "...";
    }
}
