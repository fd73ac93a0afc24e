package io.github.tachyscope.api.comfy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;

/**
 * One node of a graph in the order in which they are shown to run.
 *
 * @param type its class
 * @param plan which of the samplings it belongs to, from 0
 * @param steps that a sampler shows; 0 for other nodes
 * @param calls of the denoiser that these steps take in each chunk
 * @param chunks in which the pipeline makes what is asked for
 */
record Act(String node, String type, Kind kind, int plan, int steps, int calls, long chunks) {
    /** What it does while it runs. */
    enum Kind {
        /** Is over at once: loads, encodes texts, decodes. */
        QUICK,
        /** Counts steps and shows what it makes. */
        SAMPLE,
        /** Saves or sends what was made. */
        OUTPUT
    }

    static Act quick(String node, String type, int plan) {
        return new Act(node, type, Kind.QUICK, plan, 0, 0, 0);
    }

    static Act output(String node, String type, int plan) {
        return new Act(node, type, Kind.OUTPUT, plan, 0, 0, 0);
    }

    /** Whether it sends its pictures to the client and keeps none. */
    boolean sends() {
        return type.equals("SaveImageWebsocket");
    }

    ObjectNode toJson() {
        ObjectNode json = JsonNodeFactory.instance
                .objectNode()
                .put("node", node)
                .put("type", type)
                .put("kind", kind.name().toLowerCase(Locale.ROOT))
                .put("plan", plan);
        return kind == Kind.SAMPLE
                ? json.put("steps", steps).put("calls", calls).put("chunks", chunks)
                : json;
    }

    static Act of(JsonNode json) {
        return new Act(
                json.path("node").asText(),
                json.path("type").asText(),
                Kind.valueOf(json.path("kind").asText().toUpperCase(Locale.ROOT)),
                json.path("plan").asInt(),
                json.path("steps").asInt(),
                json.path("calls").asInt(),
                json.path("chunks").asLong());
    }
}
