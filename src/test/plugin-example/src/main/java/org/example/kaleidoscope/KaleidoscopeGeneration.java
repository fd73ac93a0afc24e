package org.example.kaleidoscope;

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
import io.github.tachyscope.frame.PixelConversion;
import io.github.tachyscope.frame.PixelFormat;
import io.github.tachyscope.frame.VideoFrame;
import java.util.List;
import java.util.Optional;

/**
 * One session: one step per picture.
 *
 * <p>{@link #compute} runs on a thread of its own and changes nothing; what it found out becomes part of the session in
 * {@link #commit}. All else is called by one thread.
 */
final class KaleidoscopeGeneration implements Generation {
    private static final BatchKey KEY = new BatchKey("kaleidoscope", StepKind.DENOISE, "");

    /** Pictures on their way to the encoder at a time; more are made when needed. */
    private static final int BUFFERS = 4;

    private final ChunkProgress progress = new ChunkProgress(ChunkGeometry.FRAME_WISE);
    private final FramePool pool = new FramePool(BUFFERS);
    private final double edge;
    private Parameters parameters;
    private Look look;
    private Optional<Mirrors> mirrors = Optional.empty();

    private record Seen(List<VideoFrame> frames, Mirrors mirrors) implements StepResult {
        @Override
        public void discard() {
            frames.forEach(VideoFrame::release);
        }
    }

    KaleidoscopeGeneration(double edge, Parameters initial) {
        this.edge = edge;
        this.parameters = initial;
        this.look = Look.of(initial);
    }

    StepResult compute() {
        VideoFrame camera = progress.input().get(0);
        VideoFrame input = PixelConversion.toI420(camera, pool);
        Mirrors wanted = mirrors.filter(known -> known.fit(input, look))
                .orElseGet(() -> Mirrors.of(input.width(), input.height(), look, edge));
        VideoFrame output = pool.take(PixelFormat.I420, input.width(), input.height(), input.ptsMicros());
        wanted.reflect(input.data(), output.data());
        input.release();
        return new Seen(List.of(output), wanted);
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
    public void patch(Parameters patch) {
        parameters = parameters.merge(patch);
        look = Look.of(parameters);
    }

    @Override
    public void commit(StepResult result) {
        mirrors = Optional.of(((Seen) result).mirrors());
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
