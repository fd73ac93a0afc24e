package io.github.tachyscope.schedule;

import io.github.tachyscope.diffusion.NextStep.StepPlan;
import io.github.tachyscope.diffusion.StepKind;

/**
 * What previews may take of a run: a share of the time that its other steps take, which they have to earn first.
 *
 * <pre>
 *   other step runs --> credit grows by share x time     preview runs --> credit falls by its time
 * </pre>
 */
final class PreviewBudget {
    /** Most that is saved up; previews that were not wanted for long do not crowd out the steps after that. */
    private static final double MOST_MICROS = 60e6;

    private final double share;
    private double credit;
    /** Time and predicted cost of the other steps, for the guess at a preview that never ran. */
    private double micros;

    private double units;

    /** @param share of the time of the other steps, 0 for no previews at all */
    PreviewBudget(double share) {
        this.share = share;
    }

    /** A step has run; what it took of its batch. */
    void ran(StepPlan plan, long shareMicros) {
        if (plan.key().kind() == StepKind.PREVIEW) {
            credit -= shareMicros;
        } else {
            credit = Math.min(MOST_MICROS, credit + share * shareMicros);
            micros += shareMicros;
            units += plan.relativeCost();
        }
    }

    /**
     * What a preview will take.
     *
     * @param measuredMicros what such previews took so far, 0 if none ran
     */
    long expectedMicros(StepPlan preview, long measuredMicros) {
        if (measuredMicros > 0) {
            return measuredMicros;
        }
        return units > 0 ? (long) Math.ceil(preview.relativeCost() * micros / units) : Long.MAX_VALUE;
    }

    boolean affords(long previewMicros) {
        return share > 0 && previewMicros <= credit;
    }
}
