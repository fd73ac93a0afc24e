package io.github.tachyscope.diffusion.tiny;

import java.util.stream.IntStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * Straight-line noising ({@code x = (1 - sigma) z + sigma n}, Liu et al. 2022) and which sigmas a frame goes through.
 *
 * <p>The strength that people set is bent before it becomes a sigma: these small latents have little redundancy, so the
 * same sigma destroys more structure than in the large models.
 */
public final class NoiseSchedule {
    private static final double BEND = 0.25;

    /** From noise alone to a picture, without a camera. */
    private static final double[] FROM_NOISE = {1, 0.8, 0.62, 0.45, 0.3, 0.18, 0.09};

    private NoiseSchedule() {}

    /** The sigma of a strength in [0, 1]. */
    public static double sigma(double strength) {
        return BEND * strength / (1 + (BEND - 1) * strength);
    }

    /** The sigmas of a camera frame, falling, for a strength in [0, 1] and 1 or more steps. */
    public static double[] video(double strength, int steps) {
        return IntStream.range(0, steps)
                .mapToDouble(i -> sigma(strength * (1 - (double) i / steps)))
                .toArray();
    }

    /** The sigmas of a picture from noise, falling from 1, for 1 to 7 steps. */
    public static double[] text(int steps) {
        if (steps < 1 || steps > FROM_NOISE.length) {
            throw new IllegalArgumentException(steps + " steps; allowed are 1 to " + FROM_NOISE.length);
        }
        if (steps == FROM_NOISE.length) {
            return FROM_NOISE.clone();
        }
        return IntStream.range(0, steps)
                .mapToDouble(i -> FROM_NOISE[i * FROM_NOISE.length / steps])
                .toArray();
    }

    /** Most steps of {@link #text}. */
    public static int textSteps() {
        return FROM_NOISE.length;
    }

    /** The latent at {@code sigma} between {@code clean} and {@code noise}. */
    public static Tensor noised(Tensor clean, Tensor noise, double sigma) {
        return clean.mul(new Scalar(1 - sigma)).add(noise.mul(new Scalar(sigma)));
    }

    /** What the denoiser is told instead of {@code sigma}: the range of a timestep. */
    public static float timestep(double sigma) {
        return (float) (1000 * sigma);
    }
}
