package io.github.tachyscope.session.job;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;

/** Where the input pictures of a job come from. The files last as long as the job. */
public sealed interface Footage {

    /** A video file, at the rate of the job; begins anew when it ends. */
    record Video(Path file) implements Footage {}

    /** A still picture, shown all the time. */
    record Picture(Path file) implements Footage {}

    /** Raw RGB pictures {@code [frames, height, width, 3]} of bytes without a header; begin anew when they end. */
    record Raw(Path file, int frames, int width, int height) implements Footage {}

    /** For keeping; {@link #fromJson} reads it. */
    default ObjectNode toJson() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        if (this instanceof Video video) {
            json.put("kind", "video").put("file", video.file().toString());
        } else if (this instanceof Picture picture) {
            json.put("kind", "picture").put("file", picture.file().toString());
        } else if (this instanceof Raw raw) {
            json.put("kind", "raw").put("file", raw.file().toString());
            json.put("frames", raw.frames()).put("width", raw.width()).put("height", raw.height());
        }
        return json;
    }

    /**
     * What {@link #toJson} wrote.
     *
     * @throws IllegalArgumentException if it is something else
     */
    static Footage fromJson(JsonNode json) {
        Path file = Path.of(json.path("file").asText());
        return switch (json.path("kind").asText()) {
            case "video" -> new Video(file);
            case "picture" -> new Picture(file);
            case "raw" ->
                new Raw(
                        file,
                        json.path("frames").asInt(),
                        json.path("width").asInt(),
                        json.path("height").asInt());
            default -> throw new IllegalArgumentException("not footage: " + json);
        };
    }
}
