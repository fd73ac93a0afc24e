package io.github.tachyscope.api.comfy.graph;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** A prompt cannot be accepted; {@link #json} is the body of the reply with status 400. */
public final class GraphRefused extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final transient ObjectNode json;

    GraphRefused(String type, String message, String details, ObjectNode extraInfo, ObjectNode nodeErrors) {
        super(message, null, false, false);
        json = JsonNodeFactory.instance.objectNode();
        json.set("error", NodeProblem.error(type, message, details, extraInfo));
        json.set("node_errors", nodeErrors);
    }

    GraphRefused(String type, String message) {
        this(type, message, "", NodeProblem.object(), NodeProblem.object());
    }

    /** The error, and what is wrong with each node. */
    public ObjectNode json() {
        return json.deepCopy();
    }
}
