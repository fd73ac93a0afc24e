package io.github.tachyscope.api.comfy.graph;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * Something that is wrong with one node.
 *
 * @param type machine-readable
 * @param details begin with the name of the input
 * @param extraInfo what clients of that type look for
 */
record NodeProblem(String type, String message, String details, ObjectNode extraInfo) {
    /** Values of others are quoted in messages up to this length. */
    private static final int MAX_QUOTED = 100;

    ObjectNode json() {
        return error(type, message, details, extraInfo);
    }

    static ObjectNode error(String type, String message, String details, ObjectNode extraInfo) {
        ObjectNode error = object().put("type", type).put("message", message).put("details", details);
        error.set("extra_info", extraInfo);
        return error;
    }

    static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    static String quoted(String text) {
        return "'" + (text.length() <= MAX_QUOTED ? text : text.substring(0, MAX_QUOTED) + "...") + "'";
    }
}
