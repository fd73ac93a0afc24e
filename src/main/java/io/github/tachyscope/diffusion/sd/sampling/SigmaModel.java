package io.github.tachyscope.diffusion.sd.sampling;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * A denoiser as samplers see it, whatever its output means: latents are {@code x = clean + sigma epsilon}, and the answer
 * is the clean latent.
 *
 * @param consistent whether it was distilled to jump to the clean latent in few steps (Luo et al. 2023)
 */
public record SigmaModel(SigmaTable table, Prediction prediction, boolean consistent) {
    /** Levels that latent consistency models are distilled at. */
    private static final int CONSISTENT_LEVELS = 50;

    /** Spread of the data, a constant of that method. */
    private static final double SIGMA_DATA = 0.5;

    public static SigmaModel of(NoiseTable table, Prediction prediction, boolean consistent, boolean zeroTerminal) {
        SigmaTable sigmas = SigmaTable.of(table, zeroTerminal);
        boolean thin = consistent && sigmas.size() >= CONSISTENT_LEVELS;
        return new SigmaModel(thin ? sigmas.thinned(CONSISTENT_LEVELS) : sigmas, prediction, consistent);
    }

    /** What the network sees of {@code x}. */
    public Tensor input(Tensor x, double sigma) {
        return x.mul(new Scalar(1 / Math.sqrt(sigma * sigma + 1)));
    }

    /** The clean latent that the network's output implies. */
    public Tensor clean(Tensor x, Tensor output, double sigma) {
        double length = Math.sqrt(sigma * sigma + 1);
        Tensor clean = switch (prediction) {
            case EPSILON -> x.sub(output.mul(new Scalar(sigma)));
            case V -> x.div(new Scalar(length * length)).sub(output.mul(new Scalar(sigma / length)));
            case SAMPLE -> output;
        };
        if (!consistent) {
            return clean;
        }
        double scaled = table.timestep(sigma) * ConsistencySchedule.TIMESTEP_SCALING;
        double skip = SIGMA_DATA * SIGMA_DATA / (scaled * scaled + SIGMA_DATA * SIGMA_DATA);
        double out = scaled / Math.sqrt(scaled * scaled + SIGMA_DATA * SIGMA_DATA);
        return clean.mul(new Scalar(out)).add(input(x, sigma).mul(new Scalar(skip)));
    }
}
