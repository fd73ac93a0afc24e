package io.github.tachyscope.diffusion.stablediffusion;

import static io.github.tachyscope.diffusion.stablediffusion.Rig.kind;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tachyscope.diffusion.Lane;
import io.github.tachyscope.diffusion.StepKind;
import io.github.tachyscope.diffusion.StepResult;
import io.github.tachyscope.frame.VideoFrame;
import io.github.tachyscope.tensor.Torch;
import io.github.tachyscope.testkit.NativeObjects;
import io.github.tachyscope.testkit.SmallModels;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Looks at pictures while they are made. */
class PicturePreviewsTest {
    private static final String WISH = "{'prompts':['a cat'],'steps':4,'sampler':'dpmpp_2m'";

    @TempDir
    static Path folder;

    private static Rig rig;

    @BeforeAll
    static void load() {
        Torch.useThreads(1);
        rig = Rig.of(SmallModels.in(folder), SmallModels.SD15);
    }

    @AfterAll
    static void close() {
        rig.close();
    }

    @BeforeEach
    void forget() {
        rig.seen.clear();
    }

    @Test
    void everyMethodShowsEveryStepButTheLastAndChangesNothing() {
        float[] unseen = rig.painted(WISH + "}");
        assertEquals(List.of(), rig.seen, "nobody asked");
        Map<String, Integer> sides = Map.of("latent2rgb", Rig.SIDE / 8, "taesd", Rig.SIDE, "full", Rig.SIDE);
        sides.forEach((method, side) -> {
            rig.seen.clear();
            assertArrayEquals(unseen, rig.painted(WISH + ",'preview_method':'" + method + "'}"), method);
            assertEquals(3, rig.seen.size(), method);
            for (VideoFrame frame : rig.seen) {
                assertEquals(side, frame.width(), method);
                assertEquals(side, frame.height(), method);
            }
            List<byte[]> shown = rig.seen.stream().map(Rig::bytes).toList();
            assertTrue(!java.util.Arrays.equals(shown.get(0), shown.get(2)), method + " goes on");
            rig.seen.forEach(VideoFrame::release);
        });
    }

    @Test
    void theTinyDecoderIsThereBesideTheFullOne() {
        assertTrue(Previews.tiny(rig.model).isPresent());
    }

    @Test
    void aModelWithoutTheTinyDecoderShowsTheLinearMap() {
        SmallModels models = SmallModels.in(folder.resolve("other"));
        models.remove("madebyollin/taesd/config.json");
        models.remove("madebyollin/taesd/diffusion_pytorch_model.safetensors");
        models.remove("madebyollin/taesd");
        try (Rig bare = Rig.of(models, SmallModels.SD15)) {
            bare.painted(WISH + ",'preview_method':'taesd'}");
            assertEquals(3, bare.seen.size());
            assertEquals(Rig.SIDE / 8, bare.seen.get(0).width());
        }
    }

    @Test
    void aLookMayTakeLongerThanStepsAndFailWithoutConsequences() {
        float[] unseen = rig.painted(WISH + "}");
        long before = Pointer.totalCount();
        try (PictureGeneration one = rig.text(WISH + ",'preview_method':'full'}")) {
            one.demand();
            rig.step(Lane.TEXT, one);
            rig.step(Lane.DENOISE, one);
            assertEquals(Optional.of(StepKind.PREVIEW), kind(one, Lane.CODEC));
            one.begin(Lane.CODEC);
            rig.step(Lane.DENOISE, one);
            rig.step(Lane.DENOISE, one);
            StepResult slow = rig.pipeline.run(Lane.CODEC, List.of(one)).get(0);
            List<VideoFrame> pictures = new ArrayList<>(slow.previews());
            one.commit(slow);
            assertEquals(1, pictures.size());
            pictures.forEach(VideoFrame::release);
            one.begin(Lane.CODEC);
            one.previewFailed();
            assertNotEquals(Optional.of(StepKind.PREVIEW), kind(one, Lane.CODEC), "this estimate had its chance");
            rig.finish(one);
            assertArrayEquals(unseen, rig.latents);
            one.demand();
            rig.step(Lane.DENOISE, one);
            one.begin(Lane.CODEC);
        }
        NativeObjects.assertNoMoreThan(before, "after a look that was given up");
    }
}
