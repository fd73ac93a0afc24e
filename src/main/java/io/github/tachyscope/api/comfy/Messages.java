package io.github.tachyscope.api.comfy;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Collection;
import java.util.Optional;

/** The messages of the WebSocket, as {@code {"type": ..., "data": {...}}}. */
final class Messages {
    static final String EXECUTION_START = "execution_start";
    static final String EXECUTION_CACHED = "execution_cached";
    static final String EXECUTION_SUCCESS = "execution_success";
    static final String EXECUTION_ERROR = "execution_error";
    static final String EXECUTION_INTERRUPTED = "execution_interrupted";
    private static final String PROMPT = "prompt_id";
    private static final String NODE = "node";
    private static final String TIMESTAMP = "timestamp";

    private Messages() {}

    static ObjectNode of(String type, ObjectNode data) {
        ObjectNode message = object().put("type", type);
        message.set("data", data);
        return message;
    }

    /** @param sid of the client, in the greeting only */
    static ObjectNode status(int remaining, Optional<String> sid) {
        ObjectNode data = object();
        data.putObject("status").set("exec_info", execInfo(remaining));
        sid.ifPresent(own -> data.put("sid", own));
        return of("status", data);
    }

    static ObjectNode execInfo(int remaining) {
        return object().put("queue_remaining", remaining);
    }

    static ObjectNode start(String prompt, long millis) {
        return object().put(PROMPT, prompt).put(TIMESTAMP, millis);
    }

    static ObjectNode cached(String prompt, Collection<String> nodes, long millis) {
        ObjectNode data = object();
        data.set("nodes", array(nodes));
        return data.put(PROMPT, prompt).put(TIMESTAMP, millis);
    }

    static ObjectNode executing(String prompt, String node) {
        return of(
                "executing", object().put(NODE, node).put("display_node", node).put(PROMPT, prompt));
    }

    /** Nothing of that prompt is executed any more. */
    static ObjectNode idle(String prompt) {
        return of("executing", object().putNull(NODE).put(PROMPT, prompt));
    }

    static ObjectNode progress(String prompt, String node, int value, int max) {
        return of(
                "progress",
                object().put("value", value).put("max", max).put(PROMPT, prompt).put(NODE, node));
    }

    static ObjectNode executed(String prompt, String node, ObjectNode output) {
        ObjectNode data = object().put(NODE, node).put("display_node", node);
        data.set("output", output);
        return of("executed", data.put(PROMPT, prompt));
    }

    static ObjectNode success(String prompt, long millis) {
        return object().put(PROMPT, prompt).put(TIMESTAMP, millis);
    }

    static ObjectNode interrupted(
            String prompt, String node, String nodeType, Collection<String> executed, long millis) {
        ObjectNode data = object().put(PROMPT, prompt).put("node_id", node).put("node_type", nodeType);
        data.set("executed", array(executed));
        return data.put(TIMESTAMP, millis);
    }

    static ObjectNode error(
            String prompt, String node, String nodeType, Collection<String> executed, Failing failing, long millis) {
        ObjectNode data = object().put(PROMPT, prompt).put("node_id", node).put("node_type", nodeType);
        data.set("executed", array(executed));
        data.put("exception_message", failing.message()).put("exception_type", failing.type());
        // Stacks of ours would tell nothing about the graph.
        data.putArray("traceback");
        data.putObject("current_inputs");
        data.putArray("current_outputs");
        return data.put(TIMESTAMP, millis);
    }

    /** What is known of a node wherever it is named. */
    static ObjectNode node(String node) {
        return object().put("node_id", node)
                .put("display_node", node)
                .putNull("parent_node")
                .put("real_node_id", node);
    }

    /** @param state {@code running}, {@code finished} or {@code error} */
    static ObjectNode nodeState(String prompt, String node, int value, int max, String state) {
        return object().put("value", value)
                .put("max", max)
                .put("state", state)
                .put("node_id", node)
                .put(PROMPT, prompt)
                .put("display_node_id", node)
                .putNull("parent_node_id")
                .put("real_node_id", node);
    }

    /** @param nodes id to {@link #nodeState} */
    static ObjectNode progressState(String prompt, ObjectNode nodes) {
        ObjectNode data = object().put(PROMPT, prompt);
        data.set("nodes", nodes);
        return of("progress_state", data);
    }

    static ObjectNode previewMetadata(String prompt, String node, String mediaType) {
        return object().put("node_id", node)
                .put(PROMPT, prompt)
                .put("display_node_id", node)
                .putNull("parent_node_id")
                .put("real_node_id", node)
                .put("image_type", mediaType);
    }

    static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    static ArrayNode array(Collection<String> texts) {
        ArrayNode array = JsonNodeFactory.instance.arrayNode();
        texts.forEach(array::add);
        return array;
    }
}
