package io.github.tachyscope.api.comfy.graph;

import static io.github.tachyscope.api.comfy.graph.Graphs.add;
import static io.github.tachyscope.api.comfy.graph.Graphs.check;
import static io.github.tachyscope.api.comfy.graph.Graphs.load;
import static io.github.tachyscope.api.comfy.graph.Graphs.set;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Graphs that are right node by node, and cannot run all the same. */
class NotRunnableTest {
    private static final String SECOND = """
            {"seed": 2, "steps": 5, "cfg": 1, "sampler_name": "euler", "scheduler": "simple", "denoise": 0.5,
             "model": ["4", 0], "positive": ["6", 0], "negative": ["7", 0], "latent_image": %s}""";

    private static ObjectNode picture() {
        return load("sd-text-to-image");
    }

    private static void assertStops(String node, String type, String word, ObjectNode graph) {
        CheckedGraph checked = check(graph);
        assertTrue(checked.nodeErrors().isEmpty());
        NotRunnable stopped = assertThrows(NotRunnable.class, () -> GraphReader.read(checked));
        assertEquals(node, stopped.node(), stopped.getMessage());
        assertEquals(type, stopped.nodeType());
        assertTrue(stopped.getMessage().contains(word), stopped.getMessage());
    }

    @Test
    void aSamplerBehindASampler() {
        ObjectNode graph = add(picture(), "20", "KSampler", SECOND.formatted("[\"3\", 0]"));
        set(graph, "8", "samples", "[\"20\", 0]");
        assertStops("20", "KSampler", "another one", graph);
        // Whether what the first one made is kept as well makes no difference.
        add(graph, "21", "VAEDecode", "{\"samples\": [\"3\", 0], \"vae\": [\"4\", 2]}");
        add(graph, "22", "PreviewImage", "{\"images\": [\"21\", 0]}");
        assertStops("20", "KSampler", "another one", graph);
    }

    @Test
    void aSamplerBehindDecodedFrames() {
        ObjectNode graph = add(picture(), "20", "KSampler", SECOND.formatted("[\"22\", 0]"));
        add(graph, "21", "VAEDecode", "{\"samples\": [\"3\", 0], \"vae\": [\"4\", 2]}");
        add(graph, "22", "VAEEncode", "{\"pixels\": [\"21\", 0], \"vae\": [\"4\", 2]}");
        set(graph, "8", "samples", "[\"20\", 0]");
        assertStops("20", "KSampler", "another one", graph);
    }

    @Test
    void latentsThatNobodySampled() {
        assertStops("8", "VAEDecode", "nothing to decode", set(picture(), "8", "samples", "[\"5\", 0]"));
    }

    @Test
    void decodedFramesThatAreScaled() {
        ObjectNode graph = add(picture(), "20", "ImageScaleBy", """
                {"image": ["8", 0], "upscale_method": "area", "scale_by": 2}""");
        assertStops("20", "ImageScaleBy", "cannot be scaled", set(graph, "9", "images", "[\"20\", 0]"));
    }

    @Test
    void pictureAndVideoMixedUp() {
        ObjectNode wan = load("wan-open-webui");
        wan.set("6", picture().get("5"));
        assertStops("6", "EmptyLatentImage", "Wan makes videos", wan);
        ObjectNode sd = load("wan-open-webui");
        assertStops("6", "EmptyWanLatentVideo", "makes pictures", set(sd, "2", "type", "\"stable_diffusion\""));
        assertStops("2", "CLIPLoader", "sd3 cannot run", set(load("wan-open-webui"), "2", "type", "\"sd3\""));
    }

    @Test
    void schedulesForOtherModels() {
        ObjectNode graph = add(picture(), "20", "ModelSamplingSD3", "{\"model\": [\"4\", 0], \"shift\": 3}");
        assertStops("20", "ModelSamplingSD3", "leave it out", set(graph, "3", "model", "[\"20\", 0]"));
        ObjectNode wan = add(load("wan-open-webui"), "20", "ModelSamplingDiscrete", """
                {"model": ["1", 0], "sampling": "eps", "zsnr": false}""");
        assertStops("20", "ModelSamplingDiscrete", "leave it out", set(wan, "7", "model", "[\"20\", 0]"));
    }

    @Test
    void partsThatDoNotBelongTogether() {
        ObjectNode graph =
                add(picture(), "20", "CheckpointLoaderSimple", "{\"ckpt_name\": \"sd_xl_base_1.0.safetensors\"}");
        add(graph, "21", "CLIPLoader", "{\"clip_name\": \"clip_l.safetensors\", \"type\": \"stable_diffusion\"}");
        add(graph, "22", "VAELoader", "{\"vae_name\": \"sd.vae.safetensors\"}");
        assertStops("8", "VAEDecode", "only be used with its model", set(graph.deepCopy(), "8", "vae", "[\"20\", 2]"));
        assertStops("7", "CLIPTextEncode", "same text encoder", set(graph.deepCopy(), "7", "clip", "[\"20\", 1]"));
        for (String clip : List.of("20", "21")) {
            String link = clip.equals("20") ? "[\"20\", 1]" : "[\"21\", 0]";
            ObjectNode other = set(set(graph.deepCopy(), "6", "clip", link), "7", "clip", link);
            assertStops(clip, other.at("/" + clip + "/class_type").asText(), "same checkpoint", other);
        }
        ObjectNode two = add(graph.deepCopy(), "23", "VAEDecode", "{\"samples\": [\"3\", 0], \"vae\": [\"22\", 0]}");
        assertStops("23", "VAEDecode", "here are two", add(two, "24", "PreviewImage", "{\"images\": [\"23\", 0]}"));
        ObjectNode wan = add(
                load("wan-open-webui"),
                "20",
                "CheckpointLoaderSimple",
                "{\"ckpt_name\": \"sd_xl_base_1.0.safetensors\"}");
        set(set(wan, "4", "clip", "[\"20\", 1]"), "5", "clip", "[\"20\", 1]");
        assertStops("20", "CheckpointLoaderSimple", "CLIPLoader", wan);
    }

    @Test
    void textsThatAreUnderstoodDifferently() {
        ObjectNode graph =
                add(picture(), "20", "CLIPSetLastLayer", "{\"clip\": [\"4\", 1], \"stop_at_clip_layer\": -2}");
        assertStops("7", "CLIPTextEncode", "same text encoder", set(graph, "6", "clip", "[\"20\", 0]"));
    }

    @Test
    void firstFramesThatAreTiedToOneSideOnly() {
        ObjectNode graph = set(load("wan-image-to-video"), "3", "negative", "[\"7\", 0]");
        assertStops("3", "KSampler", "same WanImageToVideo", graph);
        ObjectNode other = add(load("wan-image-to-video"), "60", "EmptyHunyuanLatentVideo", """
                {"width": 832, "height": 480, "length": 33, "batch_size": 1}""");
        assertStops("3", "KSampler", "same WanImageToVideo", set(other, "3", "latent_image", "[\"60\", 0]"));
        // Without a picture it ties nothing.
        ObjectNode free = set(load("wan-image-to-video"), "3", "negative", "[\"7\", 0]");
        Graphs.inputs(free, "50").remove("start_image");
        assertTrue(Graphs.plan(free).samplings().get(0).start().isEmpty());
    }

    @Test
    void prefixesThatLeadOut() {
        for (String prefix : List.of("../x", "a/../../x", "/etc/x", "C:/x", "..\\x", "a/..", "a\nb")) {
            ObjectNode graph = picture();
            Graphs.inputs(graph, "9").put("filename_prefix", prefix);
            assertStops("9", "SaveImage", "out of the folder", graph);
        }
        for (String prefix : List.of("x", "a/b/x", "..x", "a..b/%date%", "")) {
            ObjectNode graph = picture();
            Graphs.inputs(graph, "9").put("filename_prefix", prefix);
            assertFalse(Graphs.plan(graph).samplings().isEmpty(), prefix);
        }
    }

    @Test
    void moreThanOneJobCanBe() {
        assertStops("5", "EmptyLatentImage", "4096 each way", set(picture(), "5", "width", "16384"));
        ObjectNode outputs = picture();
        for (int i = 0; i < GraphPlan.MOST_OUTPUTS; i++) {
            add(outputs, "more" + i, "PreviewImage", "{\"images\": [\"8\", 0]}");
        }
        assertStops("more63", "PreviewImage", "64 outputs at most", outputs);
        ObjectNode samplers = picture();
        for (int i = 0; i < GraphPlan.MOST_SAMPLINGS; i++) {
            add(samplers, "s" + i, "KSampler", SECOND.formatted("[\"5\", 0]"));
            add(samplers, "d" + i, "VAEDecode", "{\"samples\": [\"s" + i + "\", 0], \"vae\": [\"4\", 2]}");
            add(samplers, "o" + i, "PreviewImage", "{\"images\": [\"d" + i + "\", 0]}");
        }
        assertStops("o15", "PreviewImage", "16 samplers", samplers);
        ObjectNode loras = picture();
        for (int i = 0; i <= ModelReader.MOST_LORAS; i++) {
            add(loras, "l" + i, "LoraLoaderModelOnly", """
                    {"lora_name": "ink.safetensors", "strength_model": 1, "model": ["%s", 0]}""".formatted(i == 0 ? "4" : "l" + (i - 1)));
        }
        assertStops("l64", "LoraLoaderModelOnly", "64 LoRAs at most", set(loras, "3", "model", "[\"l64\", 0]"));
    }

    @Test
    void whatHasNoEffectAtAll() {
        ObjectNode graph = add(picture(), "3", "KSamplerAdvanced", """
                {"add_noise": "enable", "noise_seed": 1, "steps": 20, "cfg": 8, "sampler_name": "euler",
                 "scheduler": "karras", "positive": ["6", 0], "negative": ["7", 0], "latent_image": ["5", 0],
                 "model": ["4", 0], "start_at_step": 20, "end_at_step": 10000, "return_with_leftover_noise": "disable"}""");
        assertStops("3", "KSamplerAdvanced", "nothing to do", graph);
        ObjectNode video = set(load("wan-image-to-video"), "55", "pingpong", "true");
        assertStops("55", "VHS_VideoCombine", "pingpong", video);
    }
}
