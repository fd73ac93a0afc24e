package io.github.tachyscope.diffusion.sd.sampling;

import java.util.Arrays;

/** The symmetric beta distribution with a shape below 1, which is densest at both ends of 0 to 1. */
final class BetaDistribution {
    /** The series ends where nothing is added any more; at 1/2 that is after some 50 terms. */
    private static final int MOST_TERMS = 200;

    private final double[] below;

    /** Over the whole numbers from 0 to {@code last}, each standing for what is nearest to it. */
    BetaDistribution(int last, double shape) {
        below = new double[last];
        for (int i = 0; i < last; i++) {
            below[i] = below((i + 0.5) / last, shape);
        }
    }

    /** The number below or at which this share of the distribution lies. */
    int quantile(double share) {
        int found = Arrays.binarySearch(below, share);
        return found < 0 ? -found - 1 : found;
    }

    /** How much of the distribution lies below {@code x}; its two halves mirror each other. */
    static double below(double x, double shape) {
        return x <= 0.5 ? area(x, shape) / area(0.5, shape) / 2 : 1 - below(1 - x, shape);
    }

    /** The integral of (t (1 - t))^(shape - 1) from 0 to x: the binomial series of the second factor, term by term. */
    private static double area(double x, double shape) {
        double factor = Math.pow(x, shape);
        double sum = 0;
        for (int k = 0; k < MOST_TERMS; k++) {
            double longer = sum + factor / (k + shape);
            if (longer == sum) {
                break;
            }
            sum = longer;
            factor *= x * (k + 1 - shape) / (k + 1);
        }
        return sum;
    }
}
