package io.github.tachyscope.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tachyscope.diffusion.BatchKey;
import io.github.tachyscope.diffusion.Lane;
import io.github.tachyscope.diffusion.StepKind;
import io.github.tachyscope.exec.RunId;
import org.junit.jupiter.api.Test;

class CostModelTest {
    private static BatchKey key(String form) {
        return new BatchKey("p", StepKind.DENOISE, form);
    }

    @Test
    void predictsFromWhatRanAndScalesUpWhatDidNot() {
        CostModel costs = new CostModel();
        assertEquals(0, costs.predictMicros(key("a"), 1));
        for (int i = 0; i < 100; i++) {
            costs.record(key("a"), 1, 1_000);
        }
        costs.record(key("a"), 2, 1_200);
        assertEquals(1_000, costs.predictMicros(key("a"), 1));
        assertEquals(1_200, costs.predictMicros(key("a"), 2));
        assertEquals(2_400, costs.predictMicros(key("a"), 4));
        assertEquals(1_000, costs.quantileMicros(key("a"), 1, 0.95).orElseThrow());
        assertTrue(costs.quantileMicros(key("b"), 1, 0.5).isEmpty());
    }

    @Test
    void outliersAndUntriedSizesDoNotKeepABatchSmall() {
        CostModel costs = new CostModel();
        for (int i = 0; i < 9; i++) {
            costs.record(key("a"), 1, 1_000);
        }
        assertTrue(costs.usualMicros(key("a"), 2) < 2_000, "a size never tried must look worth trying");
        costs.record(key("a"), 2, 50_000);
        assertTrue(costs.usualMicros(key("a"), 2) < 2_000, "one measurement is no knowledge");
        for (int i = 0; i < 5; i++) {
            costs.record(key("a"), 2, 2_500);
        }
        assertEquals(2_500, costs.usualMicros(key("a"), 2));
        assertEquals(0, costs.usualMicros(key("b"), 2));
    }

    @Test
    void whatWasMeasuredIsKnownAfterARestart() {
        CostModel costs = new CostModel();
        for (int i = 1; i <= 20; i++) {
            costs.record(key("a"), 1, 1_000 + i);
            costs.record(key("a"), 4, 2_000 + i);
        }
        CostModel restored = new CostModel();
        restored.record(key("b"), 1, 7);
        restored.restore(costs.measured());
        assertEquals(3, restored.measured().size());
        assertEquals(costs.predictMicros(key("a"), 1), restored.predictMicros(key("a"), 1));
        assertEquals(costs.usualMicros(key("a"), 4), restored.usualMicros(key("a"), 4));
        // Newer knowledge stays.
        CostModel newer = new CostModel();
        newer.record(key("a"), 1, 9);
        newer.restore(costs.measured());
        assertEquals(9, newer.predictMicros(key("a"), 1));
    }

    @Test
    void theFirstTimeOfAShapeGivesWayToAQuickerSecondOne() {
        CostModel costs = new CostModel();
        costs.record(key("a"), 1, 50_000);
        costs.record(key("a"), 1, 10_000);
        assertEquals(10_000, costs.predictMicros(key("a"), 1));
        costs.record(key("a"), 1, 5_000);
        assertEquals(9_000, costs.predictMicros(key("a"), 1));
        costs.record(key("b"), 1, 10_000);
        costs.record(key("b"), 1, 20_000);
        assertEquals(12_000, costs.predictMicros(key("b"), 1));
    }

    @Test
    void predictsFromLargerBatchesWhereNothingSmallerRan() {
        CostModel costs = new CostModel();
        costs.record(key("a"), 4, 4_000);
        assertEquals(1_000, costs.predictMicros(key("a"), 1));
    }

    @Test
    void theRestOfAChunkIsForeseenByPosition() {
        StepCosts steps = new StepCosts();
        assertEquals(30, steps.remainingMicros(0, 2, 10));
        for (int i = 0; i < 50; i++) {
            steps.record(0, 10);
            steps.record(1, 50);
            steps.record(2, 20);
        }
        assertEquals(80, steps.remainingMicros(0, 2, 10));
        assertEquals(20, steps.remainingMicros(2, 0, 20));
        assertEquals(10 + 50 + 20 + 10, steps.remainingMicros(0, 3, 10));
        steps.record(100_000, 5);
        assertTrue(steps.remainingMicros(99_998, 2, 5) > 0);
    }

    @Test
    void forgetsTheOldestForm() {
        CostModel costs = new CostModel();
        for (int i = 0; i < 3_000; i++) {
            costs.record(key("form " + i), 1, 5);
        }
        assertEquals(1_024, costs.size());
        assertEquals(5, costs.predictMicros(key("form 2999"), 1));
    }

    @Test
    void theTimelineKeepsTheNewestSpans() {
        Timeline timeline = new Timeline(4);
        for (int i = 0; i < 10; i++) {
            timeline.add(new StepSpan(
                    0, "o", new RunId(i), "p", StepKind.DECODE, Lane.CODEC, "cpu", 1, i, 0, 0, 0, 1, true));
        }
        assertEquals(10, timeline.nextSequence());
        assertEquals(6, timeline.since(0, 100).get(0).sequence());
        assertEquals(4, timeline.since(0, 100).size());
        assertEquals(new RunId(8), timeline.since(8, 1).get(0).runId());
        assertTrue(timeline.since(10, 5).isEmpty());
    }
}
