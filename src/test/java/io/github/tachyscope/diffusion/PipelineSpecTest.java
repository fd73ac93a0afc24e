package io.github.tachyscope.diffusion;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tachyscope.frame.PictureSize;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class PipelineSpecTest {
    private static final PictureSize LOADED = new PictureSize(500, 500);

    /** Multiples of 32 from 250 to 512. */
    private static PipelineSpec spec(Capability... capabilities) {
        return new PipelineSpec(
                "model",
                "Model",
                "",
                "1",
                Map.of(
                        InputMode.VIDEO,
                        new ModeDefaults(
                                256, 256, ChunkGeometry.FRAME_WISE, List.of(), Optional.empty(), Optional.empty())),
                InputMode.VIDEO,
                Set.of(capabilities),
                new ParameterSchema(List.of()),
                1,
                0,
                1_000,
                Optional.empty(),
                false,
                32,
                250,
                512);
    }

    private static String refusal(PipelineSpec spec, int width, int height) {
        ParameterRejected refused =
                assertThrows(ParameterRejected.class, () -> spec.requireSize(new PictureSize(width, height), LOADED));
        return refused.parameter() + ": " + refused.getMessage();
    }

    @Test
    void takesSizesOfTheRightStepAndRangeAndSaysWhichTheyAre() {
        PipelineSpec spec = spec(Capability.RUN_SIZES);
        spec.requireSize(new PictureSize(256, 512), LOADED);
        spec.requireSize(LOADED, LOADED);
        for (int[] wrong : new int[][] {{224, 256}, {544, 256}, {300, 256}}) {
            String text = refusal(spec, wrong[0], wrong[1]);
            assertTrue(text.startsWith("width: width " + wrong[0]), text);
            assertTrue(text.contains("multiples of 32 from 250 to 512"), text);
        }
        String text = refusal(spec, 256, 257);
        assertTrue(text.startsWith("height: height 257"), text);
    }

    @Test
    void withoutTheCapabilityOnlyTheSizeOfTheLoadedPipelineIsTaken() {
        PipelineSpec spec = spec();
        spec.requireSize(LOADED, LOADED);
        String text = refusal(spec, 256, 256);
        assertTrue(text.contains("500x500") && text.contains("256x256"), text);
    }

    @Test
    void shrinksToThreeQuartersOrToTheMinimumWithoutSqueezing() {
        PipelineSpec spec = spec();
        assertEquals(new PictureSize(384, 384), spec.smaller(new PictureSize(512, 512)));
        assertEquals(new PictureSize(288, 288), spec.smaller(new PictureSize(384, 384)));
        assertEquals(new PictureSize(256, 256), spec.smaller(new PictureSize(320, 320)));
        assertEquals(new PictureSize(448, 256), spec.smaller(new PictureSize(512, 288)));
        assertEquals(new PictureSize(512, 256), spec.smaller(new PictureSize(512, 256)));
        assertEquals(new PictureSize(256, 256), spec.smaller(new PictureSize(256, 256)));
    }

    @Test
    void whateverItShrinksToIsAllowedAndNoLarger() {
        PipelineSpec spec = spec(Capability.RUN_SIZES);
        long seed = System.nanoTime();
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < 1_000; i++) {
            PictureSize size = new PictureSize(32 * random.nextInt(8, 17), 32 * random.nextInt(8, 17));
            PictureSize smaller = spec.smaller(size);
            spec.requireSize(smaller, LOADED);
            assertTrue(
                    smaller.width() <= size.width() && smaller.height() <= size.height(),
                    size + " to " + smaller + ", seed " + seed);
        }
    }

    @Test
    void theMemoryOfARunGrowsWithItsArea() {
        PipelineSpec spec = spec();
        assertEquals(1_000, spec.sessionBytes(Optional.empty()));
        assertEquals(4_000, spec.sessionBytes(Optional.of(new PictureSize(512, 512))));
        assertEquals(500, spec.sessionBytes(Optional.of(new PictureSize(128, 256))));
    }
}
