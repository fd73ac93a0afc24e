package io.github.tachyscope.api.comfy.graph;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** Graphs for tests, and a server that offers what they name. */
final class Graphs {
    static final List<String> REFERENCE = List.of(
            "wan-text-to-video",
            "wan-text-to-video-later",
            "wan-image-to-video",
            "wan-open-webui",
            "sd-text-to-image",
            "sdxl-image-to-image");

    private static final ObjectMapper JSON = new ObjectMapper();

    private static final Map<String, String> PICTURES =
            Map.of("cat.png", "cat's hash", "out.png [output]", "out's hash");

    private Graphs() {}

    static Offer offer() {
        return offer(PICTURES);
    }

    static Offer offer(Map<String, String> pictures) {
        return new Offer(
                List.of("v1-5-pruned-emaonly.safetensors", "sd_xl_base_1.0.safetensors"),
                List.of("wan2.1_t2v_1.3B_bf16.safetensors", "wan2.1_t2v_1.3B_fp16.safetensors"),
                List.of("umt5_xxl_fp8_e4m3fn_scaled.safetensors", "clip_l.safetensors"),
                List.of("wan_2.1_vae.safetensors", "sd.vae.safetensors"),
                List.of("ink.safetensors", "glow.safetensors"),
                List.of("cat.png"),
                List.of("euler", "euler_ancestral", "uni_pc", "uni_pc_bh2"),
                List.of("simple", "normal", "karras"),
                name -> Optional.ofNullable(pictures.get(name)));
    }

    /** A graph from the resources, by its name. */
    static ObjectNode load(String name) {
        try (InputStream in = Graphs.class.getResourceAsStream("/comfy/" + name + ".json")) {
            return (ObjectNode) JSON.readTree(Objects.requireNonNull(in, name));
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
    }

    static JsonNode json(String text) {
        try {
            return JSON.readTree(text);
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
    }

    static ObjectNode node(String type) {
        ObjectNode node = JsonNodeFactory.instance.objectNode().put("class_type", type);
        node.putObject("inputs");
        return node;
    }

    static ObjectNode inputs(ObjectNode graph, String id) {
        return (ObjectNode) graph.get(id).get("inputs");
    }

    /** Sets an input of a node, as JSON. */
    static ObjectNode set(ObjectNode graph, String id, String input, String value) {
        inputs(graph, id).set(input, json(value));
        return graph;
    }

    /** Adds a node with these inputs, as JSON. */
    static ObjectNode add(ObjectNode graph, String id, String type, String inputs) {
        ObjectNode node = node(type);
        node.set("inputs", json(inputs));
        graph.set(id, node);
        return graph;
    }

    static PromptRequest request(ObjectNode graph) {
        return PromptRequest.read(JsonNodeFactory.instance
                .objectNode()
                .set("prompt", graph)
                .toString()
                .getBytes(StandardCharsets.UTF_8));
    }

    static CheckedGraph check(ObjectNode graph) {
        return GraphCheck.check(request(graph), offer());
    }

    static GraphPlan plan(ObjectNode graph) {
        return GraphReader.read(check(graph));
    }
}
