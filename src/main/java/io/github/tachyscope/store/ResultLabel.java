package io.github.tachyscope.store;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;

/**
 * What {@link ResultFile#label} says: who asked for the file, and where else it stands.
 *
 * @param source such as a node of a graph; may be empty
 */
public record ResultLabel(String source, Optional<Filed> filed) {
    /** Nobody in particular, and nowhere else. */
    public static final ResultLabel NONE = new ResultLabel("", Optional.empty());

    private static final ObjectMapper JSON = new ObjectMapper();

    /**
     * Where a file stands that people look at.
     *
     * @param subfolder with slashes; empty for the folder itself
     */
    public record Filed(MediaFolder folder, String subfolder, String name) {}

    /** For keeping; {@link #of} reads it. */
    String text() {
        if (source.isEmpty() && filed.isEmpty()) {
            return "";
        }
        ObjectNode json = JSON.createObjectNode().put("source", source);
        filed.ifPresent(place -> json.put("folder", place.folder().wireName())
                .put("subfolder", place.subfolder())
                .put("name", place.name()));
        return json.toString();
    }

    /** That of a file; a label in other words is taken for a source. */
    public static ResultLabel of(ResultFile file) {
        JsonNode json;
        try {
            json = JSON.readTree(file.label());
        } catch (JsonProcessingException text) {
            return new ResultLabel(file.label(), Optional.empty());
        }
        if (!json.isObject()) {
            return new ResultLabel(file.label(), Optional.empty());
        }
        return new ResultLabel(
                json.path("source").asText(),
                MediaFolder.ofWireName(json.path("folder").asText())
                        .map(folder -> new Filed(
                                folder,
                                json.path("subfolder").asText(),
                                json.path("name").asText())));
    }
}
