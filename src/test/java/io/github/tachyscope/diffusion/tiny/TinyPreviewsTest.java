package io.github.tachyscope.diffusion.tiny;

import static io.github.tachyscope.diffusion.tiny.Rig.nextOn;
import static io.github.tachyscope.diffusion.tiny.Rig.picture;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.github.tachyscope.diffusion.InputMode;
import io.github.tachyscope.diffusion.Lane;
import io.github.tachyscope.diffusion.NextStep.StepPlan;
import io.github.tachyscope.diffusion.StepKind;
import io.github.tachyscope.diffusion.StepResult;
import io.github.tachyscope.frame.PixelFormat;
import io.github.tachyscope.frame.VideoFrame;
import io.github.tachyscope.testkit.NativeObjects;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What can be seen of a frame before it is finished, over networks of almost nothing. */
class TinyPreviewsTest {
    private static final int STEPS = 7;
    private static final int LATENT_SIDE = Rig.SIDE / TinyForm.REDUCTION;

    private final PlainNetworks networks = new PlainNetworks();
    private final Rig rig = new Rig(networks);

    @AfterEach
    void close() {
        rig.close();
    }

    private TinyGeneration painting(String method) {
        TinyGeneration one = rig.open(InputMode.TEXT, "{'prompts':['a sea'],'preview_method':'" + method + "'}");
        one.demand();
        rig.step(Lane.TEXT, one);
        return one;
    }

    private VideoFrame preview(TinyGeneration one) {
        StepResult seen = rig.run(Lane.CODEC, List.of(one)).get(0);
        assertEquals(List.of(), seen.frames());
        one.commit(seen);
        assertEquals(1, seen.previews().size());
        return seen.previews().get(0);
    }

    @Test
    void everyStepButTheLastCanBeSeenOnce() {
        try (TinyGeneration one = painting("latent2rgb")) {
            assertEquals(Optional.empty(), nextOn(one, Lane.CODEC), "nothing is there yet");
            List<VideoFrame> seen = new ArrayList<>();
            for (int step = 1; step < STEPS; step++) {
                rig.step(Lane.DENOISE, one);
                StepPlan plan = (StepPlan) one.next(Lane.CODEC);
                assertEquals(StepKind.PREVIEW, plan.key().kind());
                assertEquals(step, plan.stepIndex());
                VideoFrame picture = preview(one);
                assertEquals(PixelFormat.RGB24, picture.format());
                assertEquals(LATENT_SIDE, picture.width());
                assertEquals(LATENT_SIDE, picture.height());
                seen.add(picture);
                assertEquals(Optional.empty(), nextOn(one, Lane.CODEC), "seen already");
                assertEquals(Optional.of(StepKind.DENOISE), nextOn(one, Lane.DENOISE));
            }
            rig.step(Lane.DENOISE, one);
            assertEquals(Optional.of(StepKind.DECODE), nextOn(one, Lane.CODEC));
            assertEquals(
                    STEPS - 1,
                    seen.stream()
                            .map(Rig::bytes)
                            .map(Arrays::hashCode)
                            .distinct()
                            .count());
        }
    }

    @Test
    void theDecoderShowsThePictureInFull() {
        try (TinyGeneration one = painting("full")) {
            rig.step(Lane.DENOISE, one);
            VideoFrame picture = preview(one);
            assertEquals(Rig.SIDE, picture.width());
            assertEquals(Rig.SIDE, picture.height());
            picture.release();
        }
    }

    @Test
    void methodsDoNotShareABatch() {
        try (TinyGeneration linear = painting("latent2rgb");
                TinyGeneration decoded = painting("taesd")) {
            rig.step(Lane.DENOISE, linear);
            rig.step(Lane.DENOISE, decoded);
            assertNotEquals(((StepPlan) linear.next(Lane.CODEC)).key(), ((StepPlan) decoded.next(Lane.CODEC)).key());
        }
    }

    @Test
    void theMethodChangesInTheMiddleOfAFrame() {
        try (TinyGeneration one = painting("none")) {
            rig.step(Lane.DENOISE, one);
            assertEquals(Optional.empty(), nextOn(one, Lane.CODEC), "nobody wants to see it");
            one.patch(rig.checked("{'preview_method':'latent2rgb'}"));
            assertEquals(Optional.of(StepKind.PREVIEW), nextOn(one, Lane.CODEC));
            one.patch(rig.checked("{'noise_scale':0.5}"));
            assertEquals(Optional.of(StepKind.PREVIEW), nextOn(one, Lane.CODEC), "another parameter changes nothing");
            one.patch(rig.checked("{'preview_method':'none'}"));
            assertEquals(Optional.empty(), nextOn(one, Lane.CODEC));
        }
    }

    @Test
    void framesOfFewStepsAreNotShownBefore() {
        try (TinyGeneration one =
                rig.open(InputMode.VIDEO, "{'preview_method':'latent2rgb','denoising_step_list':[1000,500]}")) {
            one.feed(List.of(picture(1)));
            one.demand();
            rig.step(Lane.TEXT, one);
            rig.step(Lane.CODEC, one);
            rig.step(Lane.DENOISE, one);
            assertEquals(Optional.empty(), nextOn(one, Lane.CODEC));
        }
    }

    @Test
    void theNextPictureIsEncodedBeforeAPreview() {
        try (TinyGeneration one =
                rig.open(InputMode.VIDEO, "{'preview_method':'latent2rgb','denoising_step_list':[1000,750,500,250]}")) {
            one.feed(List.of(picture(1)));
            one.demand();
            rig.step(Lane.TEXT, one);
            rig.step(Lane.CODEC, one);
            rig.step(Lane.DENOISE, one);
            assertEquals(Optional.of(StepKind.PREVIEW), nextOn(one, Lane.CODEC));
            one.feed(List.of(picture(2)));
            one.demand();
            assertEquals(Optional.of(StepKind.IMAGE_ENCODE), nextOn(one, Lane.CODEC));
            rig.step(Lane.CODEC, one);
            assertEquals(Optional.of(StepKind.PREVIEW), nextOn(one, Lane.CODEC));
        }
    }

    @Test
    void aPreviewMayEndAfterTheNextStep() {
        byte[] expected;
        try (TinyGeneration one = painting("latent2rgb")) {
            rig.step(Lane.DENOISE, one);
            expected = Rig.bytes(preview(one));
        }
        try (TinyGeneration one = painting("latent2rgb")) {
            rig.step(Lane.DENOISE, one);
            one.begin(Lane.CODEC);
            rig.step(Lane.DENOISE, one);
            StepResult seen = rig.pipeline.run(Lane.CODEC, List.of(one)).get(0);
            one.commit(seen);
            assertArrayEquals(expected, Rig.bytes(seen.previews().get(0)), "of the step before");
            assertEquals(Optional.of(StepKind.PREVIEW), nextOn(one, Lane.CODEC), "of the step since");
        }
    }

    @Test
    void framesAreTheSameWithAndWithoutPreviews() {
        try (TinyGeneration plain = painting("none");
                TinyGeneration linear = painting("latent2rgb");
                TinyGeneration full = painting("full")) {
            for (int frame = 0; frame < 3; frame++) {
                byte[] expected = rig.frame(plain);
                assertArrayEquals(expected, watched(linear));
                assertArrayEquals(expected, watched(full));
                List.of(plain, linear, full).forEach(TinyGeneration::demand);
            }
        }
    }

    /** A frame with every preview on the way. */
    private byte[] watched(TinyGeneration one) {
        while (true) {
            rig.step(Lane.DENOISE, one);
            if (nextOn(one, Lane.CODEC).equals(Optional.of(StepKind.PREVIEW))) {
                preview(one).release();
            } else if (nextOn(one, Lane.CODEC).equals(Optional.of(StepKind.DECODE))) {
                return rig.step(Lane.CODEC, one).orElseThrow();
            }
        }
    }

    @Test
    void nothingIsLeftOfAFrameThatIsGivenUpAroundAPreview() {
        try (TinyGeneration one = painting("latent2rgb")) {
            byte[] before = watched(one);
            assertEquals(Rig.SIDE * Rig.SIDE * 3, before.length);
        }
        long objects = Pointer.totalCount();
        for (int steps = 1; steps < STEPS; steps++) {
            for (int end = 0; end < 5; end++) {
                try (TinyGeneration one = painting("latent2rgb")) {
                    for (int step = 0; step < steps; step++) {
                        rig.step(Lane.DENOISE, one);
                    }
                    switch (end) {
                        case 0 -> one.dropChunk();
                        case 1 -> {
                            one.begin(Lane.CODEC);
                            one.dropChunk();
                        }
                        case 2 -> {
                            rig.run(Lane.CODEC, List.of(one)).get(0).discard();
                            one.dropChunk();
                        }
                        case 3 -> {
                            one.begin(Lane.CODEC);
                            one.previewFailed();
                            assertEquals(Optional.empty(), nextOn(one, Lane.CODEC));
                        }
                        default -> rig.run(Lane.CODEC, List.of(one)).get(0).discard();
                    }
                }
                NativeObjects.assertNoMoreThan(objects, "after " + steps + " steps, end " + end);
            }
        }
    }
}
