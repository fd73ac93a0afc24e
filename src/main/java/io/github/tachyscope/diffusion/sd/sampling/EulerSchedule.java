package io.github.tachyscope.diffusion.sd.sampling;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * Euler steps along the probability flow (Karras et al. 2022), plain (SDXL-Lightning) or ancestral (Turbo models).
 *
 * <p>Latents are scaled as {@code x = clean + sigma epsilon}.
 */
public final class EulerSchedule {
    /** How the timesteps lie on the training grid. */
    public enum Spacing {
        /** Ends on the last training timestep: for models distilled to few steps. */
        TRAILING,
        /** Begins at the configuration's {@code steps_offset}. */
        LEADING
    }

    private final NoiseTable table;
    private final float[] timesteps;
    private final float[] sigmas;
    private final Spacing spacing;

    private EulerSchedule(NoiseTable table, float[] timesteps, float[] sigmas, Spacing spacing) {
        this.table = table;
        this.timesteps = timesteps;
        this.sigmas = sigmas;
        this.spacing = spacing;
    }

    /** @param stepsOffset added to every timestep when {@code LEADING} */
    public static EulerSchedule of(NoiseTable table, int steps, Spacing spacing, int stepsOffset) {
        int training = table.timesteps();
        if (steps < 1 || steps > training) {
            throw new IllegalArgumentException(steps + " steps; allowed are 1 to " + training);
        }
        float[] timesteps = new float[steps];
        float[] sigmas = new float[steps + 1];
        for (int i = 0; i < steps; i++) {
            timesteps[i] = switch (spacing) {
                case TRAILING -> (float) (Math.rint(training - i * ((double) training / steps)) - 1);
                case LEADING -> (float) ((steps - 1 - i) * (training / steps) + stepsOffset);
            };
            sigmas[i] = table.sigma(timesteps[i]);
        }
        return new EulerSchedule(table, timesteps, sigmas, spacing);
    }

    /** Training timesteps, falling. */
    public float[] timesteps() {
        return timesteps.clone();
    }

    /** Noise levels, one more than there are timesteps; the last is 0. */
    public float[] sigmas() {
        return sigmas.clone();
    }

    /** Standard deviation of the noise that sampling from nothing begins with. */
    public float initialSigma() {
        double most = sigmas[0];
        return (float) (spacing == Spacing.TRAILING ? most : Math.sqrt(most * most + 1));
    }

    /** What the network sees of {@code x} at step {@code step}. */
    public Tensor modelInput(Tensor x, int step) {
        double sigma = sigmas[step];
        return x.div(new Scalar(Math.sqrt(sigma * sigma + 1)));
    }

    /** The clean latent that {@code output} implies. */
    public Tensor denoised(Tensor x, Tensor output, int step) {
        double sigma = sigmas[step];
        return switch (table.prediction()) {
            case EPSILON -> x.sub(output.mul(new Scalar(sigma)));
            case V ->
                output.mul(new Scalar(-sigma / Math.sqrt(sigma * sigma + 1))).add(x.div(new Scalar(sigma * sigma + 1)));
            case SAMPLE -> output;
        };
    }

    /** The latent after step {@code step}. */
    public Tensor next(Tensor x, Tensor denoised, int step) {
        return towards(x, denoised, sigmas[step], sigmas[step + 1]);
    }

    /** The latent after an ancestral step: down a little further, and fresh noise for the difference. */
    public Tensor nextAncestral(Tensor x, Tensor denoised, Tensor epsilon, int step) {
        double sigma = sigmas[step];
        double after = sigmas[step + 1];
        double up = Math.sqrt(after * after * (sigma * sigma - after * after) / (sigma * sigma));
        double down = Math.sqrt(after * after - up * up);
        return towards(x, denoised, sigma, down).add(epsilon.mul(new Scalar(up)));
    }

    private static Tensor towards(Tensor x, Tensor denoised, double sigma, double after) {
        Tensor slope = x.sub(denoised).div(new Scalar(sigma));
        return x.add(slope.mul(new Scalar(after - sigma)));
    }
}
