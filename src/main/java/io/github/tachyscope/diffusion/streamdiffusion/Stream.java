package io.github.tachyscope.diffusion.streamdiffusion;

import io.github.tachyscope.diffusion.sd.model.SdModel;
import io.github.tachyscope.diffusion.sd.sampling.StreamBatch;
import io.github.tachyscope.frame.PictureSize;
import org.bytedeco.pytorch.Tensor;

/**
 * A stream batch as it stands between two calls: never changed, always replaced, so that a dropped frame can be taken
 * back. Owns its tensors.
 *
 * @param size of the pictures in it
 * @param filled rows that hold a frame, from the first; the output counts when all do
 * @param calls made so far, which numbers the pictures of text mode
 */
record Stream(Plan plan, PictureSize size, StreamBatch batch, int filled, long calls) implements AutoCloseable {

    /** Empty, with the constants of a plan. */
    static Stream fresh(SdModel model, Plan plan, PictureSize size, int frames, long calls) {
        Tensor noise = model.noise().ofSteps(plan.seeds(), plan.count(), model.latent(size));
        return new Stream(
                plan, size, new StreamBatch(plan.steps(model.schedule()), noise, frames, model.placement()), 0, calls);
    }

    /**
     * For another plan or size: frames in flight go on if number of steps and size are the same, else the stream starts
     * empty.
     */
    Stream adapted(SdModel model, Plan other, PictureSize otherSize, int frames) {
        if (other.count() != plan.count() || !otherSize.equals(size)) {
            return fresh(model, other, otherSize, frames, calls);
        }
        StreamBatch successor = other.seeds().equals(plan.seeds())
                ? batch.retimed(other.steps(model.schedule()), model.placement())
                : batch.reseeded(
                        other.steps(model.schedule()),
                        model.noise().ofSteps(other.seeds(), other.count(), model.latent(size)),
                        model.placement());
        return new Stream(other, size, successor, filled, calls);
    }

    /** After a call. */
    Stream after(StreamBatch.Advance advance) {
        StreamBatch next = batch.copy();
        next.commit(advance);
        return new Stream(plan, size, next, Math.min(filled + 1, plan.count()), calls + 1);
    }

    /** Whether chunks of that plan and size go on in it as it is. */
    boolean fits(Plan wanted, PictureSize wantedSize) {
        return plan.equals(wanted) && size.equals(wantedSize);
    }

    boolean full() {
        return filled == plan.count();
    }

    @Override
    public void close() {
        batch.close();
    }
}
