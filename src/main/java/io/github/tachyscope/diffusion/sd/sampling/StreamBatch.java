package io.github.tachyscope.diffusion.sd.sampling;

import io.github.tachyscope.tensor.Placement;
import io.github.tachyscope.tensor.TensorScope;
import java.util.Arrays;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * The stream batch of StreamDiffusion (Kodaira et al. 2023): frames at different noise levels advance together.
 *
 * <pre>
 *              call i           call i+1
 * frame i    [ step 0 ]  ---->  [ step 1 ]  --> ... --> leaves after the last step
 * frame i-1  [ step 1 ]  ---->  [ step 2 ]
 * </pre>
 *
 * <p>One network evaluation per call, whatever the number of steps n; the frame that enters in call i leaves in call
 * i + n - 1, so the first n - 1 results hold nothing. With a frame buffer several frames enter at once; the rows of one
 * step lie side by side.
 *
 * <p>A call is {@link #enter}, the network, {@link #advance}, and {@link #commit}, which alone changes the state.
 * {@code X}, {@code V}, {@code eps} below are the rows, their virtual noise (the noise that would explain the row if the
 * picture were the input) and the fixed noise of each step.
 */
public final class StreamBatch implements AutoCloseable {
    private final StreamSteps steps;
    private final int frames;
    private final Tensor eps;
    private final Rows rows;
    private Tensor waiting;
    private Tensor virtual;

    /** Constants per row, {@code [N, 1, 1, 1]}. */
    private record Rows(Tensor signal, Tensor noise, Tensor skip, Tensor out) {}

    /**
     * @param noise fixed noise of each step, {@code [n, C, h, w]}
     * @param frames frames that enter in one call
     */
    public StreamBatch(StreamSteps steps, Tensor noise, int frames, Placement placement) {
        if (noise.size(0) != steps.count() || frames < 1) {
            throw new IllegalArgumentException(
                    noise.size(0) + " noise tensors for " + steps.count() + " steps, " + frames + " frames");
        }
        this.steps = steps;
        this.frames = frames;
        try (TensorScope scope = TensorScope.inference()) {
            eps = TensorScope.keep(perFrame(placement.place(noise)));
            rows = new Rows(
                    constant(steps.signal(), placement),
                    constant(steps.noise(), placement),
                    constant(steps.skip(), placement),
                    constant(steps.out(), placement));
            virtual = TensorScope.keep(torch.zeros_like(eps));
            waiting = TensorScope.keep(torch.zeros_like(later(eps)));
        }
    }

    /** Takes over everything, already kept. */
    private StreamBatch(StreamSteps steps, int frames, Tensor eps, Rows rows, Tensor waiting, Tensor virtual) {
        this.steps = steps;
        this.frames = frames;
        this.eps = eps;
        this.rows = rows;
        this.waiting = waiting;
        this.virtual = virtual;
    }

    /** The same state in a batch of its own, to be closed apart; no number is copied. */
    public StreamBatch copy() {
        return new StreamBatch(
                steps,
                frames,
                TensorScope.keep(eps),
                new Rows(
                        TensorScope.keep(rows.signal),
                        TensorScope.keep(rows.noise),
                        TensorScope.keep(rows.skip),
                        TensorScope.keep(rows.out)),
                TensorScope.keep(waiting),
                TensorScope.keep(virtual));
    }

    /** A batch of its own in which the frames in flight go on at other timesteps, as many as before. */
    public StreamBatch retimed(StreamSteps other, Placement placement) {
        try (TensorScope scope = TensorScope.inference()) {
            return successor(other, TensorScope.keep(eps), TensorScope.keep(virtual), placement);
        }
    }

    /** A batch of its own in which frames that enter get other noise; those in flight keep theirs. */
    public StreamBatch reseeded(StreamSteps other, Tensor noise, Placement placement) {
        try (TensorScope scope = TensorScope.inference()) {
            Tensor fresh = TensorScope.keep(perFrame(placement.place(noise)));
            return successor(other, fresh, TensorScope.keep(torch.zeros_like(fresh)), placement);
        }
    }

    private StreamBatch successor(StreamSteps other, Tensor keptEps, Tensor keptVirtual, Placement placement) {
        if (other.count() != steps.count()) {
            throw new IllegalArgumentException(other.count() + " steps instead of " + steps.count());
        }
        Rows constants = new Rows(
                constant(other.signal(), placement),
                constant(other.noise(), placement),
                constant(other.skip(), placement),
                constant(other.out(), placement));
        return new StreamBatch(other, frames, keptEps, constants, TensorScope.keep(waiting), keptVirtual);
    }

    private Tensor constant(float[] values, Placement placement) {
        Tensor column = perFrame(Tensor.create(values, values.length, 1, 1, 1));
        return TensorScope.keep(placement.place(column));
    }

    private Tensor perFrame(Tensor perStep) {
        return perStep.repeat_interleave(frames, new LongOptional(0), new LongOptional());
    }

    /** The network's work for the latents of the frames that enter, {@code [frames, C, h, w]}. */
    public StreamRows enter(Tensor latents, StreamSettings settings) {
        Tensor noisy = latents.mul(first(rows.signal)).add(first(eps).mul(first(rows.noise)));
        return rows(noisy, settings);
    }

    /** The same for text alone: the frames begin as pure noise. */
    public StreamRows enterNoise(Tensor noise, StreamSettings settings) {
        return rows(noise, settings);
    }

    private StreamRows rows(Tensor noisy, StreamSettings settings) {
        Tensor x = cat(noisy, waiting);
        int count = (int) x.size(0);
        int negative = settings.negativeRows(count, frames);
        Tensor sample = negative == 0 ? x : cat(x.narrow(0, 0, negative), x);
        long[] timesteps = new long[negative + count];
        for (int row = 0; row < count; row++) {
            timesteps[negative + row] = steps.timesteps()[row / frames];
        }
        System.arraycopy(timesteps, negative, timesteps, 0, negative);
        return new StreamRows(sample, timesteps, negative);
    }

    /**
     * What a call computed, not yet part of the state.
     *
     * @param latents of the frames that leave, {@code [frames, C, h, w]}
     */
    public record Advance(Tensor latents, Tensor waiting, Tensor virtual) {}

    /** @param output of the network for {@code call}'s rows */
    public Advance advance(StreamRows call, Tensor output, StreamSettings settings) {
        int count = (int) eps.size(0);
        int negative = call.negative();
        Tensor x = call.sample().narrow(0, negative, count);
        Tensor v = steps.count() > 1 ? cat(first(eps), virtual.narrow(0, 0, count - frames)) : virtual;
        Tensor predicted = epsilon(x, output.narrow(0, negative, count));
        if (settings.guided()) {
            Tensor unconditional;
            if (settings.guidance() == Guidance.FULL) {
                unconditional = epsilon(x, output.narrow(0, 0, count));
            } else {
                if (settings.guidance() == Guidance.INITIALIZE) {
                    Tensor entered = first(x);
                    Tensor fresh = epsilonOfFirst(entered, output.narrow(0, 0, frames));
                    v = count > frames ? cat(fresh, later(v)) : fresh;
                }
                unconditional = v.mul(new Scalar(settings.delta()));
            }
            predicted = unconditional.add(predicted.sub(unconditional).mul(new Scalar(settings.scale())));
        }
        Tensor clean = denoised(x, predicted);
        return new Advance(
                clean.narrow(0, count - frames, frames),
                renoised(clean, settings),
                settings.residual() ? virtualAfter(v, predicted) : virtual);
    }

    private Tensor epsilon(Tensor x, Tensor output) {
        return steps.prediction().epsilon(x, output, rows.signal, rows.noise);
    }

    private Tensor epsilonOfFirst(Tensor x, Tensor output) {
        return steps.prediction().epsilon(x, output, first(rows.signal), first(rows.noise));
    }

    private Tensor denoised(Tensor x, Tensor predicted) {
        return x.sub(rows.noise.mul(predicted)).div(rows.signal).mul(rows.out).add(x.mul(rows.skip));
    }

    private Tensor renoised(Tensor clean, StreamSettings settings) {
        Tensor kept = clean.narrow(0, 0, clean.size(0) - frames).mul(later(rows.signal));
        return settings.addNoise() ? kept.add(later(rows.noise).mul(later(eps))) : kept;
    }

    /** The virtual noise goes through the same step, so that it stays comparable to its row. */
    private Tensor virtualAfter(Tensor v, Tensor predicted) {
        Tensor q = denoised(rows.noise.mul(v), predicted);
        long count = q.size(0);
        if (count == frames) {
            return eps.add(q);
        }
        Tensor scaled = q.narrow(0, 0, count - frames).mul(later(rows.signal)).div(later(rows.noise));
        return cat(later(eps).add(scaled), first(eps).add(q.narrow(0, count - frames, frames)));
    }

    /** Makes a call's result the state. */
    public void commit(Advance advance) {
        Tensor oldWaiting = waiting;
        Tensor oldVirtual = virtual;
        waiting = TensorScope.keep(advance.waiting());
        virtual = TensorScope.keep(advance.virtual());
        TensorScope.release(oldWaiting);
        TensorScope.release(oldVirtual);
    }

    private Tensor first(Tensor perRow) {
        return perRow.narrow(0, 0, frames);
    }

    private Tensor later(Tensor perRow) {
        return perRow.narrow(0, frames, perRow.size(0) - frames);
    }

    private static Tensor cat(Tensor first, Tensor second) {
        return torch.cat(new TensorVector(first, second), 0);
    }

    @Override
    public void close() {
        for (Tensor state : Arrays.asList(eps, rows.signal, rows.noise, rows.skip, rows.out, waiting, virtual)) {
            TensorScope.release(state);
        }
    }
}
