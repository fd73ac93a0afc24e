package io.github.tachyscope.diffusion.passthrough;

import io.github.tachyscope.diffusion.BatchKey;
import io.github.tachyscope.diffusion.ChunkGeometry;
import io.github.tachyscope.diffusion.ChunkProgress;
import io.github.tachyscope.diffusion.Generation;
import io.github.tachyscope.diffusion.Lane;
import io.github.tachyscope.diffusion.NextStep;
import io.github.tachyscope.diffusion.Parameters;
import io.github.tachyscope.diffusion.StepKind;
import io.github.tachyscope.diffusion.StepResult;
import io.github.tachyscope.frame.FramePool;
import io.github.tachyscope.frame.PictureScaler;
import io.github.tachyscope.frame.PictureSize;
import io.github.tachyscope.frame.VideoFrame;
import java.util.List;
import java.util.Optional;

/** One step per frame, which gives the very same frame, or the frame at the size that the run asked for. */
final class PassthroughGeneration implements Generation {
    /** Stretched pictures of a run: one on its way to the encoder, one before it. */
    private static final int POOLED_FRAMES = 2;

    private final ChunkProgress progress = new ChunkProgress(ChunkGeometry.FRAME_WISE);
    private final FramePool stretched = new FramePool(POOLED_FRAMES);
    private final Optional<PictureSize> size;
    private final BatchKey key;

    PassthroughGeneration(Optional<PictureSize> size) {
        this.size = size;
        this.key = new BatchKey(
                "passthrough", StepKind.DECODE, size.map(PictureSize::toString).orElse(""));
    }

    private record Same(List<VideoFrame> frames) implements StepResult {
        @Override
        public void discard() {
            frames.forEach(VideoFrame::release);
        }
    }

    StepResult result() {
        return new Same(progress.input().stream().map(this::fitted).toList());
    }

    private VideoFrame fitted(VideoFrame frame) {
        return size.map(wanted -> PictureScaler.scale(frame, wanted.width(), wanted.height(), stretched))
                .orElseGet(frame::retain);
    }

    @Override
    public NextStep next(Lane lane) {
        if (!progress.begun()) {
            return progress.idle();
        }
        return lane == key.kind().lane()
                ? new NextStep.StepPlan(key, progress.chunkIndex(), 0, 0, 1)
                : NextStep.Waits.INSTANCE;
    }

    @Override
    public void feed(List<VideoFrame> frames) {
        progress.feed(frames);
        progress.begin();
    }

    @Override
    public void demand() {
        progress.demand();
        progress.begin();
    }

    @Override
    public void patch(Parameters patch) {}

    @Override
    public void commit(StepResult result) {
        progress.chunkDone();
        progress.begin();
    }

    @Override
    public void dropChunk() {
        progress.drop();
    }

    @Override
    public void close() {
        progress.drop();
    }
}
