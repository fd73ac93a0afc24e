package io.github.tachyscope.app;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.tachyscope.diffusion.StepKind;
import io.github.tachyscope.exec.RunId;
import io.github.tachyscope.schedule.StepSpan;
import java.util.List;
import org.junit.jupiter.api.Test;

class InterleaveFiguresTest {
    private static StepSpan span(long run, StepKind kind, long chunk, int step, long queue, long start, long time) {
        return new StepSpan(
                0, "s" + run, new RunId(run), "p", kind, kind.lane(), "cpu", 1, chunk, step, queue, start, time, true);
    }

    @Test
    void aStepThatWaitsWhileAnotherRunsIsNoOverhead() {
        List<StepSpan> spans =
                List.of(span(1, StepKind.DENOISE, 0, 0, 0, 0, 50), span(2, StepKind.DENOISE, 0, 0, 50, 50, 50));
        assertEquals(List.of(0.0, 0.0), InterleaveFigures.overhead(spans, 2, 0, 100));
    }

    @Test
    void theWayFromTheEndOfAStepToTheNextOneIsOverhead() {
        // The scheduler learns at 54 that the next step is ready, and it begins at 60: all of the ten count.
        List<StepSpan> spans =
                List.of(span(1, StepKind.DENOISE, 0, 0, 0, 0, 50), span(1, StepKind.DENOISE, 0, 1, 6, 60, 40));
        assertEquals(List.of(0.1, 0.0), InterleaveFigures.overhead(spans, 2, 0, 100));
    }

    @Test
    void aThreadWithoutWorkIsNoOverheadButOneThatWaitsAcrossLanesIs() {
        List<StepSpan> spans =
                List.of(span(1, StepKind.IMAGE_ENCODE, 0, 0, 0, 0, 30), span(1, StepKind.DENOISE, 0, 1, 0, 40, 20));
        assertEquals(List.of(0.1, 0.0), InterleaveFigures.overhead(spans, 2, 0, 100));
        assertEquals(List.of(0.1), InterleaveFigures.overhead(spans, 1, 0, 100));
    }

    @Test
    void onlyTheMeasuredTimeCounts() {
        List<StepSpan> spans = List.of(span(1, StepKind.DENOISE, 0, 0, 90, 90, 20));
        assertEquals(List.of(0.4), InterleaveFigures.overhead(spans, 1, 50, 150));
    }

    @Test
    void countsABatchOnce() {
        List<StepSpan> spans = List.of(
                span(1, StepKind.DENOISE, 0, 0, 0, 0, 50),
                span(2, StepKind.DENOISE, 0, 0, 0, 0, 50),
                span(3, StepKind.DECODE, 0, 5, 0, 0, 50));
        assertEquals(1.5, InterleaveFigures.meanBatch(spans));
        assertEquals(0, InterleaveFigures.meanBatch(List.of()));
    }
}
