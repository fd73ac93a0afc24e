package io.github.tachyscope.api.comfy.graph;

import static io.github.tachyscope.api.comfy.graph.Graphs.add;
import static io.github.tachyscope.api.comfy.graph.Graphs.load;
import static io.github.tachyscope.api.comfy.graph.Graphs.plan;
import static io.github.tachyscope.api.comfy.graph.Graphs.set;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.tachyscope.api.comfy.graph.ModelWish.Lora;
import io.github.tachyscope.api.comfy.graph.Sampling.Stages;
import io.github.tachyscope.frame.PictureSize;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class GraphReaderTest {
    private static ObjectNode picture() {
        return load("sd-text-to-image");
    }

    private static Sampling only(ObjectNode graph) {
        GraphPlan plan = plan(graph);
        assertEquals(1, plan.samplings().size());
        return plan.samplings().get(0);
    }

    private static ObjectNode lora(
            ObjectNode graph, String id, String file, String strengths, String model, String clip) {
        return add(graph, id, "LoraLoader", """
                {"lora_name": "%s.safetensors", %s, "model": %s, "clip": %s}""".formatted(file, strengths, model, clip));
    }

    @Test
    void readsLorasInTheOrderOfTheirChain() {
        ObjectNode graph = picture();
        lora(graph, "10", "ink", "\"strength_model\": 0.8, \"strength_clip\": 0.5", "[\"4\", 0]", "[\"4\", 1]");
        add(graph, "11", "LoraLoaderModelOnly", """
                {"lora_name": "glow.safetensors", "strength_model": -1, "model": ["10", 0]}""");
        lora(graph, "12", "ink", "\"strength_model\": 0.1, \"strength_clip\": 2", "[\"11\", 0]", "[\"10\", 1]");
        set(graph, "3", "model", "[\"12\", 0]");
        set(graph, "6", "clip", "[\"12\", 1]");
        set(graph, "7", "clip", "[\"12\", 1]");
        assertEquals(
                List.of(
                        new Lora("10", "ink.safetensors", 0.8, 0.5),
                        new Lora("11", "glow.safetensors", -1, 0),
                        new Lora("12", "ink.safetensors", 0.1, 2)),
                only(graph).model().loras());
    }

    @Test
    void putsLorasOnlyWhereTheirLinksLead() {
        ObjectNode graph = picture();
        lora(graph, "10", "ink", "\"strength_model\": 0.8, \"strength_clip\": 0.5", "[\"4\", 0]", "[\"4\", 1]");
        lora(graph, "11", "glow", "\"strength_model\": 0.7, \"strength_clip\": 0.6", "[\"4\", 0]", "[\"4\", 1]");
        lora(graph, "12", "glow", "\"strength_model\": 0, \"strength_clip\": 0", "[\"10\", 0]", "[\"11\", 1]");
        set(graph, "3", "model", "[\"12\", 0]");
        set(graph, "6", "clip", "[\"12\", 1]");
        set(graph, "7", "clip", "[\"12\", 1]");
        assertEquals(
                List.of(new Lora("10", "ink.safetensors", 0.8, 0), new Lora("11", "glow.safetensors", 0, 0.6)),
                only(graph).model().loras());
    }

    @Test
    void theLastOfSeveralChangesToTheModelHolds() {
        ObjectNode graph = add(picture(), "10", "ModelSamplingDiscrete", """
                {"model": ["4", 0], "sampling": "lcm", "zsnr": false}""");
        add(graph, "11", "ModelSamplingDiscrete", """
                {"model": ["10", 0], "sampling": "v_prediction", "zsnr": true}""");
        set(graph, "3", "model", "[\"11\", 0]");
        add(graph, "12", "CLIPSetLastLayer", "{\"clip\": [\"4\", 1], \"stop_at_clip_layer\": -5}");
        add(graph, "13", "CLIPSetLastLayer", "{\"clip\": [\"12\", 0], \"stop_at_clip_layer\": -2}");
        set(graph, "6", "clip", "[\"13\", 0]");
        set(graph, "7", "clip", "[\"13\", 0]");
        Sampling sampling = only(graph);
        assertEquals(Optional.of("v_prediction"), sampling.model().prediction());
        assertTrue(sampling.model().zeroTerminalSnr());
        assertEquals(1, sampling.clipSkip());
    }

    @Test
    void readsAnAutoencoderBesideTheCheckpoint() {
        ObjectNode graph = add(picture(), "10", "VAELoader", "{\"vae_name\": \"sd.vae.safetensors\"}");
        set(graph, "8", "vae", "[\"10\", 0]");
        assertEquals(Optional.of("sd.vae.safetensors"), only(graph).model().vae());
    }

    @Test
    void readsStableDiffusionInParts() {
        ObjectNode graph = load("wan-text-to-video");
        set(graph, "38", "type", "\"stable_diffusion\"");
        graph.set("40", picture().get("5"));
        assertEquals(ModelWish.Kind.SD, only(graph).model().kind());
    }

    @Test
    void readsTheAdvancedSampler() {
        ObjectNode graph = add(picture(), "3", "KSamplerAdvanced", """
                {"add_noise": "disable", "noise_seed": 18446744073709551615, "steps": 20, "cfg": 8, "sampler_name": "euler",
                 "scheduler": "karras", "positive": ["6", 0], "negative": ["7", 0], "latent_image": ["5", 0],
                 "model": ["4", 0], "start_at_step": 4, "end_at_step": 10000, "return_with_leftover_noise": "enable"}""");
        assertEquals(
                new Denoising(20, 8, "euler", "karras", -1, 1, 4, 20, false, true),
                only(graph).denoising());
    }

    @Test
    void countsWholeLatentPixelsAndFrames() {
        ObjectNode graph = set(set(picture(), "5", "width", "517"), "5", "height", "16");
        set(graph, "5", "batch_size", "4096");
        assertEquals(
                new Canvas(Optional.of(new PictureSize(512, 16)), 1, 4096),
                only(graph).canvas());
        for (var row :
                Map.of(1, 1, 4, 1, 5, 5, 33, 33, 34, 33, 81, 81, 16384, 16381).entrySet()) {
            ObjectNode video =
                    set(load("wan-open-webui"), "6", "length", row.getKey().toString());
            assertEquals(row.getValue(), only(video).canvas().frames(), "length " + row.getKey());
        }
    }

    @Test
    void readsAllOutputsOfASampler() {
        ObjectNode graph = add(picture(), "10", "SaveImageWebsocket", "{\"images\": [\"8\", 0]}");
        add(graph, "11", "VAEDecodeTiled", "{\"samples\": [\"3\", 0], \"vae\": [\"4\", 2], \"tile_size\": 512}");
        add(graph, "12", "PreviewImage", "{\"images\": [\"11\", 0]}");
        add(graph, "13", "VHS_VideoCombine", """
                {"images": ["11", 0], "frame_rate": 12, "filename_prefix": "a/b", "format": "image/gif", "save_output": false}""");
        Sampling sampling = only(graph);
        assertEquals(
                List.of(
                        new OutputNode("9", "SaveImage", new OutputNode.Pictures("ComfyUI")),
                        new OutputNode("10", "SaveImageWebsocket", new OutputNode.Socket()),
                        new OutputNode("12", "PreviewImage", new OutputNode.Preview()),
                        new OutputNode(
                                "13", "VHS_VideoCombine", new OutputNode.Combined("a/b", 12, "image/gif", false))),
                sampling.outputs());
        assertEquals(
                List.of("8", "9", "10", "11", "12", "13"), sampling.stages().after());
    }

    @Test
    void readsSamplersSideBySideInTheOrderOfTheirOutputs() {
        ObjectNode graph = add(picture(), "20", "KSampler", """
                {"seed": 2, "steps": 5, "cfg": 1, "sampler_name": "euler", "scheduler": "simple", "denoise": 1,
                 "model": ["4", 0], "positive": ["7", 0], "negative": ["6", 0], "latent_image": ["5", 0]}""");
        add(graph, "21", "VAEDecode", "{\"samples\": [\"20\", 0], \"vae\": [\"4\", 2]}");
        add(graph, "22", "PreviewImage", "{\"images\": [\"21\", 0]}");
        add(graph, "23", "PreviewImage", "{\"images\": [\"8\", 0]}");
        GraphPlan plan = plan(graph);
        assertEquals(
                List.of("3", "20"),
                plan.samplings().stream().map(Sampling::node).toList());
        assertEquals(
                new Stages(List.of("4", "6", "7", "5"), List.of("8", "9", "23")),
                plan.samplings().get(0).stages());
        // What both need is done by the first one.
        assertEquals(
                new Stages(List.of(), List.of("21", "22")),
                plan.samplings().get(1).stages());
        assertEquals(List.of("4", "6", "7", "5", "3", "8", "9", "23", "20", "21", "22"), plan.order());
    }

    @Test
    void readsASamplerThatAnotherOneOnlySeemsToNeed() {
        // The negative side of 51 leads back to a sampler, but only its positive side is used.
        ObjectNode graph = load("wan-open-webui");
        String size = "\"vae\": [\"3\", 0], \"width\": 64, \"height\": 64, \"length\": 5, \"batch_size\": 1}";
        add(graph, "50", "WanImageToVideo", """
                {"positive": ["4", 0], "negative": ["5", 0], "start_image": ["21", 0], %s""".formatted(size));
        add(graph, "51", "WanImageToVideo", """
                {"positive": ["4", 0], "negative": ["50", 1], %s""".formatted(size));
        set(graph, "7", "positive", "[\"51\", 0]");
        add(graph, "20", "KSampler", """
                {"seed": 2, "steps": 5, "cfg": 1, "sampler_name": "euler", "scheduler": "simple", "denoise": 1,
                 "model": ["1", 0], "positive": ["4", 0], "negative": ["5", 0], "latent_image": ["6", 0]}""");
        add(graph, "21", "VAEDecode", "{\"samples\": [\"20\", 0], \"vae\": [\"3\", 0]}");
        add(graph, "22", "PreviewImage", "{\"images\": [\"21\", 0]}");
        GraphPlan plan = plan(graph);
        assertEquals(
                List.of("7", "20"),
                plan.samplings().stream().map(Sampling::node).toList());
        assertEquals(
                new Stages(List.of(), List.of("22")), plan.samplings().get(1).stages());
    }

    @Test
    void passesPicturesOnWithoutASampler() {
        ObjectNode graph = add(picture(), "30", "LoadImage", "{\"image\": \"out.png [output]\"}");
        add(graph, "31", "ImageScaleBy", "{\"image\": [\"30\", 0], \"upscale_method\": \"area\", \"scale_by\": 0.5}");
        add(graph, "32", "ImageScale", """
                {"image": ["31", 0], "upscale_method": "bicubic", "width": 0, "height": 64, "crop": "disabled"}""");
        add(graph, "33", "PreviewImage", "{\"images\": [\"32\", 0]}");
        add(graph, "34", "SaveImage", "{\"images\": [\"32\", 0], \"filename_prefix\": \"x\"}");
        GraphPlan plan = plan(graph);
        assertEquals(1, plan.samplings().size());
        assertEquals(
                List.of(new PassedPicture(
                        new PictureSource(
                                "30",
                                "out.png [output]",
                                List.of(new Scaling.By("area", 0.5), new Scaling.To("bicubic", 0, 64, false))),
                        List.of(
                                new OutputNode("33", "PreviewImage", new OutputNode.Preview()),
                                new OutputNode("34", "SaveImage", new OutputNode.Pictures("x"))),
                        List.of("30", "31", "32", "33", "34"))),
                plan.passed());
        assertEquals("34", plan.order().get(plan.order().size() - 1));
    }

    @Test
    void knowsTheSizeOfScaledPictures() {
        PictureSize own = new PictureSize(1000, 500);
        assertEquals(Optional.of(new PictureSize(1000, 496)), source().canvas(own));
        assertEquals(Optional.of(own), source().scaled(own));
        assertEquals(
                Optional.of(new PictureSize(128, 64)),
                source(new Scaling.By("area", 0.5), new Scaling.To("area", 0, 64, false))
                        .canvas(own));
        assertEquals(
                Optional.of(new PictureSize(300, 150)),
                source(new Scaling.To("area", 300, 0, false)).scaled(own));
        assertEquals(
                Optional.of(own), source(new Scaling.To("area", 0, 0, true)).scaled(own));
        assertEquals(
                Optional.of(new PictureSize(1, 1)),
                source(new Scaling.By("area", 0.01), new Scaling.By("area", 0.01))
                        .scaled(own));
        assertEquals(
                Optional.empty(),
                source(new Scaling.By("area", 0.01), new Scaling.By("area", 0.01))
                        .canvas(own));
        Scaling eightfold = new Scaling.By("area", 8);
        assertEquals(Optional.empty(), source(eightfold, eightfold, eightfold).scaled(own));
    }

    private static PictureSource source(Scaling... scalings) {
        return new PictureSource("1", "cat.png", List.of(scalings));
    }
}
