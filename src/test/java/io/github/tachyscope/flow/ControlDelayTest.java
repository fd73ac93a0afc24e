package io.github.tachyscope.flow;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ControlDelayTest {
    private final List<Long> delays = new ArrayList<>();
    private final ControlDelay controls = new ControlDelay(delays::add);

    @BeforeEach
    void aFlowOfOnePipeline() {
        controls.begin(true);
    }

    @Test
    void countsToTheFirstPictureOfTheChunkThatWasAskedForAfterTheMessage() {
        long early = controls.asked();
        controls.told(1_000);
        long first = controls.asked();
        controls.queued(early, 0);
        controls.shown(5_000);
        controls.queued(first, 2);
        controls.shown(6_000);
        controls.shown(7_000);
        assertEquals(List.of(), delays);
        controls.shown(9_000);
        controls.shown(10_000);
        assertEquals(List.of(8_000L), delays);
    }

    @Test
    void aLostChunkLeavesItToTheNextOne() {
        controls.told(1_000);
        controls.lost(controls.asked());
        controls.queued(controls.asked(), 0);
        controls.shown(3_000);
        assertEquals(List.of(2_000L), delays);
    }

    @Test
    void aDraggedSliderIsFollowedOnce() {
        controls.told(1_000);
        controls.told(2_000);
        long since = controls.asked();
        controls.told(3_000);
        assertEquals(ControlDelay.NONE, controls.asked());
        controls.queued(since, 0);
        controls.shown(5_000);
        controls.told(6_000);
        controls.queued(controls.asked(), 0);
        controls.shown(7_000);
        assertEquals(List.of(4_000L, 1_000L), delays);
    }

    @Test
    void whatIsFlushedIsSeenInTheNextPicture() {
        controls.told(1_000);
        controls.queued(controls.asked(), 7);
        controls.flushed();
        controls.shown(2_000);
        assertEquals(List.of(1_000L), delays);
    }

    @Test
    void aNewFlowForgetsAndAChainIsNotFollowed() {
        controls.told(1_000);
        controls.begin(false);
        assertEquals(ControlDelay.NONE, controls.asked());
        controls.told(2_000);
        assertEquals(ControlDelay.NONE, controls.asked());
        controls.shown(3_000);
        assertEquals(List.of(), delays);
    }
}
