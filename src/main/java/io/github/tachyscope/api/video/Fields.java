package io.github.tachyscope.api.video;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The members of a JSON object read one by one, as leniently as forms ask for: numbers and truth values may be texts, and
 * null or an empty text is as good as nothing. Remembers what it read, in canonical form.
 */
final class Fields {
    /** Longest text; protects memory and the log of jobs. */
    static final int MAX_TEXT = 10_000;

    /** Longest number as a text. */
    private static final int MAX_NUMBER_TEXT = 40;

    /** Values are quoted in messages up to this length. */
    private static final int MAX_QUOTED = 60;

    private final ObjectNode json;
    private final String prefix;
    private final Map<String, JsonNode> accepted = new LinkedHashMap<>();

    Fields(ObjectNode json) {
        this(json, "");
    }

    private Fields(ObjectNode json, String prefix) {
        this.json = json;
        this.prefix = prefix;
    }

    /** Everything that was read and is there. */
    Map<String, JsonNode> accepted() {
        return Collections.unmodifiableMap(accepted);
    }

    /** Replaces what is remembered of a member. */
    void accept(String name, JsonNode canonical) {
        accepted.put(name, canonical);
    }

    Optional<JsonNode> value(String name) {
        return Optional.ofNullable(json.get(name))
                .filter(value -> !value.isNull())
                .filter(value -> !value.isTextual() || !value.textValue().isEmpty());
    }

    Optional<String> text(String name) {
        return value(name).map(value -> {
            if (!value.isTextual()) {
                throw wrong(name, "must be a text", value);
            }
            if (value.textValue().length() > MAX_TEXT) {
                throw new FieldRejected(prefix + name, "may have at most " + MAX_TEXT + " characters");
            }
            accepted.put(name, value);
            return value.textValue();
        });
    }

    Optional<Long> whole(String name, long least, long most) {
        return value(name).map(value -> {
            String allowed = "must be a whole number "
                    + (most == Long.MAX_VALUE ? "of at least " + least : "from " + least + " to " + most);
            BigDecimal number = decimal(value).orElseThrow(() -> wrong(name, allowed, value));
            boolean inRange =
                    number.compareTo(BigDecimal.valueOf(least)) >= 0 && number.compareTo(BigDecimal.valueOf(most)) <= 0;
            if (!inRange || number.stripTrailingZeros().scale() > 0) {
                throw wrong(name, allowed, value);
            }
            accepted.put(name, LongNode.valueOf(number.longValueExact()));
            return number.longValueExact();
        });
    }

    Optional<Integer> whole(String name, int least, int most) {
        return whole(name, (long) least, (long) most).map(Math::toIntExact);
    }

    Optional<Double> number(String name, Range range) {
        return value(name).map(value -> {
            double number = decimal(value)
                    .map(BigDecimal::doubleValue)
                    .filter(range::contains)
                    .orElseThrow(() -> wrong(name, "must be a number " + range.words(), value));
            accepted.put(name, DoubleNode.valueOf(number));
            return number;
        });
    }

    /** Numbers from {@code least}, itself included or not, to {@code most}. */
    record Range(double least, boolean included, double most, String words) {
        static final Range ANY = new Range(-Double.MAX_VALUE, true, Double.MAX_VALUE, "that is finite");
        static final Range POSITIVE = new Range(0, false, Double.MAX_VALUE, "above 0");
        static final Range NOT_NEGATIVE = new Range(0, true, Double.MAX_VALUE, "of at least 0");

        static Range from0To(int most) {
            return new Range(0, true, most, "from 0 to " + most);
        }

        boolean contains(double number) {
            return (included ? number >= least : number > least) && number <= most;
        }
    }

    Optional<Boolean> flag(String name) {
        return value(name).map(value -> {
            boolean flag = value.isBoolean()
                    ? value.booleanValue()
                    : switch (value.asText().toLowerCase(Locale.ROOT)) {
                        case "true", "1", "on", "yes" -> true;
                        case "false", "0", "off", "no" -> false;
                        default -> throw wrong(name, "must be true or false", value);
                    };
            accepted.put(name, BooleanNode.valueOf(flag));
            return flag;
        });
    }

    /** Also remembers it as it is, in case nothing else is said of it. */
    Optional<ObjectNode> object(String name) {
        return value(name).map(value -> {
            if (!(value instanceof ObjectNode object)) {
                throw wrong(name, "must be an object", value);
            }
            accepted.put(name, object);
            return object;
        });
    }

    /** The members of a member. */
    Optional<Fields> fields(String name) {
        return object(name).map(object -> new Fields(object, prefix + name + "."));
    }

    private static Optional<BigDecimal> decimal(JsonNode value) {
        String text = value.isNumber() || value.isTextual() ? value.asText().strip() : "";
        if (text.isEmpty() || text.length() > MAX_NUMBER_TEXT) {
            return Optional.empty();
        }
        try {
            BigDecimal number = new BigDecimal(text);
            // Whatever is beyond doubles would take long to compute with.
            return Math.abs((long) number.precision() - number.scale()) > 320 ? Optional.empty() : Optional.of(number);
        } catch (NumberFormatException notANumber) {
            return Optional.empty();
        }
    }

    FieldRejected wrong(String name, String allowed, JsonNode value) {
        return new FieldRejected(prefix + name, allowed + ", not " + quoted(value));
    }

    private static String quoted(JsonNode value) {
        String text = value.isContainerNode() ? "a list or an object" : value.toString();
        return text.length() <= MAX_QUOTED ? text : text.substring(0, MAX_QUOTED) + "...";
    }
}
