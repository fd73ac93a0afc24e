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
import io.github.tachyscope.frame.VideoFrame;
import java.util.List;

/** One step per frame, which gives the very same frame. */
final class PassthroughGeneration implements Generation {
    private static final BatchKey KEY = new BatchKey("passthrough", StepKind.DECODE, "");

    private final ChunkProgress progress = new ChunkProgress(ChunkGeometry.FRAME_WISE);

    private record Same(List<VideoFrame> frames) implements StepResult {
        @Override
        public void discard() {
            frames.forEach(VideoFrame::release);
        }
    }

    StepResult result() {
        return new Same(progress.input().stream().map(VideoFrame::retain).toList());
    }

    @Override
    public NextStep next(Lane lane) {
        if (!progress.begun()) {
            return progress.idle();
        }
        return lane == KEY.kind().lane()
                ? new NextStep.StepPlan(KEY, progress.chunkIndex(), 0, 0, 1)
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
