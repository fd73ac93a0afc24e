package io.github.tachyscope.diffusion.stablediffusion;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tachyscope.config.PipelineSettings;
import io.github.tachyscope.diffusion.Capability;
import io.github.tachyscope.diffusion.Generation;
import io.github.tachyscope.diffusion.GenerationRequest;
import io.github.tachyscope.diffusion.InputMode;
import io.github.tachyscope.diffusion.Lane;
import io.github.tachyscope.diffusion.NextStep;
import io.github.tachyscope.diffusion.Parameters;
import io.github.tachyscope.diffusion.Pipeline;
import io.github.tachyscope.diffusion.PipelineCatalog;
import io.github.tachyscope.diffusion.PipelineProvider;
import io.github.tachyscope.diffusion.PipelineProvider.PipelineLoadFailed;
import io.github.tachyscope.diffusion.StepResult;
import io.github.tachyscope.frame.PictureSize;
import io.github.tachyscope.frame.VideoFrame;
import io.github.tachyscope.tensor.Placement;
import io.github.tachyscope.tensor.Torch;
import io.github.tachyscope.testkit.NativeObjects;
import io.github.tachyscope.testkit.SmallModels;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Loading by parameters, and what is refused. */
class StableDiffusionProviderTest {
    private static final String SMALL =
            "'model_id_or_path':'small/sd15','width':64,'height':64,'steps':2,'prompts':['a cat']";

    @TempDir
    Path folder;

    private PipelineProvider provider;
    private SmallModels models;

    @BeforeEach
    void put() {
        Torch.useThreads(1);
        models = SmallModels.in(folder);
        provider = PipelineCatalog.discover(new PipelineSettings(
                        List.of(),
                        Map.of(),
                        Duration.ofMinutes(1),
                        new PipelineSettings.Synthetic(1, Duration.ZERO),
                        Optional.empty(),
                        Optional.empty(),
                        folder,
                        List.of(folder.resolve("lora"))))
                .provider(StableDiffusionProvider.ID)
                .orElseThrow();
    }

    private Pipeline load(String parameters) {
        return provider.load(Rig.json("{" + parameters + "}"), Placement.CPU, stage -> {});
    }

    private static byte[] painted(Pipeline pipeline) {
        try (Generation one = pipeline.open(new GenerationRequest(InputMode.TEXT, Parameters.none()))) {
            one.demand();
            while (true) {
                for (Lane lane : Lane.values()) {
                    if (one.next(lane) instanceof NextStep.StepPlan) {
                        one.begin(lane);
                        StepResult result = pipeline.run(lane, List.of(one)).get(0);
                        List<VideoFrame> shown = result.frames();
                        one.commit(result);
                        if (!shown.isEmpty()) {
                            return Arrays.copyOf(
                                    shown.get(0).data(), shown.get(0).bytes());
                        }
                    }
                }
            }
        }
    }

    private byte[] painted(String parameters) {
        try (Pipeline pipeline = load(parameters)) {
            return painted(pipeline);
        }
    }

    @Test
    void aModelIsLoadedForASizeAndWithWhatASessionStartsWith() {
        painted(SMALL);
        long before = Pointer.totalCount();
        try (Pipeline pipeline = load(SMALL)) {
            assertEquals("stable-diffusion", pipeline.spec().id());
            assertEquals(new PictureSize(64, 64), pipeline.spec().size());
            assertTrue(pipeline.spec().capabilities().contains(Capability.RUN_SIZES));
            assertTrue(
                    pipeline.spec().weightsBytes() > 2 << 20,
                    "" + pipeline.spec().weightsBytes());
            assertEquals(64 * 64 * 3, painted(pipeline).length);
        }
        NativeObjects.assertNoMoreThan(before, "after it was closed");
    }

    @Test
    void sdxlGoesThroughWithBothItsTextEncodersAndItsSizes() {
        String xl = SMALL.replace("sd15", "sdxl");
        byte[] small = painted(xl);
        assertFalse(Arrays.equals(small, painted(xl + ",'prompts':['a dog']")));
        assertTrue(Arrays.equals(small, painted(xl + ",'clip_skip':1")), "SDXL leaves out the last layer in any case");
        assertFalse(Arrays.equals(small, painted(xl + ",'clip_skip':2")));
        assertFalse(Arrays.equals(small, painted(xl + ",'negative_prompt':'fog'")));
    }

    @Test
    void theAutoencoderIsTheOneThatWasAskedFor() {
        byte[] own = painted(SMALL);
        assertFalse(Arrays.equals(own, painted(SMALL + ",'vae':'tiny'")));
        assertTrue(Arrays.equals(own, painted(SMALL + ",'vae':'small/sdxl/vae'")), "it has the same weights");
        String said = assertThrows(PipelineLoadFailed.class, () -> load(SMALL + ",'vae':'someone/vae'"))
                .getMessage();
        assertTrue(said.contains("someone/vae is not on this machine"), said);
    }

    @Test
    void lorasAreMergedForGoodOrKeepAScale() {
        byte[] none = painted(SMALL);
        byte[] merged = painted(SMALL + ",'loras':[{'path':'peft_style','scale':3}]");
        byte[] scaled = painted(SMALL + ",'loras':[{'path':'peft_style','scale':3,'merge_mode':'runtime_peft'}]");
        assertFalse(Arrays.equals(none, merged));
        int most = 0;
        for (int i = 0; i < merged.length; i++) {
            most = Math.max(most, Math.abs((merged[i] & 0xff) - (scaled[i] & 0xff)));
        }
        assertTrue(most <= 1, "merged and scaled differ by " + most);
        String everywhere = ",'loras':[{'path':'kohya_lcm_style','scale':3}]";
        String half = everywhere.replace("'scale':3", "'scale':3,'text_scale':-3");
        assertFalse(Arrays.equals(painted(SMALL + everywhere), painted(SMALL + half)));
        String said = assertThrows(
                        PipelineLoadFailed.class,
                        () -> load(SMALL + half.replace("-3", "-3,'merge_mode':'runtime_peft'")))
                .getMessage();
        assertTrue(said.contains("text_scale is for merge_mode permanent_merge"), said);
    }

    @Test
    void modelsForFewStepsStartWithFew() {
        models.write(
                SmallModels.SD15 + "/scheduler/scheduler_config.json",
                "{\"_class_name\": \"EulerDiscreteScheduler\", \"timestep_spacing\": \"trailing\"}");
        try (Pipeline pipeline = load("'model_id_or_path':'small/sd15','width':64,'height':64");
                Generation one = pipeline.open(new GenerationRequest(InputMode.TEXT, Parameters.none()))) {
            one.demand();
            NextStep.StepPlan text = (NextStep.StepPlan) one.next(Lane.TEXT);
            assertEquals(2, text.stepsLeft(), "one call and the decoder");
        }
    }

    @Test
    void valuesThatNoSessionCanStartWithAreRefusedAndNothingStaysLoaded() {
        load(SMALL).close();
        Map<String, String> wrong = Map.of(
                "'clip_skip':40", "clip_skip must be between 0 and",
                "'width':32", "width must be between 64 and 2048",
                "'acceleration':'tensorrt'", "acceleration must be one of",
                "'prompts':['cat.swap(dog)']", "prompts");
        wrong.forEach((value, message) -> {
            long before = Pointer.totalCount();
            String said = assertThrows(PipelineLoadFailed.class, () -> load(SMALL + "," + value))
                    .getMessage();
            assertTrue(said.startsWith(message), said);
            NativeObjects.assertNoMoreThan(before, value);
        });
    }
}
