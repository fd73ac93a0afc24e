package io.github.tachyscope.diffusion.sd.sampling;

import java.util.Arrays;

/**
 * The noise levels that a sampling run goes through.
 *
 * @param sigmas falling, the last is where it ends; empty if there is nothing to do
 * @param fromTop whether it begins with nothing but noise
 */
public record SigmaPath(double[] sigmas, boolean fromTop) {
    /** Of a schedule of which only the end is used; protects memory and time against a denoising strength next to 0. */
    private static final int MOST_LEVELS = 100_000;

    /** From here on a strength is all of it. */
    private static final double WHOLE = 0.9999;

    /** Levels this close are the same. */
    private static final double CLOSE = 1e-5;

    /**
     * Which part of a schedule is gone through.
     *
     * @param steps of the part that {@code denoise} leaves
     * @param denoise 0 to 1, how far up in the noise it begins: below 1, a longer schedule's last {@code steps}
     * @param from first step
     * @param to step after the last; may lie beyond the end
     * @param leftover whether the noise of a step that comes after {@code to} stays
     */
    public record Part(int steps, double denoise, int from, int to, boolean leftover) {}

    public static SigmaPath of(SigmaTable table, SigmaSpacing spacing, Part part) {
        if (part.denoise() <= 0) {
            return new SigmaPath(new double[0], false);
        }
        double[] sigmas = spacing.sigmas(table, part.steps());
        if (part.denoise() < WHOLE) {
            double[] longer = spacing.sigmas(table, (int) Math.min(MOST_LEVELS, part.steps() / part.denoise()));
            sigmas = Arrays.copyOfRange(longer, Math.max(0, longer.length - part.steps() - 1), longer.length);
        }
        if (part.to() < sigmas.length - 1) {
            sigmas = Arrays.copyOf(sigmas, part.to() + 1);
            if (!part.leftover()) {
                sigmas[part.to()] = 0;
            }
        }
        if (part.from() >= sigmas.length - 1) {
            return new SigmaPath(new double[0], false);
        }
        sigmas = Arrays.copyOfRange(sigmas, part.from(), sigmas.length);
        return new SigmaPath(sigmas, sigmas[0] > table.most() * (1 - CLOSE));
    }

    /** Steps from level to level. */
    public int steps() {
        return Math.max(0, sigmas.length - 1);
    }

    /** What a unit of noise is multiplied with where the path begins. */
    public double entry() {
        // At the top nothing of the picture is seen, but its own spread of about 1 is expected.
        return fromTop ? Math.sqrt(1 + sigmas[0] * sigmas[0]) : sigmas[0];
    }
}
