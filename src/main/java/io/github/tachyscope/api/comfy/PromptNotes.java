package io.github.tachyscope.api.comfy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What this face remembers of a prompt, beside the job that it became.
 *
 * @param prompt the graph, as it was sent
 * @param extraData what clients sent along, with what is added to it
 * @param outputs ids of the output nodes that take part
 * @param acts what is shown to run, in order
 * @param cached ids of nodes whose work was known from an earlier prompt
 * @param blocked why the graph cannot run, if it cannot
 * @param remarks what is not as the graph says, for people
 */
record PromptNotes(
        JsonNode prompt,
        ObjectNode extraData,
        List<String> outputs,
        List<Act> acts,
        List<String> cached,
        Optional<Blocked> blocked,
        List<String> remarks) {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** A graph that is valid, but of a shape that cannot run. */
    record Blocked(String node, String nodeType, String message) {
        Act act() {
            return Act.quick(node, nodeType, 0);
        }
    }

    PromptNotes {
        outputs = List.copyOf(outputs);
        acts = List.copyOf(acts);
        cached = List.copyOf(cached);
        remarks = List.copyOf(remarks);
    }

    /** Who is told. */
    Optional<String> client() {
        return Optional.ofNullable(extraData.path("client_id").textValue());
    }

    /** For keeping; {@link #parse} reads it. */
    String toJson() {
        ObjectNode json = JSON.createObjectNode();
        json.set("prompt", prompt);
        json.set("extra_data", extraData);
        json.set("outputs", Messages.array(outputs));
        ArrayNode all = json.putArray("acts");
        acts.forEach(act -> all.add(act.toJson()));
        json.set("cached", Messages.array(cached));
        blocked.ifPresent(at -> json.putObject("blocked")
                .put("node", at.node())
                .put("type", at.nodeType())
                .put("message", at.message()));
        json.set("remarks", Messages.array(remarks));
        return json.toString();
    }

    /** What {@link #toJson} wrote. */
    static PromptNotes parse(String text) {
        JsonNode json;
        try {
            json = JSON.readTree(text);
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException("notes are JSON", impossible);
        }
        List<Act> acts = new ArrayList<>();
        json.path("acts").forEach(act -> acts.add(Act.of(act)));
        JsonNode at = json.path("blocked");
        return new PromptNotes(
                json.path("prompt"),
                json.path("extra_data") instanceof ObjectNode extra ? extra : JSON.createObjectNode(),
                texts(json.path("outputs")),
                acts,
                texts(json.path("cached")),
                at.isObject()
                        ? Optional.of(new Blocked(
                                at.path("node").asText(),
                                at.path("type").asText(),
                                at.path("message").asText()))
                        : Optional.empty(),
                texts(json.path("remarks")));
    }

    private static List<String> texts(JsonNode array) {
        return array.valueStream().map(JsonNode::asText).toList();
    }
}
