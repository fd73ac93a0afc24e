package io.github.tachyscope.diffusion.sd.sampling;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * Few-step sampling with a latent consistency model (Luo et al. 2023): a timestep jumps straight to the clean latent,
 * the next one begins from it with fresh noise.
 */
public final class ConsistencySchedule {
    /** Spread of the data, a constant of the method. */
    private static final double SIGMA_DATA = 0.5;

    /** Published models all use this. */
    public static final double TIMESTEP_SCALING = 10;

    private final NoiseTable table;
    private final int[] timesteps;
    private final double timestepScaling;

    private ConsistencySchedule(NoiseTable table, int[] timesteps, double timestepScaling) {
        this.table = table;
        this.timesteps = timesteps;
        this.timestepScaling = timestepScaling;
    }

    /**
     * @param steps number of timesteps
     * @param originalSteps length of the grid that distillation used, 50 for the published models
     * @param strength 0 to 1; below 1 the noisiest part of the grid is left out
     * @throws IllegalArgumentException if the grid has fewer than {@code steps} timesteps
     */
    public static ConsistencySchedule of(NoiseTable table, int steps, int originalSteps, double strength) {
        return of(table, steps, originalSteps, strength, TIMESTEP_SCALING);
    }

    static ConsistencySchedule of(
            NoiseTable table, int steps, int originalSteps, double strength, double timestepScaling) {
        int spacing = table.timesteps() / originalSteps;
        int length = (int) (originalSteps * strength);
        if (steps < 1 || steps > length) {
            throw new IllegalArgumentException(steps + " steps; at this strength allowed are 1 to " + length);
        }
        double stride = (double) length / steps;
        int[] timesteps = new int[steps];
        for (int i = 0; i < steps; i++) {
            int fromTheTop = (int) Math.floor(i * stride);
            timesteps[i] = spacing * (length - fromTheTop) - 1;
        }
        return new ConsistencySchedule(table, timesteps, timestepScaling);
    }

    /** Training timesteps, falling. */
    public int[] timesteps() {
        return timesteps.clone();
    }

    public NoiseTable table() {
        return table;
    }

    /** Share of the noisy latent in the result at training timestep {@code t}. */
    public double skip(int t) {
        double scaled = t * timestepScaling;
        return SIGMA_DATA * SIGMA_DATA / (scaled * scaled + SIGMA_DATA * SIGMA_DATA);
    }

    /** Share of the clean prediction in the result at training timestep {@code t}. */
    public double out(int t) {
        double scaled = t * timestepScaling;
        return scaled / Math.sqrt(scaled * scaled + SIGMA_DATA * SIGMA_DATA);
    }

    /** The clean latent for the {@code step}-th timestep. */
    public Tensor denoised(Tensor x, Tensor output, int step) {
        int t = timesteps[step];
        Tensor clean = table.prediction().clean(x, output, table.signal(t), table.noise(t));
        return clean.mul(new Scalar(out(t))).add(x.mul(new Scalar(skip(t))));
    }

    /** The latent that step {@code step + 1} begins with. */
    public Tensor renoised(Tensor denoised, Tensor epsilon, int step) {
        return table.addNoise(denoised, epsilon, timesteps[step + 1]);
    }
}
