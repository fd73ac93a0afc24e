package io.github.tachyscope.diffusion.sd.sampling;

import java.util.Arrays;
import java.util.Optional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * The last steps of an {@link EulerSchedule} for one frame (or several side by side), which begins as noise or as a clean
 * latent with noise of the first step's strength. Holds no tensors.
 */
public final class EulerSteps {
    private final EulerSchedule schedule;
    private final int first;
    private final int count;
    private final boolean ancestral;

    private EulerSteps(EulerSchedule schedule, int first, int count, boolean ancestral) {
        this.schedule = schedule;
        this.first = first;
        this.count = count;
        this.ancestral = ancestral;
    }

    /**
     * @param count steps that are taken
     * @param strength above 0 to 1, how far up in the noise they begin; 1 begins with nothing but noise
     * @param ancestral whether fresh noise is added between the steps
     */
    public static EulerSteps of(NoiseTable table, int count, double strength, boolean ancestral) {
        int total = (int) Math.max(count, Math.min(table.timesteps(), Math.round(count / strength)));
        EulerSchedule schedule = EulerSchedule.of(table, total, EulerSchedule.Spacing.TRAILING, 0);
        return new EulerSteps(schedule, total - count, count, ancestral);
    }

    /** Latents to begin with nothing but noise. */
    public Tensor start(Tensor epsilon) {
        return epsilon.mul(new Scalar(schedule.sigmas()[first]));
    }

    /** Latents to begin with a clean picture. */
    public Tensor enter(Tensor clean, Tensor epsilon) {
        return clean.add(epsilon, new Scalar(schedule.sigmas()[first]));
    }

    /** Rows with the negative prompt; only full guidance has any. */
    public static int negativeRows(int frames, StreamSettings settings) {
        return settings.guided() && settings.guidance() == Guidance.FULL ? frames : 0;
    }

    /** The network's work for a step of the latents {@code x [frames, C, h, w]}. */
    public StreamRows rows(Tensor x, int step, StreamSettings settings) {
        Tensor input = schedule.modelInput(x, first + step);
        int frames = (int) x.size(0);
        int negative = negativeRows(frames, settings);
        long[] timesteps = new long[frames + negative];
        Arrays.fill(timesteps, (long) schedule.timesteps()[first + step]);
        return new StreamRows(
                negative == 0 ? input : torch.cat(new TensorVector(input, input), 0), timesteps, negative);
    }

    /**
     * The latents after a step, clean after the last.
     *
     * @param output of the network for {@code call}'s rows
     * @param epsilon what an ancestral step adds; empty after the last one
     */
    public Tensor advance(
            Tensor x, StreamRows call, Tensor output, int step, Optional<Tensor> epsilon, StreamSettings settings) {
        int frames = (int) x.size(0);
        Tensor predicted = output.narrow(0, call.negative(), frames);
        if (call.negative() > 0) {
            Tensor against = output.narrow(0, 0, frames);
            predicted = against.add(predicted.sub(against).mul(new Scalar(settings.scale())));
        }
        Tensor clean = schedule.denoised(x, predicted, first + step);
        if (step + 1 == count) {
            return clean;
        }
        return ancestral && settings.addNoise()
                ? schedule.nextAncestral(x, clean, epsilon.orElseThrow(), first + step)
                : schedule.next(x, clean, first + step);
    }
}
