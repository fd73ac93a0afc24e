package io.github.tachyscope.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** A JSON object of a request, read member by member; a null member counts as absent, an unknown one is never looked at. */
public final class Body {
    private final ObjectNode json;
    private final List<String> location;

    public Body(ObjectNode json) {
        this(json, List.of("body"));
    }

    private Body(ObjectNode json, List<String> location) {
        this.json = json;
        this.location = location;
    }

    public ObjectNode json() {
        return json;
    }

    public Optional<JsonNode> member(String name) {
        return Optional.ofNullable(json.get(name)).filter(value -> !value.isNull());
    }

    public Optional<String> text(String name) {
        return member(name).map(value -> {
            if (!value.isTextual()) {
                throw invalid(name, "string_type", "Input should be a string", value);
            }
            return value.textValue();
        });
    }

    public String requiredText(String name) {
        return text(name).orElseThrow(() -> missing(name));
    }

    /** A whole number; {@code 3.0} is one too. */
    public Optional<Long> whole(String name, long least, long most) {
        return member(name).map(value -> {
            double number = value.doubleValue();
            if (!value.isNumber() || number != Math.rint(number) || number < least || number > most) {
                throw invalid(
                        name, "int_parsing", "Input should be a whole number from " + least + " to " + most, value);
            }
            return value.longValue();
        });
    }

    public Optional<Boolean> flag(String name) {
        return member(name).map(value -> {
            if (!value.isBoolean()) {
                throw invalid(name, "bool_type", "Input should be true or false", value);
            }
            return value.booleanValue();
        });
    }

    public Optional<ObjectNode> object(String name) {
        return member(name).map(value -> {
            if (value instanceof ObjectNode object) {
                return object;
            }
            throw invalid(name, "dict_type", "Input should be an object", value);
        });
    }

    /** A list of texts; empty if absent. */
    public List<String> texts(String name, int most) {
        return elements(name, most)
                .map(value -> {
                    if (!value.isTextual()) {
                        throw invalid(name, "string_type", "Every element should be a string", value);
                    }
                    return value.textValue();
                })
                .toList();
    }

    /** A list of objects; empty if absent. */
    public List<Body> objects(String name, int most) {
        List<Body> bodies = new ArrayList<>();
        elements(name, most).forEach(value -> {
            if (!(value instanceof ObjectNode object)) {
                throw invalid(name, "dict_type", "Every element should be an object", value);
            }
            List<String> inner = new ArrayList<>(location);
            inner.add(name);
            inner.add(Integer.toString(bodies.size()));
            bodies.add(new Body(object, List.copyOf(inner)));
        });
        return bodies;
    }

    private Stream<JsonNode> elements(String name, int most) {
        Optional<JsonNode> list = member(name);
        if (list.isEmpty()) {
            return Stream.empty();
        }
        if (!list.get().isArray()) {
            throw invalid(name, "list_type", "Input should be a list", list.get());
        }
        if (list.get().size() > most) {
            throw invalid(
                    name, "too_long", "The list should have at most " + most + " elements", NullNode.getInstance());
        }
        return list.get().valueStream();
    }

    public Refused missing(String name) {
        return invalid(name, "missing", "Field required", json);
    }

    public Refused invalid(String name, String type, String message, JsonNode input) {
        List<String> path = new ArrayList<>(location);
        path.add(name);
        return Refused.invalid(path, type, message, input);
    }
}
