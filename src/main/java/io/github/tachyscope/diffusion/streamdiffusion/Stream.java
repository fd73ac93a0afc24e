package io.github.tachyscope.diffusion.streamdiffusion;

import io.github.tachyscope.diffusion.sd.model.SdModel;
import io.github.tachyscope.diffusion.sd.sampling.StreamBatch;
import org.bytedeco.pytorch.Tensor;

/**
 * A stream batch as it stands between two calls: never changed, always replaced, so that a dropped frame can be taken
 * back. Owns its tensors.
 *
 * @param filled rows that hold a frame, from the first; the output counts when all do
 * @param calls made so far, which numbers the pictures of text mode
 */
record Stream(Plan plan, StreamBatch batch, int filled, long calls) implements AutoCloseable {

    /** Empty, with the constants of a plan. */
    static Stream fresh(SdModel model, Plan plan, int frames, long calls, long... latent) {
        Tensor noise = model.noise().ofSteps(plan.seeds(), plan.count(), latent);
        return new Stream(
                plan, new StreamBatch(plan.steps(model.schedule()), noise, frames, model.placement()), 0, calls);
    }

    /** For another plan: frames in flight go on if the number of steps is the same, else the stream starts empty. */
    Stream adapted(SdModel model, Plan other, int frames, long... latent) {
        if (other.count() != plan.count()) {
            return fresh(model, other, frames, calls, latent);
        }
        StreamBatch successor = other.seeds().equals(plan.seeds())
                ? batch.retimed(other.steps(model.schedule()), model.placement())
                : batch.reseeded(
                        other.steps(model.schedule()),
                        model.noise().ofSteps(other.seeds(), other.count(), latent),
                        model.placement());
        return new Stream(other, successor, filled, calls);
    }

    /** After a call. */
    Stream after(StreamBatch.Advance advance) {
        StreamBatch next = batch.copy();
        next.commit(advance);
        return new Stream(plan, next, Math.min(filled + 1, plan.count()), calls + 1);
    }

    boolean full() {
        return filled == plan.count();
    }

    @Override
    public void close() {
        batch.close();
    }
}
