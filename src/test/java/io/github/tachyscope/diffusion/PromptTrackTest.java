package io.github.tachyscope.diffusion;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.List;
import org.junit.jupiter.api.Test;

class PromptTrackTest {
    private static final float[] EAST = {2, 0};
    private static final float[] NORTH = {0, 2};

    @Test
    void weightsAreSharesAndAllZeroMeansEqual() {
        assertArrayEquals(new double[] {0.25, 0.75}, PromptBlend.normalise(new double[] {25, 75}), 1e-12);
        assertArrayEquals(new double[] {0.5, 0.5}, PromptBlend.normalise(new double[] {0, 0}), 1e-12);
    }

    @Test
    void theLinearBlendKeepsTheWeightedNorm() {
        float[] blend = PromptBlend.linear(List.of(EAST, NORTH), new double[] {1, 1});
        assertArrayEquals(new float[] {(float) Math.sqrt(2), (float) Math.sqrt(2)}, blend, 1e-5f);
    }

    @Test
    void theSphericalBlendGoesAlongTheArc() {
        float[] third = PromptBlend.slerp(EAST, NORTH, 1.0 / 3, 2);
        assertArrayEquals(new float[] {(float) Math.sqrt(3), 1}, third, 1e-5f);
        assertArrayEquals(EAST, PromptBlend.slerp(EAST, EAST, 0.5, 2), 1e-6f);
    }

    @Test
    void aTransitionOfThreeShowsSourceMiddleAndTarget() {
        PromptTrack track = PromptTrack.at(EAST, 2).transit(NORTH, 3, false);
        assertArrayEquals(EAST, track.present(), 1e-6f);
        track = track.advance();
        assertArrayEquals(new float[] {1, 1}, track.present(), 1e-6f);
        track = track.advance();
        assertArrayEquals(NORTH, track.present(), 1e-6f);
        assertFalse(track.advance().moving());
    }

    @Test
    void aTransitionThatLeavesAtOnceIsAPartOfTheWayOnAtItsFirstChunk() {
        PromptTrack track = PromptTrack.at(EAST, 2).leave(NORTH, 4, false);
        for (int k = 1; k <= 4; k++) {
            float part = k / 4f;
            assertArrayEquals(new float[] {2 - 2 * part, 2 * part}, track.present(), 1e-6f, "chunk " + k);
            track = track.advance();
        }
        assertFalse(track.moving());
        assertArrayEquals(NORTH, track.present(), 1e-6f);
        assertArrayEquals(NORTH, PromptTrack.at(EAST, 2).leave(NORTH, 1, false).present());
    }

    @Test
    void leavingOnTheWayBeginsWithWhatTheLastChunkShowed() {
        PromptTrack half = PromptTrack.at(EAST, 2).leave(NORTH, 2, false);
        assertArrayEquals(new float[] {1, 1}, half.present(), 1e-6f);
        PromptTrack back = half.advance().leave(EAST, 2, false);
        assertArrayEquals(new float[] {1.5f, 0.5f}, back.present(), 1e-6f);
        assertArrayEquals(EAST, back.advance().present(), 1e-6f);
    }

    @Test
    void oneAndNoneMeanJumpAndSoDoesANearTarget() {
        for (int chunks : new int[] {0, 1}) {
            assertArrayEquals(
                    NORTH, PromptTrack.at(EAST, 2).transit(NORTH, chunks, false).present());
        }
        float[] near = {2.005f, 0};
        assertArrayEquals(near, PromptTrack.at(EAST, 2).transit(near, 4, false).present());
    }

    @Test
    void aNewTransitionStartsFromThePresentPoint() {
        PromptTrack track = PromptTrack.at(EAST, 2).transit(NORTH, 3, false).advance();
        assertArrayEquals(new float[] {1, 1}, track.transit(EAST, 5, false).present(), 1e-6f);
    }

    @Test
    void theNoiseScaleFollowsTheMotion() {
        assertEquals(0.9 * 0.8 + 0.05, NoiseController.scale(0, 0.5), 1e-12);
        assertEquals(0.9 * 0.6 + 0.05, NoiseController.scale(5, 0.5), 1e-12);
        assertEquals(600, NoiseController.firstStep(0.7));
    }
}
