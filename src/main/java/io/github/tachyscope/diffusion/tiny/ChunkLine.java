package io.github.tachyscope.diffusion.tiny;

import io.github.tachyscope.diffusion.ChunkGeometry;
import io.github.tachyscope.diffusion.NextStep;
import io.github.tachyscope.diffusion.RunSize;
import io.github.tachyscope.frame.VideoFrame;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** The frames under way, oldest first, and what waits to be begun: demand and input. */
final class ChunkLine {
    private final ChunkGeometry geometry;
    private final long frameMicros;
    private final RunSize<Pictures> sizes;
    private final Deque<VideoFrame> waiting = new ArrayDeque<>();
    private final Deque<TinyChunk> underWay = new ArrayDeque<>();
    private int demand;
    private long nextIndex;

    /**
     * @param frameMicros from one frame to the next where no camera gives the time
     * @param sizes of the frames that begin
     */
    ChunkLine(ChunkGeometry geometry, long frameMicros, RunSize<Pictures> sizes) {
        this.geometry = geometry;
        this.frameMicros = frameMicros;
        this.sizes = sizes;
    }

    void feed(List<VideoFrame> frames) {
        waiting.addAll(frames);
        begin();
    }

    void demand() {
        demand++;
        begin();
    }

    private void begin() {
        int framesIn = geometry.framesIn(nextIndex);
        while (demand > 0 && underWay.size() < geometry.inFlight() && waiting.size() >= framesIn) {
            Optional<VideoFrame> input = framesIn == 0 ? Optional.empty() : Optional.of(waiting.remove());
            long pts = input.map(VideoFrame::ptsMicros).orElse(nextIndex * frameMicros);
            underWay.add(new TinyChunk(nextIndex++, input, pts, sizes.chunk()));
            demand--;
        }
    }

    /** The oldest frame for which this holds. */
    Optional<TinyChunk> first(Predicate<TinyChunk> condition) {
        return underWay.stream().filter(condition).findFirst();
    }

    /** The answer to "what next?" where no frame under way has a step. */
    NextStep idle() {
        if (!underWay.isEmpty()) {
            return NextStep.Waits.INSTANCE;
        }
        return demand == 0
                ? NextStep.NeedsDemand.INSTANCE
                : new NextStep.NeedsInput(geometry.framesIn(nextIndex) - waiting.size());
    }

    /** The oldest frame is finished. */
    void finish(TinyChunk chunk) {
        if (underWay.peekFirst() != chunk) {
            throw new IllegalStateException("frame " + chunk.index + " is not the oldest");
        }
        underWay.removeFirst().close();
        begin();
    }

    /** Gives up all frames under way and all that waits; the next one takes the index of the oldest of them. */
    void drop() {
        TinyChunk oldest = underWay.peekFirst();
        nextIndex = oldest == null ? nextIndex : oldest.index;
        List<TinyChunk> dropped = new ArrayList<>(underWay);
        underWay.clear();
        dropped.forEach(TinyChunk::close);
        demand = 0;
        waiting.forEach(VideoFrame::release);
        waiting.clear();
    }
}
