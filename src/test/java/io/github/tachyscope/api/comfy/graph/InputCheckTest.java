package io.github.tachyscope.api.comfy.graph;

import static io.github.tachyscope.api.comfy.graph.Graphs.add;
import static io.github.tachyscope.api.comfy.graph.Graphs.check;
import static io.github.tachyscope.api.comfy.graph.Graphs.inputs;
import static io.github.tachyscope.api.comfy.graph.Graphs.json;
import static io.github.tachyscope.api.comfy.graph.Graphs.load;
import static io.github.tachyscope.api.comfy.graph.Graphs.offer;
import static io.github.tachyscope.api.comfy.graph.Graphs.plan;
import static io.github.tachyscope.api.comfy.graph.Graphs.request;
import static io.github.tachyscope.api.comfy.graph.Graphs.set;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class InputCheckTest {
    private static final String STEPS = "[\"INT\", {\"default\": 20, \"min\": 1, \"max\": 10000}]";

    private static ObjectNode picture() {
        return load("sd-text-to-image");
    }

    /** The only error of the only node that has one. */
    private static JsonNode error(ObjectNode graph, String id) {
        JsonNode nodes =
                assertThrows(GraphRefused.class, () -> check(graph)).json().path("node_errors");
        assertEquals(1, nodes.size(), nodes::toString);
        assertEquals(1, nodes.path(id).path("errors").size(), nodes::toString);
        assertEquals(json("[\"9\"]"), nodes.path(id).path("dependent_outputs"));
        return nodes.path(id).path("errors").path(0);
    }

    private static void assertInfo(String expected, JsonNode error) {
        assertEquals(json(expected), json(error.path("extra_info").toString()));
    }

    @Test
    void tellsOfMissingInputs() {
        ObjectNode graph = picture();
        inputs(graph, "3").remove("model");
        JsonNode error = error(graph, "3");
        assertEquals("required_input_missing", error.path("type").asText());
        assertEquals("model", error.path("details").asText());
        assertInfo("{\"input_name\": \"model\"}", error);
        assertEquals(
                "required_input_missing",
                error(set(picture(), "3", "model", "null"), "3").path("type").asText());
        graph = picture();
        ((ObjectNode) graph.get("4")).put("inputs", "none");
        assertEquals("required_input_missing", error(graph, "4").path("type").asText());
    }

    @Test
    void tellsOfLinksThatAreNone() {
        for (String link :
                List.of("[]", "[\"4\"]", "[\"4\", 0, 0]", "[4, 0]", "[\"4\", \"0\"]", "[\"4\", 0.5]", "[null, null]")) {
            JsonNode error = error(set(picture(), "3", "model", link), "3");
            assertEquals("bad_linked_input", error.path("type").asText(), link);
            assertInfo(
                    "{\"input_name\": \"model\", \"input_config\": [\"MODEL\"], \"received_value\": " + link + "}",
                    error);
        }
    }

    @Test
    void tellsOfLinksThatLeadNowhere() {
        JsonNode missing = error(set(picture(), "3", "model", "[\"99\", 0]"), "3");
        assertEquals("exception_during_inner_validation", missing.path("type").asText());
        assertInfo("""
                {"input_name": "model", "input_config": ["MODEL"], "exception_message": "there is no node '99'",
                 "exception_type": "KeyError", "traceback": [], "linked_node": ["99", 0]}""", missing);
        for (String slot : List.of("3", "-1", "99999999999", "1e300")) {
            JsonNode error = error(set(picture(), "3", "model", "[\"4\", " + slot + "]"), "3");
            assertEquals("exception_during_inner_validation", error.path("type").asText(), slot);
            assertEquals("IndexError", error.at("/extra_info/exception_type").asText());
        }
    }

    @Test
    void tellsOfLinksOfAnotherType() {
        JsonNode error = error(set(picture(), "3", "model", "[\"4\", 1]"), "3");
        assertEquals("return_type_mismatch", error.path("type").asText());
        assertInfo("""
                {"input_name": "model", "input_config": ["MODEL"], "received_type": "CLIP", "linked_node": ["4", 1]}""", error);
        assertEquals(
                "return_type_mismatch",
                error(set(picture(), "3", "steps", "[\"4\", 1]"), "3")
                        .path("type")
                        .asText());
    }

    @Test
    void tellsOfValuesThatCannotBeConverted() {
        JsonNode error = error(set(picture(), "3", "steps", "\"many\""), "3");
        assertEquals("invalid_input_type", error.path("type").asText());
        assertInfo(
                "{\"input_name\": \"steps\", \"input_config\": " + STEPS
                        + ", \"received_value\": \"many\", \"exception_message\": \"'many' is not a whole number\"}",
                error);
        for (String value :
                List.of("null", "{}", "\"\"", "\"1e999999999\"", "\"0x10\"", "\"NaN\"", "\"Infinity\"", "1e400")) {
            for (String input : List.of("steps", "cfg")) {
                JsonNode other = error(set(picture(), "3", input, value), "3");
                assertEquals("invalid_input_type", other.path("type").asText(), input + " " + value);
            }
        }
        JsonNode text = error(set(picture(), "3", "model", "\"sd\""), "3");
        assertEquals("invalid_input_type", text.path("type").asText());
    }

    @Test
    void tellsOfValuesOutOfTheirBounds() {
        JsonNode big = error(set(picture(), "3", "steps", "20000"), "3");
        assertEquals("value_bigger_than_max", big.path("type").asText());
        assertEquals("steps", big.path("details").asText());
        assertInfo("{\"input_name\": \"steps\", \"input_config\": " + STEPS + ", \"received_value\": 20000}", big);
        JsonNode small = error(set(picture(), "3", "steps", "0"), "3");
        assertEquals("value_smaller_than_min", small.path("type").asText());
        assertInfo("{\"input_name\": \"steps\", \"input_config\": " + STEPS + ", \"received_value\": 0}", small);
        for (String input : List.of("cfg", "denoise", "seed")) {
            assertEquals(
                    "value_smaller_than_min",
                    error(set(picture(), "3", input, "-1"), "3").path("type").asText());
        }
        assertEquals(
                "value_bigger_than_max",
                error(set(picture(), "3", "denoise", "1.001"), "3").path("type").asText());
        assertEquals(
                "value_bigger_than_max",
                error(set(picture(), "3", "seed", "18446744073709551616"), "3")
                        .path("type")
                        .asText());
        assertEquals(
                "value_smaller_than_min",
                error(set(picture(), "5", "width", "8"), "5").path("type").asText());
    }

    @Test
    void tellsOfValuesThatAreNotInTheList() {
        JsonNode error = error(set(picture(), "3", "scheduler", "\"beta\""), "3");
        assertEquals("value_not_in_list", error.path("type").asText());
        assertInfo("""
                {"input_name": "scheduler", "input_config": [["simple", "normal", "karras"], {}],
                 "received_value": "beta"}""", error);
        assertEquals(
                "scheduler: 'beta' is not in [simple, normal, karras]",
                error.path("details").asText());
        assertEquals(
                "value_not_in_list",
                error(set(picture(), "3", "scheduler", "5"), "3").path("type").asText());
        assertEquals(
                "value_not_in_list",
                error(set(picture(), "4", "ckpt_name", "\"flux.safetensors\""), "4")
                        .path("type")
                        .asText());
    }

    @Test
    void doesNotRepeatLongLists() {
        Offer plain = offer();
        List<String> names = IntStream.range(0, 21).mapToObj(i -> "model " + i).toList();
        Offer many = new Offer(
                names,
                plain.unets(),
                plain.clips(),
                plain.vaes(),
                plain.loras(),
                plain.pictures(),
                plain.samplers(),
                plain.schedulers(),
                plain.picture());
        JsonNode error = assertThrows(GraphRefused.class, () -> GraphCheck.check(request(picture()), many))
                .json()
                .at("/node_errors/4/errors/0");
        assertEquals("value_not_in_list", error.path("type").asText());
        assertInfo("""
                {"input_name": "ckpt_name", "input_config": null,
                 "received_value": "v1-5-pruned-emaonly.safetensors"}""", error);
    }

    @Test
    void tellsOfPicturesThatAreNotThere() {
        ObjectNode graph = add(picture(), "1", "LoadImage", "{\"image\": \"dog.png\"}");
        add(graph, "2", "VAEEncode", "{\"pixels\": [\"1\", 0], \"vae\": [\"4\", 2]}");
        set(graph, "3", "latent_image", "[\"2\", 0]");
        JsonNode error = error(graph, "1");
        assertEquals("custom_validation_failed", error.path("type").asText());
        assertInfo("{\"input_name\": \"image\"}", error);
        assertTrue(error.path("details").asText().contains("'dog.png'"));
        set(graph, "1", "image", "\"out.png [output]\"");
        assertEquals(
                "out.png [output]",
                plan(graph).samplings().get(0).start().orElseThrow().file());
    }

    @Test
    void tellsOfCircles() {
        ObjectNode graph = add(picture(), "20", "LoraLoader", """
                {"model": ["21", 0], "clip": ["4", 1], "lora_name": "ink.safetensors", "strength_model": 1, "strength_clip": 1}""");
        add(graph, "21", "LoraLoaderModelOnly", """
                {"model": ["20", 0], "lora_name": "ink.safetensors", "strength_model": 1}""");
        set(graph, "3", "model", "[\"20\", 0]");
        JsonNode error = error(graph, "21");
        assertEquals("dependency_cycle", error.path("type").asText());
        assertInfo("{\"input_name\": \"model\", \"node_id\": \"21\", \"cycle_nodes\": [\"21\", \"20\"]}", error);
    }

    @Test
    void tellsOfANodeThatNeedsItself() {
        ObjectNode graph = add(picture(), "21", "ModelSamplingSD3", "{\"model\": [\"21\", 0], \"shift\": 1}");
        set(graph, "3", "model", "[\"21\", 0]");
        assertInfo("{\"input_name\": \"model\", \"node_id\": \"21\", \"cycle_nodes\": [\"21\"]}", error(graph, "21"));
    }

    @Test
    void keepsAnOutputBesideACircle() {
        ObjectNode graph = add(picture(), "21", "ImageScaleBy", """
                {"image": ["21", 0], "upscale_method": "area", "scale_by": 2}""");
        add(graph, "22", "PreviewImage", "{\"images\": [\"21\", 0]}");
        CheckedGraph checked = check(graph);
        assertEquals(List.of("9"), checked.outputs());
        assertEquals(
                "dependency_cycle", checked.nodeErrors().at("/21/errors/0/type").asText());
        assertEquals(json("[\"22\"]"), checked.nodeErrors().at("/21/dependent_outputs"));
    }

    @Test
    void convertsWhatCanBeConverted() {
        ObjectNode graph = picture();
        set(graph, "3", "steps", "\" 12.9 \"");
        set(graph, "3", "cfg", "\"7.5\"");
        set(graph, "3", "denoise", "true");
        set(graph, "3", "seed", "{\"__value__\": 18446744073709551615}");
        set(graph, "6", "text", "5");
        set(graph, "7", "text", "{\"__value__\": [\"4\", 1]}");
        set(graph, "5", "batch_size", "3.99");
        Sampling sampling = plan(graph).samplings().get(0);
        assertEquals(12, sampling.denoising().steps());
        assertEquals(7.5, sampling.denoising().cfg());
        assertEquals(1, sampling.denoising().denoise());
        assertEquals(
                "18446744073709551615",
                Long.toUnsignedString(sampling.denoising().seed()));
        assertEquals("5", sampling.positive());
        assertEquals("[\"4\",1]", sampling.negative());
        assertEquals(3, sampling.canvas().batch());
    }

    @Test
    void takesWhatIsNotEmptyForTrue() {
        for (var row : Map.of(
                        "true",
                        true,
                        "0",
                        false,
                        "0.0",
                        false,
                        "2",
                        true,
                        "\"\"",
                        false,
                        "\"false\"",
                        true,
                        "null",
                        false,
                        "{}",
                        false)
                .entrySet()) {
            ObjectNode graph = set(load("wan-text-to-video"), "28", "lossless", row.getKey());
            OutputNode.Webp webp = (OutputNode.Webp)
                    plan(graph).samplings().get(0).outputs().get(0).saving();
            assertEquals(row.getValue(), webp.lossless(), row.getKey());
        }
    }
}
