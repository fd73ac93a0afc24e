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
