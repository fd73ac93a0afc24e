package io.github.tachyscope.diffusion.sd.sampling;

import java.util.Arrays;

/**
 * The noise levels that a model was trained at, as noise per signal: {@code sigma = noise / signal}, rising with the
 * timestep (Karras et al. 2022). Between two of them timesteps and the logarithms of sigmas lie on a line.
 */
public final class SigmaTable {
    /**
     * What is left of the signal where a schedule is rescaled to end with none: noise per signal would be infinite. The
     * smallest power of two that tells a 32-bit 1 from what is below it.
     */
    private static final double LEAST_SIGNAL = 0x1p-24;

    private final double[] timesteps;
    private final double[] logarithms;

    private SigmaTable(double[] timesteps, double[] logarithms) {
        this.timesteps = timesteps;
        this.logarithms = logarithms;
    }

    /**
     * @param zeroTerminal whether the schedule is rescaled so that the last timestep holds no signal (Lin et al. 2023)
     */
    public static SigmaTable of(NoiseTable table, boolean zeroTerminal) {
        int count = table.timesteps();
        double[] signals = new double[count];
        for (int t = 0; t < count; t++) {
            signals[t] = Math.sqrt(table.alphaCumulated(t));
        }
        if (zeroTerminal && count > 1) {
            double first = signals[0];
            double last = signals[count - 1];
            for (int t = 0; t < count; t++) {
                signals[t] = (signals[t] - last) * first / (first - last);
            }
        }
        double[] timesteps = new double[count];
        double[] logarithms = new double[count];
        for (int t = 0; t < count; t++) {
            double kept = Math.max(signals[t] * signals[t], LEAST_SIGNAL);
            timesteps[t] = t;
            logarithms[t] = Math.log((1 - kept) / kept) / 2;
        }
        return new SigmaTable(timesteps, logarithms);
    }

    /** The levels that a latent consistency model was distilled at: every so many timesteps, the last one among them. */
    public SigmaTable thinned(int levels) {
        int spacing = timesteps.length / levels;
        double[] fewer = new double[levels];
        double[] theirs = new double[levels];
        for (int i = 0; i < levels; i++) {
            int from = timesteps.length - 1 - (levels - 1 - i) * spacing;
            fewer[i] = timesteps[from];
            theirs[i] = logarithms[from];
        }
        return new SigmaTable(fewer, theirs);
    }

    /** Number of levels. */
    public int size() {
        return timesteps.length;
    }

    double sigma(int index) {
        return Math.exp(logarithms[index]);
    }

    double least() {
        return sigma(0);
    }

    double most() {
        return sigma(size() - 1);
    }

    double firstTimestep() {
        return timesteps[0];
    }

    double lastTimestep() {
        return timesteps[size() - 1];
    }

    double sigmaAt(double timestep) {
        return Math.exp(between(timestep, timesteps, logarithms));
    }

    /** The timestep at which the model is asked; the ends of the table for levels beyond them. */
    public double timestep(double sigma) {
        return between(Math.log(sigma), logarithms, timesteps);
    }

    private static double between(double at, double[] from, double[] to) {
        int found = Arrays.binarySearch(from, at);
        if (found >= 0) {
            return to[found];
        }
        int above = -found - 1;
        if (above == 0 || above == from.length) {
            return to[Math.min(above, from.length - 1)];
        }
        double share = (at - from[above - 1]) / (from[above] - from[above - 1]);
        return to[above - 1] + share * (to[above] - to[above - 1]);
    }
}
