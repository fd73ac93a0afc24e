package io.github.tachyscope.api.video.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.tachyscope.api.video.stream.StreamProtocol.Abort;
import io.github.tachyscope.api.video.stream.StreamProtocol.Action;
import io.github.tachyscope.api.video.stream.StreamProtocol.Begin;
import io.github.tachyscope.api.video.stream.StreamProtocol.Change;
import io.github.tachyscope.api.video.stream.StreamProtocol.Close;
import io.github.tachyscope.api.video.stream.StreamProtocol.Conclude;
import io.github.tachyscope.api.video.stream.StreamProtocol.Reason;
import io.github.tachyscope.api.video.stream.StreamProtocol.Send;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StreamProtocolTest {
    private static final long SECOND = 1_000_000;
    private static final String START = "{\"type\":\"session.start\",\"prompt\":\"x\"}";

    private StreamProtocol protocol = fresh();

    private static StreamProtocol fresh() {
        return new StreamProtocol(
                new StreamProtocol.Limits(10 * SECOND, 60 * SECOND, 1000, 500), "video_stream-1", () -> "made", 0);
    }

    private void running() {
        protocol.text(START, 0);
        protocol.prepared(object(), object(), 0);
    }

    private static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    private static ObjectNode sent(List<Action> actions) {
        return actions.stream()
                .filter(Send.class::isInstance)
                .map(action -> ((Send) action).message())
                .findFirst()
                .orElseThrow(() -> new AssertionError("nothing is sent: " + actions));
    }

    private static void assertEnds(String message, List<Action> actions) {
        assertTrue(sent(actions).path("message").asText().contains(message), () -> actions.toString());
        assertEquals("error", sent(actions).path("type").asText());
        assertEquals(new Close(1000), actions.get(actions.size() - 1));
    }

    private static void assertGoesOn(String message, List<Action> actions) {
        assertEquals(1, actions.size(), actions::toString);
        assertEquals("error", sent(actions).path("type").asText());
        assertTrue(sent(actions).path("message").asText().contains(message), () -> actions.toString());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{ | Invalid JSON in session.start",
                "'' | Invalid JSON in session.start",
                "[] | session.start must be a JSON object",
                "{\"type\":\"session.interaction\"} | Expected session.start, got: session.interaction",
                "{\"type\":\"session.start\",\"prompt\":\"x\",\"format\":\"webm\"} | format must be \"m4s\"",
                "{\"type\":\"session.start\"} | Invalid session.start: prompt",
                "{\"type\":\"session.start\",\"prompt\":\"x\",\"chunk_metadata\":1} | Invalid session.start: chunk_metadata",
                "{\"type\":\"session.start\",\"prompt\":\"x\",\"extra_params\":{\"preencode_mp4\":true}} | preencode_mp4",
                "{\"type\":\"session.start\",\"prompt\":\"x\",\"extra_params\":{\"pacing_lead_seconds\":-1}} | pacing_lead_seconds",
            })
    void aWrongFirstMessageIsToldAndEndsTheSession(String text, String message) {
        assertEnds(message, protocol.text(text, 0));
        assertTrue(protocol.ended());
        assertEquals(List.of(), protocol.text(START, 0), "it is over");
    }

    @Test
    void aFirstMessageThatIsTooLargeEndsTheSession() {
        assertEnds("session.start message too large", protocol.text("x".repeat(1001), 0));
    }

    @Test
    void waitsTenSecondsForTheFirstMessage() {
        assertEquals(List.of(), protocol.tick(10 * SECOND - 1));
        assertEnds("Timeout waiting for session.start", protocol.tick(10 * SECOND));
    }

    @Test
    void aRightFirstMessageBegins() {
        List<Action> actions = protocol.text(START, 0);
        Begin begin = (Begin) actions.get(0);
        assertEquals("x", begin.request().prompt());
        assertEquals(Optional.empty(), begin.metadata());
        ObjectNode start = sent(protocol.prepared(object().put("prompt", "x"), object().put("fps", 16), 0));
        assertEquals(
                "{\"type\":\"video.start\",\"request_id\":\"video_stream-1\",\"format\":\"m4s\","
                        + "\"config\":{\"prompt\":\"x\"},\"fps\":16}",
                start.toString());
    }

    @Test
    void whatThePipelineCannotDoEndsTheSession() {
        protocol.text(START, 0);
        assertEnds("Model mismatch: y", protocol.refused("Model mismatch: y"));
        assertEquals(List.of(), protocol.prepared(object(), object(), 0));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{ | Invalid JSON",
                "[] | must be a JSON object",
                "{\"type\":\"no.such\"} | Unknown message type: no.such",
                "{\"type\":\"session.start\",\"prompt\":\"x\"} | already received",
                "{\"type\":\"session.interaction\"} | requires an interaction object",
                "{\"type\":\"session.interaction\",\"interaction\":{}} | interaction.event must be an object",
                "{\"type\":\"session.interaction\",\"interaction\":{\"event\":{}}} | non-empty event.prompt",
                "{\"type\":\"session.interaction\",\"interaction\":{\"event\":{\"prompt\":\" \"}}} | non-empty event.prompt",
                "{\"type\":\"session.interaction\",\"interaction\":{\"event\":{\"prompt\":3}}} | non-empty event.prompt",
                "{\"type\":\"session.interaction\",\"interaction\":{\"event_id\":\"\",\"event\":{\"prompt\":\"x\"}}} | event_id",
                "{\"type\":\"session.interaction\",\"interaction\":{\"event_id\":3,\"event\":{\"prompt\":\"x\"}}} | event_id",
                "{\"type\":\"session.interaction\",\"interaction\":{\"event\":{\"prompt\":\"x\",\"negative_prompt\":\"y\"}}}"
                        + " | not supported",
                "{\"type\":\"session.prompt_update\",\"prompt\":\"\"} | non-empty prompt",
            })
    void aWrongControlMessageIsToldAndTheSessionGoesOn(String text, String message) {
        running();
        assertGoesOn(message, protocol.text(text, 0));
        assertFalse(protocol.ended());
    }

    @Test
    void aControlMessageThatIsTooLargeIsTold() {
        running();
        assertGoesOn("too large", protocol.text("x".repeat(501), 0));
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"x\"", "2.9", "true", "[]"})
    void transitionsHaveAWholeNumberOfChunks(String chunks) {
        running();
        assertGoesOn("must be an integer", protocol.text(interaction("a", chunks), 0));
    }

    @Test
    void transitionsHaveNoLessThanNoChunks() {
        running();
        assertGoesOn("must be >= 0", protocol.text(interaction("a", "-1"), 0));
        Change change = (Change) protocol.text(interaction("a", "2.0"), 0).get(0);
        assertEquals(2, change.update().transitionChunks());
    }

    private static String interaction(String id, String chunks) {
        return "{\"type\":\"session.interaction\",\"interaction\":{\"event_id\":\"" + id
                + "\",\"event\":{\"prompt\":\"p\"},\"transition_chunks\":" + chunks + "}}";
    }

    @Test
    void anUpdateIsAcknowledgedInItsDialect() {
        running();
        Change change = (Change) protocol.text(interaction("e-17", "null"), 0).get(0);
        assertEquals(3, change.update().transitionChunks());
        assertEquals(
                "{\"type\":\"session.interaction.queued\",\"request_id\":\"video_stream-1\",\"event_id\":\"e-17\"}",
                sent(protocol.updated(change, Optional.empty())).toString());
        String older = "{\"type\":\"session.prompt_update\",\"prompt\":\"p\",\"transition_duration_chunks\":5}";
        Change next = (Change) protocol.text(older, 0).get(0);
        assertEquals(5, next.update().transitionChunks());
        assertEquals(
                "{\"type\":\"session.prompt_update.accepted\",\"request_id\":\"video_stream-1\",\"event_id\":\"made\"}",
                sent(protocol.updated(next, Optional.empty())).toString());
    }

    @Test
    void anIdIsUsedOnceUnlessItsUpdateWasRefused() {
        running();
        Change first = (Change) protocol.text(interaction("a", "0"), 0).get(0);
        ObjectNode refused = sent(protocol.updated(first, Optional.of("not now")));
        assertEquals(
                "Failed to apply interaction: not now", refused.path("message").asText());
        assertEquals("interaction_failed", refused.path("code").asText());
        Change again = (Change) protocol.text(interaction("a", "0"), 0).get(0);
        protocol.updated(again, Optional.empty());
        List<Action> conflict = protocol.text(interaction("a", "0"), 0);
        assertGoesOn("event_id_conflict", conflict);
        assertEquals("event_id_conflict", sent(conflict).path("code").asText());
    }

    @Test
    void controlsComeUnderTheirNames() {
        running();
        String text = "{\"type\":\"session.interaction\",\"interaction\":{\"event\":"
                + "{\"multi_modal_data\":{\"noise_scale\":0.25}}}}";
        Change change = (Change) protocol.text(text, 0).get(0);
        assertEquals(Optional.empty(), change.update().prompt());
        assertEquals(0.25, change.update().controls().get("noise_scale").doubleValue());
    }

    @Test
    void stopEndsTheGenerationFirstAndIsAnsweredByDone() {
        running();
        List<Action> actions = protocol.text("{\"type\":\"session.stop\"}", 0);
        assertEquals(List.of(Abort.INSTANCE, new Conclude(Reason.STOPPED), new Close(1000)), actions);
        ObjectNode done =
                protocol.done(Reason.STOPPED, new StreamProtocol.Sent(2, 21, 1.3125, Optional.of(12.5), 900.0));
        assertEquals(
                "{\"type\":\"session.done\",\"request_id\":\"video_stream-1\",\"chunks\":2,\"stopped\":true,"
                        + "\"reason\":\"stopped\",\"frames\":21,\"media_seconds\":1.3125,\"ttfc_ms\":12.5,\"total_ms\":900.0}",
                done.toString());
    }

    @Test
    void aSessionWithoutProgressStalls() {
        running();
        protocol.progress(30 * SECOND);
        assertEquals(List.of(), protocol.tick(90 * SECOND - 1));
        List<Action> actions = protocol.tick(90 * SECOND);
        assertEquals(Abort.INSTANCE, actions.get(0));
        assertTrue(sent(actions).path("message").asText().startsWith("Stall timeout"));
        assertEquals(List.of(new Conclude(Reason.STALLED), new Close(1000)), actions.subList(2, 4));
        assertEquals(List.of(), protocol.tick(200 * SECOND), "once");
    }

    @Test
    void pingsAreAnsweredAndCountAsProgress() {
        running();
        for (int i = 1; i <= 10; i++) {
            List<Action> pong = protocol.text("{\"type\":\"session.ping\"}", i * 50 * SECOND);
            assertEquals("{\"type\":\"session.pong\"}", sent(pong).toString());
            assertEquals(List.of(), protocol.tick(i * 50 * SECOND + 59 * SECOND));
        }
    }

    @Test
    void aFaultEndsWithoutDone() {
        running();
        List<Action> actions = protocol.failed("the device failed");
        assertEnds("the device failed", actions);
        assertTrue(actions.stream().noneMatch(Conclude.class::isInstance));
        assertEquals(List.of(), protocol.finished());
    }

    @Test
    void everySortOfEndHasItsCloseCode() {
        running();
        assertEquals(List.of(new Conclude(Reason.COMPLETED), new Close(1000)), protocol.finished());
        protocol = fresh();
        assertEquals(new Close(1003), protocol.binary().get(2));
        protocol = fresh();
        running();
        assertEquals(new Close(1001), protocol.shutdown().get(2));
    }

    @Test
    void noTextBreaksTheSession() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        List<String> samples = List.of(
                START,
                interaction("a", "3"),
                "{\"type\":\"session.prompt_update\",\"prompt\":\"p\",\"event_id\":\"q\"}",
                "{\"type\":\"session.interaction\",\"interaction\":{\"event\":{\"multi_modal_data\":{\"a\":1}}}}");
        for (int i = 0; i < 5_000; i++) {
            StringBuilder text = new StringBuilder(samples.get(random.nextInt(samples.size())));
            for (int change = random.nextInt(4); change > 0; change--) {
                int at = random.nextInt(text.length());
                switch (random.nextInt(3)) {
                    case 0 -> text.deleteCharAt(at);
                    case 1 -> text.setCharAt(at, (char) (32 + random.nextInt(96)));
                    default -> text.insert(at, random.nextBoolean() ? "[" : "null");
                }
            }
            protocol = fresh();
            try {
                if (random.nextBoolean()) {
                    running();
                }
                protocol.text(text.toString(), 0);
            } catch (RuntimeException broken) {
                throw new AssertionError("seed " + seed + ": " + text, broken);
            }
        }
    }
}
