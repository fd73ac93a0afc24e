package io.github.tachyscope.diffusion;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.TreeMap;

/**
 * Which parameters a run has at which chunk: an immutable value.
 *
 * <pre>
 *   dense    seed        42  43  43  43  43    a value for every chunk; beyond the end the last one stays
 *   steady   lora_scales  a   a   a   a   a    the same, but said again at every chunk: for what a chunk consumes
 *   keyframe prompts          p       q        said at its chunk only: sticky ones stay, one-shot ones act there
 * </pre>
 *
 * <p>What a client changes while a run goes on is a keyframe at the next chunk.
 */
public final class ParameterSchedule {
    private static final ParameterSchedule EMPTY = new ParameterSchedule(Map.of(), Map.of(), new TreeMap<>());

    private final Map<String, List<JsonNode>> dense;
    private final Map<String, List<JsonNode>> steady;
    private final NavigableMap<Long, Parameters> keyframes;

    private ParameterSchedule(
            Map<String, List<JsonNode>> dense,
            Map<String, List<JsonNode>> steady,
            NavigableMap<Long, Parameters> keyframes) {
        this.dense = dense;
        this.steady = steady;
        this.keyframes = keyframes;
    }

    /** Nothing is ever said. */
    public static ParameterSchedule empty() {
        return EMPTY;
    }

    /** The same from the first chunk on. */
    public static ParameterSchedule constant(Parameters parameters) {
        return EMPTY.keyframe(0, parameters);
    }

    /**
     * A value for every chunk.
     *
     * @param values in the order of the chunks, at least one
     */
    public ParameterSchedule dense(String name, List<JsonNode> values) {
        return new ParameterSchedule(with(dense, name, values), steady, keyframes);
    }

    /**
     * A value for every chunk that is said again even where it does not change.
     *
     * @param values in the order of the chunks, at least one
     */
    public ParameterSchedule steady(String name, List<JsonNode> values) {
        return new ParameterSchedule(dense, with(steady, name, values), keyframes);
    }

    private static Map<String, List<JsonNode>> with(
            Map<String, List<JsonNode>> lists, String name, List<JsonNode> values) {
        if (values.isEmpty()) {
            throw new IllegalArgumentException(name + " needs at least one value");
        }
        Map<String, List<JsonNode>> more = new LinkedHashMap<>(lists);
        more.put(name, List.copyOf(values));
        return Collections.unmodifiableMap(more);
    }

    /** Said at one chunk; of what is said twice for a chunk the later holds, as with {@link Parameters#merge}. */
    public ParameterSchedule keyframe(long chunk, Parameters parameters) {
        if (chunk < 0) {
            throw new IllegalArgumentException("chunk " + chunk);
        }
        NavigableMap<Long, Parameters> more = new TreeMap<>(keyframes);
        more.merge(chunk, parameters, Parameters::merge);
        return new ParameterSchedule(dense, steady, more);
    }

    /** What is said before a chunk: everything it starts with for the first one, then what changes. */
    public Parameters at(long chunk) {
        Map<String, JsonNode> said = new LinkedHashMap<>();
        dense.forEach((name, values) -> {
            JsonNode value = element(values, chunk);
            if (chunk == 0 || !value.equals(element(values, chunk - 1))) {
                said.put(name, value);
            }
        });
        steady.forEach((name, values) -> said.put(name, element(values, chunk)));
        Parameters regular = Parameters.of(said);
        Parameters own = keyframes.get(chunk);
        return own == null ? regular : regular.merge(own);
    }

    /** From this chunk on nothing new is said, but for what is steady. */
    public long length() {
        long length = keyframes.isEmpty() ? 0 : keyframes.lastKey() + 1;
        for (Map<String, List<JsonNode>> lists : List.of(dense, steady)) {
            for (List<JsonNode> values : lists.values()) {
                length = Math.max(length, values.size());
            }
        }
        return length;
    }

    /** For keeping; {@link #fromJson} reads it. */
    public ObjectNode toJson() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        write(dense, json.putObject("dense"));
        write(steady, json.putObject("steady"));
        ObjectNode frames = json.putObject("keyframes");
        keyframes.forEach((chunk, parameters) -> frames.set(Long.toString(chunk), parameters.toJson()));
        return json;
    }

    private static void write(Map<String, List<JsonNode>> lists, ObjectNode json) {
        lists.forEach((name, values) -> json.putArray(name).addAll(values));
    }

    /** What {@link #toJson} wrote. */
    public static ParameterSchedule fromJson(JsonNode json) {
        ParameterSchedule schedule = EMPTY;
        for (Map.Entry<String, JsonNode> list : json.path("dense").properties()) {
            schedule = schedule.dense(list.getKey(), values(list.getValue()));
        }
        for (Map.Entry<String, JsonNode> list : json.path("steady").properties()) {
            schedule = schedule.steady(list.getKey(), values(list.getValue()));
        }
        for (Map.Entry<String, JsonNode> frame : json.path("keyframes").properties()) {
            schedule = schedule.keyframe(Long.parseLong(frame.getKey()), Parameters.of(frame.getValue()));
        }
        return schedule;
    }

    private static List<JsonNode> values(JsonNode array) {
        List<JsonNode> values = new ArrayList<>();
        array.forEach(values::add);
        return values;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ParameterSchedule that
                && dense.equals(that.dense)
                && steady.equals(that.steady)
                && keyframes.equals(that.keyframes);
    }

    @Override
    public int hashCode() {
        return Objects.hash(dense, steady, keyframes);
    }

    private static JsonNode element(List<JsonNode> values, long chunk) {
        return values.get((int) Math.min(chunk, values.size() - 1));
    }
}
