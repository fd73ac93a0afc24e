package io.github.tachyscope.diffusion.synthetic;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.IntNode;
import io.github.tachyscope.diffusion.BatchKey;
import io.github.tachyscope.diffusion.Economy;
import io.github.tachyscope.diffusion.Generation;
import io.github.tachyscope.diffusion.GenerationRequest;
import io.github.tachyscope.diffusion.InputMode;
import io.github.tachyscope.diffusion.Lane;
import io.github.tachyscope.diffusion.NextStep;
import io.github.tachyscope.diffusion.ParameterRejected;
import io.github.tachyscope.diffusion.Parameters;
import io.github.tachyscope.diffusion.Pipeline;
import io.github.tachyscope.diffusion.StepResult;
import io.github.tachyscope.frame.PictureSize;
import io.github.tachyscope.frame.PixelFormat;
import io.github.tachyscope.frame.VideoFrame;
import io.github.tachyscope.tensor.Placement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Runs with a size of their own, and such that have to do with a smaller one for a while. */
class SyntheticSizesTest {
    private static final PictureSize WIDE = new PictureSize(160, 96);
    private final Pipeline pipeline = loaded(128, 128, 0);

    private static Pipeline loaded(int width, int height, int stepCostMillis) {
        return new SyntheticProvider()
                .load(
                        Parameters.of(Map.of(
                                "width",
                                IntNode.valueOf(width),
                                "height",
                                IntNode.valueOf(height),
                                "step_cost_ms",
                                IntNode.valueOf(stepCostMillis))),
                        Placement.CPU,
                        stage -> {});
    }

    private static Generation open(Pipeline pipeline, InputMode mode, Optional<PictureSize> size) {
        return pipeline.open(new GenerationRequest(mode, Parameters.none(), size));
    }

    private static List<VideoFrame> camera(int count) {
        List<VideoFrame> frames = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            byte[] data = new byte[PixelFormat.I420.bytes(200, 100)];
            new Random(i).nextBytes(data);
            frames.add(VideoFrame.of(PixelFormat.I420, 200, 100, data, 1000L * i));
        }
        return frames;
    }

    private static List<VideoFrame> chunk(Pipeline pipeline, Generation generation) {
        generation.demand();
        while (true) {
            for (Lane lane : Lane.values()) {
                if (generation.next(lane) instanceof NextStep.NeedsInput input) {
                    generation.feed(camera(input.frames()));
                }
                if (generation.next(lane) instanceof NextStep.StepPlan) {
                    StepResult result = pipeline.run(lane, List.of(generation)).get(0);
                    generation.commit(result);
                    if (!result.frames().isEmpty()) {
                        return result.frames();
                    }
                }
            }
        }
    }

    private static Set<PictureSize> sizes(List<VideoFrame> frames) {
        return Set.copyOf(frames.stream().map(PictureSize::of).distinct().toList());
    }

    @Test
    void aRunAtASizeGivesWhatAPipelineLoadedAtThatSizeGives() {
        Pipeline there = loaded(160, 96, 0);
        for (InputMode mode : InputMode.values()) {
            try (Generation own = open(pipeline, mode, Optional.of(WIDE));
                    Generation usual = open(pipeline, mode, Optional.empty());
                    Generation reference = open(there, mode, Optional.empty())) {
                for (int i = 0; i < 2; i++) {
                    List<VideoFrame> expected = chunk(there, reference);
                    assertEquals(Set.of(new PictureSize(128, 128)), sizes(chunk(pipeline, usual)));
                    List<VideoFrame> frames = chunk(pipeline, own);
                    assertEquals(Set.of(WIDE), sizes(frames));
                    for (int n = 0; n < expected.size(); n++) {
                        assertArrayEquals(bytes(expected.get(n)), bytes(frames.get(n)), mode + ", frame " + n);
                    }
                }
            }
        }
    }

    private static byte[] bytes(VideoFrame frame) {
        return Arrays.copyOf(frame.data(), frame.bytes());
    }

    @Test
    void runsOfOneSizeShareBatchesAndRunsOfTwoDoNot() {
        Generation one = open(pipeline, InputMode.TEXT, Optional.of(WIDE));
        Generation same = open(pipeline, InputMode.TEXT, Optional.of(WIDE));
        Generation other = open(pipeline, InputMode.TEXT, Optional.empty());
        List.of(one, same, other).forEach(Generation::demand);
        assertEquals(key(one), key(same));
        assertNotEquals(key(one), key(other));
    }

    private static BatchKey key(Generation generation) {
        return ((NextStep.StepPlan) generation.next(Lane.TEXT)).key();
    }

    @Test
    void sizesOutsideTheRuleAreRefused() {
        for (PictureSize wrong :
                List.of(new PictureSize(100, 96), new PictureSize(48, 96), new PictureSize(96, 2064))) {
            ParameterRejected refused =
                    assertThrows(ParameterRejected.class, () -> open(pipeline, InputMode.TEXT, Optional.of(wrong)));
            assertTrue(
                    String.valueOf(refused.getMessage()).contains("multiples of 16 from 64 to 2048"),
                    refused.getMessage());
        }
    }

    @Test
    void underPressureTheNextChunkIsSmallerAndAfterwardsAsItWas() {
        for (InputMode mode : InputMode.values()) {
            try (Generation one = open(pipeline, mode, Optional.empty());
                    Generation untouched = open(pipeline, mode, Optional.empty())) {
                chunk(pipeline, one);
                chunk(pipeline, untouched);
                one.economize(Set.of(Economy.SMALLER_PICTURES));
                assertEquals(Set.of(new PictureSize(96, 96)), sizes(chunk(pipeline, one)));
                chunk(pipeline, untouched);
                one.economize(Set.of());
                List<VideoFrame> whole = chunk(pipeline, one);
                List<VideoFrame> expected = chunk(pipeline, untouched);
                // What it remembers has one size for pictures of all sizes, so there is no trace of it.
                assertArrayEquals(bytes(expected.get(11)), bytes(whole.get(11)), mode.toString());
            }
        }
    }

    @Test
    void aChunkUnderWayKeepsItsSize() {
        try (Generation one = open(pipeline, InputMode.TEXT, Optional.empty())) {
            one.demand();
            one.economize(Set.of(Economy.SMALLER_PICTURES));
            one.patch(Parameters.none());
            one.demand();
            assertEquals(Set.of(new PictureSize(128, 128)), sizes(chunk(pipeline, one)));
            assertEquals(Set.of(new PictureSize(96, 96)), sizes(chunk(pipeline, one)));
        }
    }

    @Test
    void aSmallerPictureCostsLess() {
        Pipeline slow = loaded(256, 256, 1_000);
        try (Generation small = open(slow, InputMode.TEXT, Optional.of(new PictureSize(64, 64)))) {
            long start = System.nanoTime();
            chunk(slow, small);
            // Four steps of a sixteenth of a second, not of a second.
            assertTrue(System.nanoTime() - start < 3_500_000_000L, (System.nanoTime() - start) + " ns");
        }
    }
}
