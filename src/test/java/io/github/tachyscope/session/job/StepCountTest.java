package io.github.tachyscope.session.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tachyscope.diffusion.BatchKey;
import io.github.tachyscope.diffusion.NextStep.StepPlan;
import io.github.tachyscope.diffusion.StepKind;
import io.github.tachyscope.exec.RunId;
import io.github.tachyscope.schedule.Scheduler.StepDone;
import java.util.Map;
import org.junit.jupiter.api.Test;

class StepCountTest {
    private static StepDone step(StepKind kind, long chunk, int index, int left) {
        return new StepDone(new RunId(1), new StepPlan(new BatchKey("p", kind, ""), chunk, index, left, 1), 500_000);
    }

    @Test
    void theTotalIsKnownFromTheFirstChunkAndReachedWithTheLast() {
        StepCount count = new StepCount(10);
        assertEquals(0, count.total());
        count.add(step(StepKind.TEXT_ENCODE, 0, 0, 0));
        for (int chunk = 0; chunk < 10; chunk++) {
            count.add(step(StepKind.DENOISE, chunk, 0, 1));
            assertEquals(21, count.total());
            count.add(step(StepKind.DECODE, chunk, 1, 0));
            assertEquals(1 + 2 * (chunk + 1), count.done());
        }
        assertEquals(count.total(), count.done());
        assertEquals(Map.of("text_encode", 0.5, "denoise", 5.0, "vae_decode", 5.0), count.seconds());
    }

    @Test
    void theTotalIsNeverBelowWhatIsDone() {
        StepCount count = new StepCount(1);
        for (int i = 0; i < 5; i++) {
            count.add(step(StepKind.DENOISE, 0, 0, 0));
            assertTrue(count.total() >= count.done());
        }
    }
}
