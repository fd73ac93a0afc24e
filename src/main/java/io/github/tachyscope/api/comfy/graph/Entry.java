package io.github.tachyscope.api.comfy.graph;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** A node as the graph has it: of a known class, with inputs that nobody has looked at. */
record Entry(String id, NodeClass type, ObjectNode inputs) {
    /** Most nodes of a graph; protects from graphs that take longer to check than others to run. */
    static final int MOST = 10_000;

    /** Longest id; protects the size of replies, which name ids many times. */
    static final int LONGEST_ID = 200;

    private static final String UNKNOWN = "missing_node_type";

    /**
     * The nodes of a graph by their ids. Notes beside them, whose names begin with an underscore, are left out.
     *
     * @throws GraphRefused if there is something else than nodes of known classes, or too many of them
     */
    static Map<String, Entry> all(ObjectNode prompt) {
        if (prompt.path("nodes").isArray() && prompt.path("links").isArray()) {
            throw refused(
                    "nodes",
                    prompt,
                    "This is a graph as the editor saves it, with lists of nodes and links; export it in the API format");
        }
        if (prompt.size() > MOST) {
            throw new GraphRefused(
                    "invalid_prompt", "The graph has " + prompt.size() + " nodes; allowed are at most " + MOST);
        }
        Map<String, Entry> entries = new LinkedHashMap<>();
        prompt.properties().forEach(member -> {
            String id = member.getKey();
            if (id.length() > LONGEST_ID) {
                throw new GraphRefused("invalid_prompt", "Ids of nodes may have at most " + LONGEST_ID + " characters");
            }
            JsonNode node = member.getValue();
            if (node.has("class_type") || !id.startsWith("_")) {
                entries.put(id, of(id, node));
            }
        });
        return Collections.unmodifiableMap(entries);
    }

    private static Entry of(String id, JsonNode node) {
        JsonNode name = node.path("class_type");
        if (!name.isTextual()) {
            throw refused(id, node, "Node " + NodeProblem.quoted(title(node).orElse(id)) + " has no class_type");
        }
        NodeClass type = NodeCatalogue.find(name.textValue())
                .orElseThrow(() -> refused(
                        id,
                        node,
                        "Node " + NodeProblem.quoted(title(node).orElse(name.textValue()))
                                + " was not found; this server has no such class of nodes"));
        return new Entry(id, type, node.path("inputs") instanceof ObjectNode inputs ? inputs : NodeProblem.object());
    }

    private static Optional<String> title(JsonNode node) {
        return Optional.of(node.path("_meta").path("title"))
                .filter(JsonNode::isTextual)
                .map(JsonNode::textValue);
    }

    private static GraphRefused refused(String id, JsonNode node, String message) {
        JsonNode name = node.path("class_type");
        Optional<String> type = Optional.of(name).filter(JsonNode::isTextual).map(JsonNode::textValue);
        ObjectNode extra = NodeProblem.object().put("node_id", id);
        extra.put("class_type", type.orElse(null));
        extra.put("node_title", title(node).or(() -> type).orElse(null));
        ArrayNode supported = extra.putArray("supported_class_types");
        NodeCatalogue.names().forEach(supported::add);
        return new GraphRefused(UNKNOWN, message, "Node ID '#" + id + "'", extra, NodeProblem.object());
    }
}
