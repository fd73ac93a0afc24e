package io.github.tachyscope.diffusion.tiny.training;

/**
 * Warm-up, a plateau, then a cosine down to a hundredth. The weights at the end of the plateau are a good beginning for
 * a longer run, which those after the descent are not.
 *
 * @param peak rate of the plateau
 * @param warmUpSteps steps until the peak is reached
 */
record LearningRate(double peak, int warmUpSteps) {
    /** Share of the budget after which the rate falls. */
    static final double PLATEAU_ENDS = 0.7;

    private static final double LEAST = 0.01;

    /**
     * @param step number of the step, from 0
     * @param progress spent share of the budget, 0 to 1
     */
    double at(long step, double progress) {
        double warmUp = Math.min(1, (step + 1.0) / warmUpSteps);
        double fallen = Math.min(1, Math.max(0, (progress - PLATEAU_ENDS) / (1 - PLATEAU_ENDS)));
        double descent = LEAST + (1 - LEAST) * 0.5 * (1 + Math.cos(Math.PI * fallen));
        return peak * warmUp * descent;
    }
}
