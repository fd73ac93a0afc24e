package io.github.tachyscope.diffusion.stablediffusion;

import io.github.tachyscope.diffusion.ChunkLine;
import io.github.tachyscope.diffusion.sd.sampling.SigmaSampler;
import io.github.tachyscope.frame.VideoFrame;
import io.github.tachyscope.tensor.Held;
import io.github.tachyscope.tensor.TensorScope;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * One picture on its way.
 *
 * <pre>
 *   (given --encoded-->) started --denoised x n--> painted --decoded--> gone
 * </pre>
 */
final class PictureChunk implements ChunkLine.Chunk {
    /** A picture of fewer steps is there about as soon as a look at it. */
    private static final int FEWEST_STEPS = 3;

    private final long index;
    private final long ptsMicros;
    private final boolean given;
    private Optional<VideoFrame> input;
    private final Held latents = new Held();
    private final Held estimate = new Held();
    private @Nullable PicturePlan plan;
    private SigmaSampler.@Nullable State state;
    private int lookedAt;

    PictureChunk(long index, List<VideoFrame> input, List<Long> ptsMicros) {
        this.index = index;
        this.input = input.stream().findFirst();
        this.given = this.input.isPresent();
        this.ptsMicros = ptsMicros.get(0);
    }

    @Override
    public long index() {
        return index;
    }

    long ptsMicros() {
        return ptsMicros;
    }

    /** The picture while it waits to be encoded. */
    Optional<VideoFrame> input() {
        return input;
    }

    void encoded(Tensor kept) {
        latents.put(kept);
        releaseInput();
    }

    private void releaseInput() {
        input.ifPresent(VideoFrame::release);
        input = Optional.empty();
    }

    /** How it is made, once that is fixed. */
    Optional<PicturePlan> plan() {
        return Optional.ofNullable(plan);
    }

    void begin(PicturePlan fixed) {
        plan = fixed;
    }

    /** Calls of the denoiser that were made for it. */
    int calls() {
        return state == null ? 0 : state.call();
    }

    Optional<SigmaSampler.State> state() {
        return Optional.ofNullable(state);
    }

    /** Of the picture that was given. */
    Optional<Tensor> latents() {
        return latents.get();
    }

    /** What there is to decode: the end of its path, or where it began if that is none. */
    Optional<Tensor> result() {
        return state().map(SigmaSampler.State::x).or(latents::get);
    }

    void denoised(Computed.Denoised computed) {
        releaseState();
        state = computed.state();
        estimate.put(computed.estimate());
    }

    /** Whether there is an estimate that nobody saw, and none better in a moment. */
    boolean worthALook() {
        int all = plan().map(PicturePlan::calls).orElse(0);
        return all >= FEWEST_STEPS && calls() < all && calls() > lookedAt;
    }

    /** The newest estimate of its clean latents; {@link #worthALook} says whether there is one. */
    Tensor look() {
        lookedAt = calls();
        return estimate.present();
    }

    /** Position of its next step among all of the picture. */
    int stepIndex() {
        return calls() + (given && input.isEmpty() ? 1 : 0);
    }

    private void releaseState() {
        state().ifPresent(old -> old.tensors().forEach(TensorScope::release));
        state = null;
    }

    @Override
    public void close() {
        releaseInput();
        releaseState();
        latents.close();
        estimate.close();
    }
}
