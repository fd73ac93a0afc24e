package io.github.tachyscope.api.video.stream;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.tachyscope.api.video.FieldRejected;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Reads what a client wants to change, in both dialects; throws {@link FieldRejected} with what is said to it. */
final class InteractionReader {
    static final int MAX_EVENT_ID = 256;

    private static final String CHUNKS = "transition_chunks";
    private static final int DEFAULT_CHUNKS = 3;

    /** Longer prompts no pipeline takes. */
    private static final int MAX_PROMPT = 10_000;

    /** What is wanted; a prompt, controls, or both. */
    record Wish(Optional<String> prompt, Map<String, JsonNode> controls, int transitionChunks) {}

    private InteractionReader() {}

    /** {@code {"event": {"prompt": ..., "multi_modal_data": {...}}, "transition_chunks": 3}}. */
    static Wish interaction(ObjectNode interaction) {
        if (!(interaction.get("event") instanceof ObjectNode event)) {
            throw new FieldRejected("interaction.event", "must be an object");
        }
        if (present(event.path("negative_prompt"))) {
            throw new FieldRejected("event.negative_prompt", "is not supported in updates");
        }
        Map<String, JsonNode> controls = new LinkedHashMap<>();
        JsonNode data = event.path("multi_modal_data");
        if (present(data) && !data.isObject()) {
            throw new FieldRejected("event.multi_modal_data", "must be an object");
        }
        data.properties().stream()
                .filter(control -> present(control.getValue()))
                .forEach(control -> controls.put(control.getKey(), control.getValue()));
        return new Wish(
                prompt(event.path("prompt"), "event.prompt", !controls.isEmpty()),
                controls,
                chunks(interaction.path(CHUNKS), CHUNKS));
    }

    /** The older form: everything at the top. */
    static Wish promptUpdate(ObjectNode message) {
        String older = "transition_duration_chunks";
        String name = present(message.path(older)) ? older : CHUNKS;
        return new Wish(prompt(message.path("prompt"), "prompt", false), Map.of(), chunks(message.path(name), name));
    }

    private static Optional<String> prompt(JsonNode prompt, String name, boolean mayBeMissing) {
        if (!present(prompt) && mayBeMissing) {
            return Optional.empty();
        }
        if (!prompt.isTextual() || prompt.textValue().isBlank()) {
            throw new FieldRejected("An update", "requires a non-empty " + name);
        }
        if (prompt.textValue().length() > MAX_PROMPT) {
            throw new FieldRejected(name, "may have at most " + MAX_PROMPT + " characters");
        }
        return Optional.of(prompt.textValue());
    }

    private static int chunks(JsonNode chunks, String name) {
        if (!present(chunks)) {
            return DEFAULT_CHUNKS;
        }
        double number = chunks.doubleValue();
        if (!chunks.isNumber() || number != Math.rint(number) || Math.abs(number) > Integer.MAX_VALUE) {
            throw new FieldRejected(name, "must be an integer");
        }
        if (number < 0) {
            throw new FieldRejected(name, "must be >= 0");
        }
        return (int) number;
    }

    private static boolean present(JsonNode node) {
        return !node.isMissingNode() && !node.isNull();
    }
}
