package io.github.tachyscope.api.comfy.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PromptRequestTest {
    private static final String ID = "0b94a7f4-6a5e-4d3c-9a62-1f3b2c4d5e6f";

    private static PromptRequest read(String body) {
        return PromptRequest.read(body.getBytes(StandardCharsets.UTF_8));
    }

    private static String refused(String body) {
        GraphRefused refused = assertThrows(GraphRefused.class, () -> read(body), body);
        assertTrue(refused.json().at("/node_errors").isObject(), body);
        assertTrue(refused.json().at("/error/extra_info").isObject(), body);
        assertFalse(refused.json().at("/error/message").asText().isEmpty(), body);
        return refused.json().at("/error/type").asText();
    }

    @Test
    void readsEverythingThatClientsSend() {
        PromptRequest request = read("""
                {"prompt": {"1": {}}, "client_id": "c", "prompt_id": "%s", "extra_data": {"preview_method": "taesd"},
                 "front": true, "number": 3.5, "partial_execution_targets": ["9", "10"]}""".formatted(ID));
        assertEquals("{\"1\":{}}", request.prompt().toString());
        assertEquals(Optional.of("c"), request.clientId());
        assertEquals(Optional.of(ID), request.promptId());
        assertEquals("taesd", request.extraData().path("preview_method").asText());
        assertEquals(Optional.of(3.5), request.number());
        assertTrue(request.front());
        assertEquals(Optional.of(Set.of("9", "10")), request.targets());
    }

    @Test
    void needsNothingButThePrompt() {
        for (String body : new String[] {
            "{\"prompt\": {}}",
            "{\"prompt\": {}, \"client_id\": null, \"prompt_id\": null, \"extra_data\": null, \"front\": null,"
                    + " \"number\": null, \"partial_execution_targets\": null}"
        }) {
            PromptRequest request = read(body);
            assertEquals(Optional.empty(), request.clientId());
            assertEquals(Optional.empty(), request.promptId());
            assertEquals("{}", request.extraData().toString());
            assertEquals(Optional.empty(), request.number());
            assertFalse(request.front());
            assertEquals(Optional.empty(), request.targets());
        }
    }

    @Test
    void keepsAllDigitsOfSeeds() {
        String graph = "{\"3\":{\"class_type\":\"KSampler\",\"inputs\":{\"seed\":18446744073709551615}}}";
        assertEquals(graph, read("{\"prompt\": " + graph + "}").prompt().toString());
    }

    @Test
    void refusesWhatHasNoPrompt() {
        assertEquals("no_prompt", refused("{}"));
        assertEquals("no_prompt", refused("[]"));
        assertEquals("no_prompt", refused("5"));
        assertEquals("no_prompt", refused("{\"prompt\": null}"));
        assertEquals("no_prompt", refused("{\"prompt\": []}"));
        assertEquals("no_prompt", refused(""));
    }

    @Test
    void refusesIdsThatAreNoLowerCaseUuids() {
        for (String id : new String[] {
            "\"x\"", "\"\"", "5", "{}", "\"" + ID.toUpperCase(Locale.ROOT) + "\"", "\"" + ID.replace("-", "") + "\""
        }) {
            assertEquals("invalid_prompt_id", refused("{\"prompt\": {}, \"prompt_id\": " + id + "}"));
        }
    }

    @Test
    void refusesWhatIsNoJson() {
        assertEquals("invalid_json", refused("{"));
        assertEquals("invalid_json", refused("{\"prompt\": {}} {}"));
        assertEquals("invalid_json", refused("{\"prompt\": {\"1\": NaN}}"));
        assertEquals("invalid_json", refused("{\"prompt\": " + "[".repeat(100_000) + "}"));
        assertEquals("invalid_prompt", refused("{\"prompt\": {}, \"number\": \"soon\"}"));
    }

    @Test
    void refusesBodiesThatAreTooLong() {
        byte[] long1 = new byte[PromptRequest.MAX_BYTES + 1];
        GraphRefused refused = assertThrows(GraphRefused.class, () -> PromptRequest.read(long1));
        assertEquals("invalid_prompt", refused.json().at("/error/type").asText());
        assertTrue(refused.getMessage().contains("16777216"), refused.getMessage());
    }
}
