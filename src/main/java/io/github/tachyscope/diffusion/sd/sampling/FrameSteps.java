package io.github.tachyscope.diffusion.sd.sampling;

import java.util.Arrays;
import java.util.Optional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * The steps of a {@link StreamBatch} one after the other for one frame (or several side by side): no delay, one network
 * evaluation per step. With the same noise a frame comes out as from the stream batch.
 *
 * <p>Holds no tensors; what a step needs of the one before is its {@link Advance}.
 */
public final class FrameSteps {
    private final StreamSteps steps;

    public FrameSteps(StreamSteps steps) {
        this.steps = steps;
    }

    /**
     * What a step computed.
     *
     * @param latents that the next step begins with, or the clean ones after the last
     * @param virtual noise for the next step, where the guidance keeps one
     */
    public record Advance(Tensor latents, Optional<Tensor> virtual) {}

    /** The latents that the first step begins with. */
    public Tensor enter(Tensor clean, Tensor epsilon) {
        return steps.renoised(clean, epsilon, 0);
    }

    /** The network's work for a step of the latents {@code x [frames, C, h, w]}. */
    public StreamRows rows(Tensor x, int step, StreamSettings settings) {
        int frames = (int) x.size(0);
        int negative = negativeRows(frames, step, settings);
        long[] timesteps = new long[frames + negative];
        Arrays.fill(timesteps, steps.timesteps()[step]);
        return new StreamRows(negative == 0 ? x : torch.cat(new TensorVector(x, x), 0), timesteps, negative);
    }

    /** Rows with the negative prompt; a one-time negative is evaluated when a frame enters. */
    public static int negativeRows(int frames, int step, StreamSettings settings) {
        boolean once = settings.guidance() == Guidance.INITIALIZE && step > 0;
        return once ? 0 : settings.negativeRows(frames, frames);
    }

    /**
     * @param output of the network for {@code call}'s rows
     * @param virtual of the step before; for the first one, the noise that the frame entered with
     * @param next noise that the following step begins with; empty after the last one
     */
    public Advance advance(
            StreamRows call, Tensor output, int step, Tensor virtual, Optional<Tensor> next, StreamSettings settings) {
        int frames = call.timesteps().length - call.negative();
        Tensor x = call.sample().narrow(0, call.negative(), frames);
        Tensor predicted = epsilon(x, output.narrow(0, call.negative(), frames), step);
        Tensor v = virtual;
        if (settings.guided()) {
            Optional<Tensor> negative = call.negative() == 0
                    ? Optional.empty()
                    : Optional.of(epsilon(x, output.narrow(0, 0, frames), step));
            if (settings.guidance() == Guidance.INITIALIZE) {
                v = negative.orElse(v);
            }
            Tensor unconditional =
                    settings.guidance() == Guidance.FULL ? negative.orElseThrow() : v.mul(new Scalar(settings.delta()));
            predicted = unconditional.add(predicted.sub(unconditional).mul(new Scalar(settings.scale())));
        }
        Tensor clean = denoised(x, predicted, step);
        if (next.isEmpty()) {
            return new Advance(clean, Optional.empty());
        }
        Tensor kept = clean.mul(new Scalar(steps.signal()[step + 1]));
        Tensor latents = settings.addNoise() ? kept.add(next.get(), new Scalar(steps.noise()[step + 1])) : kept;
        return new Advance(
                latents,
                settings.residual() ? Optional.of(virtualAfter(v, predicted, next.get(), step)) : Optional.empty());
    }

    private Tensor epsilon(Tensor x, Tensor output, int step) {
        return steps.prediction().epsilon(x, output, steps.signal()[step], steps.noise()[step]);
    }

    private Tensor denoised(Tensor x, Tensor predicted, int step) {
        return x.sub(predicted, new Scalar(steps.noise()[step]))
                .div(new Scalar(steps.signal()[step]))
                .mul(new Scalar(steps.out()[step]))
                .add(x, new Scalar(steps.skip()[step]));
    }

    private Tensor virtualAfter(Tensor v, Tensor predicted, Tensor next, int step) {
        Tensor q = denoised(v.mul(new Scalar(steps.noise()[step])), predicted, step);
        return next.add(q, new Scalar(steps.signal()[step + 1] / steps.noise()[step + 1]));
    }
}
