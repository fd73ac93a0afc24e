package io.github.tachyscope.session;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.tachyscope.diffusion.InputMode;
import io.github.tachyscope.diffusion.Parameters;
import java.util.Optional;
import java.util.Set;

/**
 * A partial update of a session's parameters, from the data channel or from a request: what the session itself acts on,
 * and what goes to the pipelines.
 *
 * @param paused stop or go on, at once
 * @param stats whether the client wants {@code stats} messages
 * @param inputMode switch between text and video
 * @param nodeId address one pipeline of the chain only
 * @param parameters everything else
 */
record ControlMessage(
        Optional<Boolean> paused,
        Optional<Boolean> stats,
        Optional<InputMode> inputMode,
        Optional<String> nodeId,
        Parameters parameters) {

    /** Deepest nesting of a message; real ones need five. */
    private static final int MAX_NESTING = 32;

    private static final ObjectMapper JSON = new ObjectMapper(JsonFactory.builder()
            .streamReadConstraints(
                    StreamReadConstraints.builder().maxNestingDepth(MAX_NESTING).build())
            .build());

    /**
     * Known to other servers' clients, without effect here: hints, integrations with other programs, tempo, and what
     * counts only in an offer.
     */
    private static final Set<String> WITHOUT_EFFECT = Set.of(
            "pipeline_ids",
            "graph",
            "recording",
            "produces_video",
            "produces_audio",
            "input_source",
            "output_sinks",
            "spout_sender",
            "spout_receiver",
            "source_track_order",
            "quantize_mode",
            "lookahead_ms",
            "modulations",
            "beat_cache_reset_rate");

    /** Reads a message; empty if the text is no JSON object. */
    static Optional<ControlMessage> parse(String text) {
        try {
            JsonNode node = JSON.readTree(text);
            return node != null && node.isObject() ? Optional.of(of(Parameters.of(node))) : Optional.empty();
        } catch (JsonProcessingException malformed) {
            return Optional.empty();
        }
    }

    /** Splits an update; members of the wrong type that the session would act on are left out. */
    static ControlMessage of(Parameters all) {
        Parameters rest =
                all.without("paused").without("stats").without("input_mode").without("node_id");
        for (String name : WITHOUT_EFFECT) {
            rest = rest.without(name);
        }
        return new ControlMessage(
                flag(all, "paused"),
                flag(all, "stats"),
                all.value("input_mode")
                        .filter(JsonNode::isTextual)
                        .flatMap(mode -> InputMode.ofWireName(mode.asText())),
                all.value("node_id").filter(JsonNode::isTextual).map(JsonNode::asText),
                rest);
    }

    private static Optional<Boolean> flag(Parameters all, String name) {
        return all.value(name).filter(JsonNode::isBoolean).map(JsonNode::asBoolean);
    }
}
