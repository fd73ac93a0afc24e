package io.github.tachyscope.schedule;

import java.util.Arrays;

/** What the steps of a run's chunks take by their position, so that the rest of a chunk can be foreseen. */
final class StepCosts {
    /** Positions that are told apart; later ones count as the last. */
    private static final int MOST = 1_024;

    private static final double WEIGHT_OF_NEWEST = 0.2;

    private double[] means = new double[4];
    private int known;

    void record(int stepIndex, long micros) {
        int at = Math.min(stepIndex, MOST - 1);
        if (at >= means.length) {
            means = Arrays.copyOf(means, Math.min(MOST, 2 * at));
        }
        means[at] = means[at] == 0 ? micros : means[at] + WEIGHT_OF_NEWEST * (micros - means[at]);
        known = Math.max(known, at + 1);
    }

    /**
     * Predicted time of a step and those after it.
     *
     * @param stepMicros predicted time of the step itself; stands for later ones of which nothing is known
     */
    long remainingMicros(int stepIndex, int stepsLeft, long stepMicros) {
        double sum = stepMicros;
        for (int step = stepIndex + 1; step <= stepIndex + stepsLeft; step++) {
            if (step >= known) {
                return (long) (sum + (double) stepMicros * (stepIndex + stepsLeft - step + 1));
            }
            sum += means[step] == 0 ? stepMicros : means[step];
        }
        return (long) sum;
    }
}
