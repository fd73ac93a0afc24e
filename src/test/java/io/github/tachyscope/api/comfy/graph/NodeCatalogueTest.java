package io.github.tachyscope.api.comfy.graph;

import static io.github.tachyscope.api.comfy.graph.Graphs.json;
import static io.github.tachyscope.api.comfy.graph.Graphs.offer;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class NodeCatalogueTest {
    @Test
    void describesTheSampler() {
        ObjectNode info = NodeCatalogue.objectInfo("KSampler", offer());
        assertEquals(json("""
                {"KSampler": {
                  "input": {
                    "required": {
                      "model": ["MODEL"],
                      "seed": ["INT", {"default": 0, "min": 0, "max": 18446744073709551615, "control_after_generate": true}],
                      "steps": ["INT", {"default": 20, "min": 1, "max": 10000}],
                      "cfg": ["FLOAT", {"default": 8.0, "min": 0.0, "max": 100.0, "step": 0.1}],
                      "sampler_name": [["euler", "euler_ancestral", "uni_pc", "uni_pc_bh2"], {}],
                      "scheduler": [["simple", "normal", "karras"], {}],
                      "positive": ["CONDITIONING"],
                      "negative": ["CONDITIONING"],
                      "latent_image": ["LATENT"],
                      "denoise": ["FLOAT", {"default": 1.0, "min": 0.0, "max": 1.0, "step": 0.01}]},
                    "optional": {},
                    "hidden": {}},
                  "input_order": {"required": ["model", "seed", "steps", "cfg", "sampler_name", "scheduler", "positive",
                    "negative", "latent_image", "denoise"]},
                  "is_input_list": false,
                  "output": ["LATENT"], "output_is_list": [false], "output_name": ["LATENT"],
                  "name": "KSampler", "display_name": "KSampler", "description": "", "python_module": "nodes",
                  "category": "sampling", "output_node": false, "has_intermediate_output": false, "search_aliases": []}}
                """), json(info.toString()));
        assertTrue(info.toString().contains("\"max\":18446744073709551615,"), "as a number, all digits");
    }

    @Test
    void describesOptionalInputsAndNamedOutputs() {
        JsonNode info = NodeCatalogue.objectInfo("WanImageToVideo", offer()).path("WanImageToVideo");
        assertEquals(
                json("{\"clip_vision_output\": [\"CLIP_VISION_OUTPUT\"], \"start_image\": [\"IMAGE\"]}"),
                info.at("/input/optional"));
        assertEquals(json("[\"clip_vision_output\", \"start_image\"]"), info.at("/input_order/optional"));
        assertEquals(json("[\"CONDITIONING\", \"CONDITIONING\", \"LATENT\"]"), info.path("output"));
        assertEquals(json("[\"positive\", \"negative\", \"latent\"]"), info.path("output_name"));
        assertEquals(
                json("[[\"cat.png\"], {\"image_upload\": true}]"),
                NodeCatalogue.objectInfo("LoadImage", offer()).at("/LoadImage/input/required/image"));
    }

    @Test
    void hasEveryClassOfTheSubset() {
        List<String> names = List.of(
                "CheckpointLoaderSimple",
                "UNETLoader",
                "CLIPLoader",
                "VAELoader",
                "LoraLoader",
                "LoraLoaderModelOnly",
                "CLIPTextEncode",
                "CLIPSetLastLayer",
                "EmptyLatentImage",
                "EmptyHunyuanLatentVideo",
                "EmptyWanLatentVideo",
                "WanImageToVideo",
                "VAEEncode",
                "KSampler",
                "KSamplerAdvanced",
                "ModelSamplingSD3",
                "ModelSamplingDiscrete",
                "VAEDecode",
                "VAEDecodeTiled",
                "LoadImage",
                "ImageScale",
                "ImageScaleBy",
                "SaveImage",
                "PreviewImage",
                "SaveImageWebsocket",
                "SaveAnimatedWEBP",
                "SaveWEBM",
                "CreateVideo",
                "SaveVideo",
                "VHS_VideoCombine");
        assertEquals(names, List.copyOf(NodeCatalogue.names()));
        ObjectNode all = NodeCatalogue.objectInfo(offer());
        assertEquals(names.size(), all.size());
        names.forEach(name -> {
            assertEquals(NodeCatalogue.objectInfo(name, offer()).get(name), all.get(name));
            boolean output = all.at("/" + name + "/output_node").booleanValue();
            assertEquals(output, all.at("/" + name + "/output").isEmpty(), name + " either gives or saves");
        });
    }

    @Test
    void isWhatTheDocumentationSays() throws IOException {
        String page = Files.readString(Path.of("docs/comfy-graphs.md"));
        String nodes = page.substring(page.indexOf("## Nodes"), page.indexOf("## What is refused"));
        Set<String> told = new TreeSet<>();
        Matcher rows = Pattern.compile("(?m)^\\| `(\\w+)`").matcher(nodes);
        while (rows.find()) {
            told.add(rows.group(1));
        }
        assertEquals(new TreeSet<>(NodeCatalogue.names()), told);
    }

    @Test
    void saysNothingOfOthers() {
        assertEquals("{}", NodeCatalogue.objectInfo("FluxCapacitor", offer()).toString());
    }

    @Test
    void everyDefaultIsAllowed() {
        NodeCatalogue.names()
                .forEach(name -> NodeCatalogue.find(name).orElseThrow().inputs().forEach(input -> {
                    if (input.type() instanceof InputType.Whole whole) {
                        assertTrue(whole.initial().compareTo(whole.min()) >= 0, name + "." + input.name());
                        assertTrue(whole.initial().compareTo(whole.max()) <= 0, name + "." + input.name());
                    } else if (input.type() instanceof InputType.Real real) {
                        assertTrue(
                                real.initial() >= real.min() && real.initial() <= real.max(),
                                name + "." + input.name());
                    } else if (input.type() instanceof InputType.Choice choice) {
                        choice.initial()
                                .ifPresent(word -> assertTrue(
                                        choice.choices().apply(offer()).contains(word)));
                    }
                }));
    }
}
