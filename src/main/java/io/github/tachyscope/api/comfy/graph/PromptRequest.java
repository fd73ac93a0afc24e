package io.github.tachyscope.api.comfy.graph;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The body of {@code POST /prompt}, read but not yet checked.
 *
 * @param prompt nodes by their ids
 * @param promptId if the client chose one: a lower-case UUID
 * @param extraData what goes along with the job; empty if there is nothing
 * @param number the priority, if the client chose one
 * @param front whether it goes before all that has no number of its own
 * @param targets the only outputs to run, if not all
 */
public record PromptRequest(
        ObjectNode prompt,
        Optional<String> clientId,
        Optional<String> promptId,
        ObjectNode extraData,
        Optional<Double> number,
        boolean front,
        Optional<Set<String>> targets) {
    /** Longest body; protects memory, and the log which keeps the graph of every job. */
    public static final int MAX_BYTES = 16 << 20;

    /** Deepest nesting of JSON; protects the stack. Editors nest their own notes some twenty deep. */
    private static final int MAX_NESTING = 100;

    private static final Pattern UUID = Pattern.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");

    private static final ObjectMapper JSON = new ObjectMapper(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(MAX_NESTING)
                            .build())
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    /**
     * Reads a body, whatever its type is said to be.
     *
     * @throws GraphRefused if it is no JSON, or has no prompt
     */
    public static PromptRequest read(byte[] body) {
        if (body.length > MAX_BYTES) {
            throw new GraphRefused("invalid_prompt", "A prompt may have at most " + MAX_BYTES + " bytes");
        }
        return of(json(body));
    }

    private static JsonNode json(byte[] body) {
        try {
            return JSON.readTree(body);
        } catch (IOException broken) {
            throw new GraphRefused(
                    "invalid_json", "The body must be one JSON object, nested at most " + MAX_NESTING + " deep");
        }
    }

    private static PromptRequest of(JsonNode body) {
        JsonNode prompt = body.path("prompt");
        if (prompt.isMissingNode() || prompt.isNull()) {
            throw new GraphRefused("no_prompt", "No prompt: the body must be an object with the graph in prompt");
        }
        if (!(prompt instanceof ObjectNode nodes)) {
            throw new GraphRefused("no_prompt", "No prompt: it must be an object of nodes by their ids");
        }
        Optional<String> promptId = present(body, "prompt_id").map(JsonNode::asText);
        if (promptId.isPresent() && !UUID.matcher(promptId.get()).matches()) {
            throw new GraphRefused("invalid_prompt_id", "prompt_id must be a UUID in lower case with hyphens");
        }
        return new PromptRequest(
                nodes,
                present(body, "client_id").filter(JsonNode::isValueNode).map(JsonNode::asText),
                promptId,
                body.path("extra_data") instanceof ObjectNode extra ? extra : NodeProblem.object(),
                number(body),
                Conversion.flag(body.path("front")),
                targets(body));
    }

    private static Optional<JsonNode> present(JsonNode body, String name) {
        return Optional.ofNullable(body.get(name)).filter(value -> !value.isNull());
    }

    private static Optional<Double> number(JsonNode body) {
        return present(body, "number")
                .map(value -> Conversion.real(value)
                        .orElseThrow(() -> new GraphRefused("invalid_prompt", "number must be a number")));
    }

    private static Optional<Set<String>> targets(JsonNode body) {
        return present(body, "partial_execution_targets")
                .filter(JsonNode::isArray)
                .map(list -> {
                    Set<String> ids = new LinkedHashSet<>();
                    list.forEach(id -> ids.add(id.asText()));
                    return ids;
                });
    }
}
