package io.github.tachyscope.api.comfy.graph;

import static io.github.tachyscope.api.comfy.graph.Graphs.load;
import static io.github.tachyscope.api.comfy.graph.Graphs.plan;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tachyscope.api.comfy.graph.ModelWish.Kind;
import io.github.tachyscope.api.comfy.graph.Sampling.Stages;
import io.github.tachyscope.frame.PictureSize;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Graphs that people have. */
class ReferenceGraphTest {
    private static final String CLIP = "umt5_xxl_fp8_e4m3fn_scaled.safetensors";
    private static final String VAE = "wan_2.1_vae.safetensors";

    private static Sampling only(String name) {
        GraphPlan plan = plan(load(name));
        assertEquals(1, plan.samplings().size(), name);
        assertTrue(plan.passed().isEmpty(), name);
        return plan.samplings().get(0);
    }

    private static ModelWish wan(String loader, String unet, Optional<Double> shift) {
        return new ModelWish(
                Kind.WAN,
                loader,
                Optional.empty(),
                Optional.of(unet),
                Optional.of(CLIP),
                Optional.of(VAE),
                List.of(),
                shift,
                Optional.empty(),
                false);
    }

    private static Canvas canvas(int width, int height, int frames) {
        return new Canvas(Optional.of(new PictureSize(width, height)), frames, 1);
    }

    @Test
    void readsVideosFromText() {
        assertEquals(
                new Sampling(
                        "3",
                        "KSampler",
                        wan("37", "wan2.1_t2v_1.3B_fp16.safetensors", Optional.empty()),
                        "a fox runs through snow",
                        "blurry",
                        0,
                        canvas(832, 480, 33),
                        new Denoising(30, 6, "uni_pc", "simple", 82628696717253L, 1, 0, 30, true, false),
                        Optional.empty(),
                        List.of(
                                new OutputNode(
                                        "28",
                                        "SaveAnimatedWEBP",
                                        new OutputNode.Webp("ComfyUI", 16, false, 90, "default")),
                                new OutputNode("47", "SaveWEBM", new OutputNode.Webm("ComfyUI", "vp9", 24, 32))),
                        new Stages(List.of("37", "38", "6", "7", "40"), List.of("39", "8", "28", "47"))),
                only("wan-text-to-video"));
        assertEquals(
                List.of("37", "38", "6", "7", "40", "3", "39", "8", "28", "47"),
                plan(load("wan-text-to-video")).order());
    }

    @Test
    void readsVideosOfLaterTemplates() {
        Sampling sampling = only("wan-text-to-video-later");
        assertEquals(wan("37", "wan2.1_t2v_1.3B_fp16.safetensors", Optional.of(8.0)), sampling.model());
        assertEquals(canvas(832, 480, 33), sampling.canvas(), "of a length of 34");
        assertEquals(
                List.of(new OutputNode("50", "SaveVideo", new OutputNode.Mp4("video/ComfyUI", 16))),
                sampling.outputs());
        assertEquals(List.of("39", "8", "49", "50"), sampling.stages().after());
    }

    @Test
    void readsVideosFromAPicture() {
        Sampling sampling = only("wan-image-to-video");
        assertEquals(wan("37", "wan2.1_t2v_1.3B_bf16.safetensors", Optional.of(5.0)), sampling.model());
        assertEquals("the cat jumps", sampling.positive());
        assertEquals("blurry", sampling.negative());
        assertEquals(canvas(832, 480, 81), sampling.canvas());
        assertEquals(
                Optional.of(new PictureSource("52", "cat.png", List.of(new Scaling.To("lanczos", 832, 480, true)))),
                sampling.start());
        assertEquals(
                List.of(new OutputNode(
                        "55", "VHS_VideoCombine", new OutputNode.Combined("wan", 16, "video/h264-mp4", true))),
                sampling.outputs());
    }

    @Test
    void readsTheGraphOfOpenWebUi() {
        Sampling sampling = only("wan-open-webui");
        assertEquals(wan("1", "wan2.1_t2v_1.3B_bf16.safetensors", Optional.empty()), sampling.model());
        assertEquals(canvas(480, 320, 33), sampling.canvas());
        assertEquals(new Denoising(20, 6, "uni_pc_bh2", "normal", 123, 1, 0, 20, true, false), sampling.denoising());
        assertEquals(
                List.of(new OutputNode("9", "SaveImage", new OutputNode.Pictures("OpenWebUI_video"))),
                sampling.outputs());
    }

    @Test
    void readsPicturesFromText() {
        Sampling sampling = only("sd-text-to-image");
        assertEquals(
                new ModelWish(
                        Kind.SD,
                        "4",
                        Optional.of("v1-5-pruned-emaonly.safetensors"),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        List.of(),
                        Optional.empty(),
                        Optional.empty(),
                        false),
                sampling.model());
        assertEquals("a lighthouse at dusk", sampling.positive());
        assertEquals("low quality", sampling.negative());
        assertEquals(canvas(512, 512, 1), sampling.canvas());
        assertEquals(new Denoising(20, 8, "euler", "normal", 8566257, 1, 0, 20, true, false), sampling.denoising());
        assertEquals(new Stages(List.of("4", "6", "7", "5"), List.of("8", "9")), sampling.stages());
    }

    @Test
    void readsPicturesFromAPicture() {
        Sampling sampling = only("sdxl-image-to-image");
        assertEquals(Optional.of("sd_xl_base_1.0.safetensors"), sampling.model().checkpoint());
        assertEquals(new Canvas(Optional.empty(), 1, 1), sampling.canvas());
        assertEquals(Optional.of(new PictureSource("1", "cat.png", List.of())), sampling.start());
        assertEquals(
                new Denoising(25, 7, "euler_ancestral", "normal", 42, 0.7, 0, 25, true, false), sampling.denoising());
    }
}
