package io.github.tachyscope.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tachyscope.diffusion.BatchKey;
import io.github.tachyscope.diffusion.NextStep.StepPlan;
import io.github.tachyscope.diffusion.StepKind;
import org.junit.jupiter.api.Test;

class PreviewBudgetTest {
    private static StepPlan plan(StepKind kind, double relativeCost) {
        return new StepPlan(new BatchKey("p", kind, ""), 0, 0, 1, relativeCost);
    }

    private static final StepPlan STEP = plan(StepKind.DENOISE, 10);
    private static final StepPlan PREVIEW = plan(StepKind.PREVIEW, 5);

    @Test
    void aPreviewIsAffordedOnceItsShareIsEarned() {
        PreviewBudget budget = new PreviewBudget(0.05);
        for (int step = 1; step <= 20; step++) {
            assertFalse(budget.affords(10_000), "after " + (step - 1) + " steps");
            budget.ran(STEP, 10_000);
        }
        assertTrue(budget.affords(10_000));
        budget.ran(PREVIEW, 10_000);
        assertFalse(budget.affords(10_000));
        assertTrue(budget.affords(0));
    }

    @Test
    void oneThatTookLongerThanForeseenIsPaidForAfterwards() {
        PreviewBudget budget = new PreviewBudget(0.5);
        budget.ran(STEP, 10_000);
        budget.ran(PREVIEW, 50_000);
        int steps = 0;
        while (!budget.affords(1_000)) {
            budget.ran(STEP, 10_000);
            steps++;
        }
        assertEquals(10, steps);
    }

    @Test
    void theFirstOneIsGuessedFromItsPredictedCost() {
        PreviewBudget budget = new PreviewBudget(0.05);
        assertFalse(budget.affords(budget.expectedMicros(PREVIEW, 0)), "nothing is known of the run");
        budget.ran(STEP, 10_000);
        budget.ran(plan(StepKind.DECODE, 5), 5_000);
        assertEquals(5_000, budget.expectedMicros(PREVIEW, 0));
        assertEquals(700, budget.expectedMicros(PREVIEW, 700));
    }

    @Test
    void noShareMeansNoPreviews() {
        PreviewBudget budget = new PreviewBudget(0);
        budget.ran(STEP, 10_000);
        assertFalse(budget.affords(0));
    }

    @Test
    void whatWasSavedUpForHoursIsNotSpentAtOnce() {
        PreviewBudget budget = new PreviewBudget(1);
        for (int step = 0; step < 1_000; step++) {
            budget.ran(STEP, 10_000_000);
        }
        assertFalse(budget.affords(61_000_000));
    }
}
