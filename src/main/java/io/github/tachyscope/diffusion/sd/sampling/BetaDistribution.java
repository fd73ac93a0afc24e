package io.github.tachyscope.diffusion.sd.sampling;

/** The symmetric beta distribution with a shape below 1, which is densest at both ends of 0 to 1. */
final class BetaDistribution {
    /** The series ends where nothing is added any more; at 1/2 that is after some 50 terms. */
    private static final int MOST_TERMS = 200;

    /** Halvings until an interval of 1 is as small as doubles tell apart. */
    private static final int HALVINGS = 60;

    private BetaDistribution() {}

    /** Where {@code share} of the distribution lies below. */
    static double quantile(double share, double shape) {
        if (share <= 0 || share >= 1) {
            return share <= 0 ? 0 : 1;
        }
        double low = 0;
        double high = 1;
        for (int i = 0; i < HALVINGS; i++) {
            double middle = (low + high) / 2;
            if (below(middle, shape) < share) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return (low + high) / 2;
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
