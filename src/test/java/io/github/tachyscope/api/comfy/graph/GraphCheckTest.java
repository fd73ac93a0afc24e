package io.github.tachyscope.api.comfy.graph;

import static io.github.tachyscope.api.comfy.graph.Graphs.add;
import static io.github.tachyscope.api.comfy.graph.Graphs.check;
import static io.github.tachyscope.api.comfy.graph.Graphs.inputs;
import static io.github.tachyscope.api.comfy.graph.Graphs.json;
import static io.github.tachyscope.api.comfy.graph.Graphs.load;
import static io.github.tachyscope.api.comfy.graph.Graphs.offer;
import static io.github.tachyscope.api.comfy.graph.Graphs.request;
import static io.github.tachyscope.api.comfy.graph.Graphs.set;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class GraphCheckTest {
    private static ObjectNode picture() {
        return load("sd-text-to-image");
    }

    private static JsonNode refused(ObjectNode graph) {
        return assertThrows(GraphRefused.class, () -> check(graph)).json();
    }

    @Test
    void acceptsTheReferenceGraphs() {
        for (String name : Graphs.REFERENCE) {
            CheckedGraph checked = check(load(name));
            assertTrue(checked.nodeErrors().isEmpty(), name);
        }
        assertEquals(List.of("28", "47"), check(load("wan-text-to-video")).outputs());
        assertEquals(Optional.of("KSampler"), check(picture()).type("3"));
    }

    @Test
    void refusesUnknownClassesAsAWhole() {
        ObjectNode graph = add(picture(), "77", "FluxCapacitor", "{}");
        ((ObjectNode) graph.get("77")).putObject("_meta").put("title", "My capacitor");
        JsonNode refused = refused(graph);
        assertEquals("missing_node_type", refused.at("/error/type").asText());
        assertEquals("Node ID '#77'", refused.at("/error/details").asText());
        assertTrue(refused.at("/error/message").asText().contains("'My capacitor' was not found"));
        assertEquals("77", refused.at("/error/extra_info/node_id").asText());
        assertEquals("FluxCapacitor", refused.at("/error/extra_info/class_type").asText());
        assertEquals("My capacitor", refused.at("/error/extra_info/node_title").asText());
        assertTrue(
                refused.at("/error/extra_info/supported_class_types").toString().contains("\"KSampler\""));
        assertEquals("{}", refused.at("/node_errors").toString());
    }

    @Test
    void namesTheClassOfAnUnknownNodeWithoutTitle() {
        JsonNode refused = refused(add(picture(), "77", "FluxCapacitor", "{}"));
        assertTrue(refused.at("/error/message").asText().contains("'FluxCapacitor' was not found"));
        assertEquals("FluxCapacitor", refused.at("/error/extra_info/node_title").asText());
    }

    @Test
    void refusesEntriesWithoutAClass() {
        for (String entry : List.of("{}", "{\"inputs\": {}}", "\"text\"", "5", "null", "[]", "{\"class_type\": 5}")) {
            ObjectNode graph = picture();
            graph.set("77", json(entry));
            JsonNode refused = refused(graph);
            assertEquals("missing_node_type", refused.at("/error/type").asText(), entry);
            assertEquals("Node ID '#77'", refused.at("/error/details").asText(), entry);
            assertTrue(refused.at("/error/extra_info/class_type").isNull(), entry);
        }
    }

    @Test
    void toleratesNotesBesideTheNodes() {
        ObjectNode graph = picture();
        graph.put("_comment", "made by hand").putObject("_meta").put("title", "x");
        graph.putNull("_nothing");
        assertEquals(List.of("9"), check(graph).outputs());
        // A note that says it is a node is one.
        graph.putObject("_node").put("class_type", "Nothing");
        assertEquals("missing_node_type", refused(graph).at("/error/type").asText());
    }

    @Test
    void saysWhyItDoesNotTakeTheFormatOfTheEditor() {
        JsonNode refused = refused((ObjectNode) json("""
                {"last_node_id": 9, "nodes": [{"id": 4, "type": "KSampler"}], "links": [[1, 4, 0, 3, 0, "MODEL"]]}"""));
        assertEquals("missing_node_type", refused.at("/error/type").asText());
        assertTrue(refused.at("/error/message").asText().contains("API format"));
    }

    @Test
    void refusesGraphsWithoutOutputs() {
        ObjectNode graph = picture();
        graph.remove("9");
        assertEquals("prompt_no_outputs", refused(graph).at("/error/type").asText());
        assertEquals(
                "prompt_no_outputs",
                refused(JsonNodeFactory.instance.objectNode()).at("/error/type").asText());
    }

    @Test
    void dropsOutputsWithSomethingWrongAndKeepsTheOthers() {
        ObjectNode graph = add(picture(), "10", "SaveImage", "{\"images\": [\"8\", 0]}");
        CheckedGraph checked = check(graph);
        assertEquals(List.of("9"), checked.outputs());
        assertEquals(json("""
                {"10": {"errors": [{"type": "required_input_missing", "message": "Required input is missing",
                    "details": "filename_prefix", "extra_info": {"input_name": "filename_prefix"}}],
                  "dependent_outputs": ["10"], "class_type": "SaveImage"}}"""), checked.nodeErrors());
    }

    @Test
    void refusesGraphsOfWhichNoOutputIsLeft() {
        ObjectNode graph = add(picture(), "10", "PreviewImage", "{\"images\": [\"8\", 0]}");
        set(graph, "3", "steps", "20000");
        set(graph, "7", "text", "{\"__value__\": \"x\"}");
        inputs(graph, "3").remove("cfg");
        JsonNode refused = refused(graph);
        assertEquals(
                "prompt_outputs_failed_validation", refused.at("/error/type").asText());
        assertEquals(
                "The value is bigger than 10000: steps\nRequired input is missing: cfg",
                refused.at("/error/details").asText());
        // Whatever is behind the bad node has no entry of its own.
        assertEquals(1, refused.path("node_errors").size());
        assertEquals(json("[\"9\", \"10\"]"), refused.at("/node_errors/3/dependent_outputs"));
    }

    @Test
    void looksOnlyAtWhatOutputsNeed() {
        ObjectNode graph = add(picture(), "20", "KSampler", "{\"model\": [\"20\", 0]}");
        assertTrue(check(graph).nodeErrors().isEmpty());
        assertEquals(Optional.empty(), check(graph).type("20"));
    }

    @Test
    void runsOnlyTheTargetsThatWereAskedFor() {
        ObjectNode graph = add(picture(), "10", "SaveImage", "{}");
        PromptRequest all = request(graph);
        assertEquals(
                List.of("9"),
                GraphCheck.check(targeting(all, Set.of("9", "3")), offer()).outputs());
        assertTrue(GraphCheck.check(targeting(all, Set.of("9")), offer())
                .nodeErrors()
                .isEmpty());
        for (Set<String> none : List.of(Set.<String>of(), Set.of("3"), Set.of("no such node"))) {
            GraphRefused refused =
                    assertThrows(GraphRefused.class, () -> GraphCheck.check(targeting(all, none), offer()));
            assertEquals("prompt_no_outputs", refused.json().at("/error/type").asText());
        }
    }

    private static PromptRequest targeting(PromptRequest all, Set<String> targets) {
        return new PromptRequest(
                all.prompt(),
                all.clientId(),
                all.promptId(),
                all.extraData(),
                all.number(),
                all.front(),
                Optional.of(targets));
    }

    @Test
    void refusesIdsThatWouldFillReplies() {
        assertEquals(
                List.of("9"),
                check(add(picture(), "i".repeat(200), "PreviewImage", "{}")).outputs());
        JsonNode refused = refused(add(picture(), "i".repeat(201), "PreviewImage", "{}"));
        assertEquals("invalid_prompt", refused.at("/error/type").asText());
        assertTrue(refused.at("/error/message").asText().contains("at most 200"));
    }

    @Test
    void refusesTooManyNodes() {
        ObjectNode graph = picture();
        for (int i = 0; i < Entry.MOST; i++) {
            graph.set("more" + i, Graphs.node("PreviewImage"));
        }
        JsonNode refused = refused(graph);
        assertEquals("invalid_prompt", refused.at("/error/type").asText());
        assertTrue(refused.at("/error/message").asText().contains("at most 10000"));
    }
}
