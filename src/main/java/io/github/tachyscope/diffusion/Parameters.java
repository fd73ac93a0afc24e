package io.github.tachyscope.diffusion;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A partial set of parameter values by name: an immutable open dictionary.
 *
 * <p>A JSON null means "absent". What a name means and which values it may have is said by {@link ParameterSchema}.
 */
public final class Parameters {
    public static final String PROMPTS = "prompts";
    public static final String TRANSITION = "transition";
    public static final String RESET_CACHE = "reset_cache";

    /**
     * In a transition: whether its first chunk still shows the source, as it does unless told otherwise; if not, the k-th
     * of n chunks shows k/n of the way.
     */
    public static final String SHOWS_SOURCE = "shows_source";

    /**
     * Names that merging collects; protects memory from a client that invents new ones in every update. Further ones
     * are left out.
     */
    static final int MAX_NAMES = 256;

    private static final Parameters NONE = new Parameters(Map.of());

    private final Map<String, JsonNode> values;

    private Parameters(Map<String, JsonNode> values) {
        this.values = values;
    }

    public static Parameters none() {
        return NONE;
    }

    public static Parameters of(Map<String, JsonNode> values) {
        Map<String, JsonNode> present = new LinkedHashMap<>();
        values.forEach((name, value) -> {
            if (!value.isNull() && !value.isMissingNode()) {
                present.put(name, value);
            }
        });
        return new Parameters(Collections.unmodifiableMap(present));
    }

    public static Parameters of(JsonNode object) {
        Map<String, JsonNode> values = new LinkedHashMap<>();
        object.properties().forEach(entry -> values.put(entry.getKey(), entry.getValue()));
        return of(values);
    }

    public boolean isEmpty() {
        return values.isEmpty();
    }

    public Map<String, JsonNode> values() {
        return values;
    }

    public Optional<JsonNode> value(String name) {
        return Optional.ofNullable(values.get(name));
    }

    public Parameters with(String name, JsonNode value) {
        Map<String, JsonNode> copy = new LinkedHashMap<>(values);
        copy.put(name, value);
        return of(copy);
    }

    public Parameters without(String name) {
        if (!values.containsKey(name)) {
            return this;
        }
        Map<String, JsonNode> copy = new LinkedHashMap<>(values);
        copy.remove(name);
        return of(copy);
    }

    /**
     * Both updates as one: a later value wins, except that a cache reset once asked for stays asked for. Prompts set
     * without a transition cancel a transition that is still pending.
     */
    public Parameters merge(Parameters later) {
        if (values.isEmpty()) {
            return later;
        }
        Map<String, JsonNode> merged = new LinkedHashMap<>(values);
        if (later.values.containsKey(PROMPTS) && !later.values.containsKey(TRANSITION)) {
            merged.remove(TRANSITION);
        }
        later.values.forEach((name, value) -> {
            if (merged.size() < MAX_NAMES || merged.containsKey(name)) {
                merged.put(name, value);
            }
        });
        if (isTrue(values.get(RESET_CACHE))) {
            merged.put(RESET_CACHE, BooleanNode.TRUE);
        }
        return of(merged);
    }

    private static boolean isTrue(@Nullable JsonNode node) {
        return node != null && node.asBoolean(false);
    }

    public ObjectNode toJson() {
        ObjectNode object = JsonNodeFactory.instance.objectNode();
        values.forEach(object::set);
        return object;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Parameters that && values.equals(that.values);
    }

    @Override
    public int hashCode() {
        return values.hashCode();
    }

    @Override
    public String toString() {
        return values.toString();
    }
}
