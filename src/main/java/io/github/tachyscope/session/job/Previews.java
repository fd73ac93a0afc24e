package io.github.tachyscope.session.job;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * What a job shows of its pictures while they are made.
 *
 * @param method {@code none}, {@code auto}, {@code latent2rgb}, {@code taesd} or {@code full}
 * @param maxSide longest side; smaller pictures are enlarged to it
 * @param quality of the JPEG files, 1 to 100
 * @param animated whether each preview shows all frames of the latent, and not the first alone
 */
public record Previews(String method, int maxSide, int quality, boolean animated) {
    /** Largest preview; protects those who watch. */
    private static final int LARGEST_SIDE = 4096;

    public Previews {
        if (maxSide < 1 || maxSide > LARGEST_SIDE || quality < 1 || quality > 100) {
            throw new IllegalArgumentException("previews of " + maxSide + " pixels at quality " + quality);
        }
    }

    ObjectNode toJson() {
        return JsonNodeFactory.instance
                .objectNode()
                .put("method", method)
                .put("max_side", maxSide)
                .put("quality", quality)
                .put("animated", animated);
    }

    /** What {@link #toJson} wrote. */
    static Previews fromJson(JsonNode json) {
        return new Previews(
                json.path("method").asText(),
                json.path("max_side").asInt(),
                json.path("quality").asInt(),
                json.path("animated").asBoolean());
    }
}
