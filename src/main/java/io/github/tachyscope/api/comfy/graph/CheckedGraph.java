package io.github.tachyscope.api.comfy.graph;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A graph of which at least one output is right; it has the nodes which those outputs need, and no others. */
public final class CheckedGraph {
    private final Map<String, Node> nodes;
    private final List<String> outputs;
    private final ObjectNode nodeErrors;
    private final Map<String, String> signatures;

    CheckedGraph(Map<String, Node> nodes, List<String> outputs, ObjectNode nodeErrors, Map<String, String> signatures) {
        this.nodes = Collections.unmodifiableMap(new LinkedHashMap<>(nodes));
        this.outputs = List.copyOf(outputs);
        this.nodeErrors = nodeErrors;
        this.signatures = Collections.unmodifiableMap(new LinkedHashMap<>(signatures));
    }

    /** Ids of the outputs to run, in the order of the graph. */
    public List<String> outputs() {
        return outputs;
    }

    /** What is wrong with the outputs that were dropped, by the ids of nodes; empty if none was. */
    public ObjectNode nodeErrors() {
        return nodeErrors.deepCopy();
    }

    /** The class of a node that takes part. */
    public Optional<String> type(String id) {
        return Optional.ofNullable(nodes.get(id)).map(node -> node.type().name());
    }

    /**
     * What a node makes, by its id: two nodes with the same signature, in whatever graphs, make the same. Nodes that run
     * again although nothing has changed have none.
     */
    public Map<String, String> signatures() {
        return signatures;
    }

    /** All nodes that take part, each behind all that it needs. */
    Map<String, Node> nodes() {
        return nodes;
    }

    /** A node that takes part. */
    Node node(String id) {
        return Optional.ofNullable(nodes.get(id))
                .orElseThrow(() -> new IllegalStateException("no node " + id + " takes part"));
    }

    Node node(Link link) {
        return node(link.node());
    }
}
