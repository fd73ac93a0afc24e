package io.github.tachyscope.api.scope;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.github.tachyscope.api.Body;
import io.github.tachyscope.diffusion.CommonParameters;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Scales of LoRA files by chunk. Requests have {@code {path: scale or scales by chunk}}, pipelines take
 * {@code [{path, scale}]}, and consume them with every chunk.
 */
final class LoraScales {
    /** Most files; each costs work at every chunk. */
    private static final int MOST = 64;

    private static final double LARGEST = 10;

    private final TreeMap<Long, JsonNode> said = new TreeMap<>();

    /** What holds from the first chunk on. */
    void all(Body body, JsonNode given, long chunks) {
        if (!given.isObject()) {
            throw wrong(body, given);
        }
        int length = 1;
        for (JsonNode scale : given) {
            length = Math.max(length, scale.size());
        }
        for (long chunk = 0; chunk < Math.min(length, chunks) && !given.isEmpty(); chunk++) {
            said.put(chunk, list(body, given, chunk));
        }
    }

    /** What holds from that chunk on. */
    void at(long chunk, Body entry, JsonNode given) {
        said.put(chunk, list(entry, given, 0));
    }

    private static ArrayNode list(Body where, JsonNode given, long chunk) {
        if (!given.isContainerNode() || given.size() > MOST) {
            throw wrong(where, given);
        }
        if (given instanceof ArrayNode ready) {
            return ready;
        }
        ArrayNode list = JsonNodeFactory.instance.arrayNode();
        for (Map.Entry<String, JsonNode> lora : given.properties()) {
            List<JsonNode> scales =
                    Numbers.read(where, CommonParameters.LORA_SCALES, -LARGEST, LARGEST, lora.getValue());
            list.addObject().put("path", lora.getKey()).set("scale", scales.get((int)
                    Math.min(chunk, scales.size() - 1)));
        }
        return list;
    }

    private static RuntimeException wrong(Body where, JsonNode given) {
        return where.invalid(
                CommonParameters.LORA_SCALES,
                "dict_type",
                "Input should be an object of at most " + MOST + " paths with their scales",
                given);
    }

    /** For each chunk until nothing changes any more; empty if nothing is ever said. */
    List<JsonNode> byChunk(long chunks) {
        said.tailMap(chunks, true).clear();
        List<JsonNode> byChunk = new ArrayList<>();
        for (long chunk = 0; !said.isEmpty() && chunk <= said.lastKey(); chunk++) {
            Map.Entry<Long, JsonNode> now = said.floorEntry(chunk);
            byChunk.add(now == null ? JsonNodeFactory.instance.arrayNode() : now.getValue());
        }
        return byChunk;
    }
}
