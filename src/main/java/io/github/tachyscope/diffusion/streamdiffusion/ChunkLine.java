package io.github.tachyscope.diffusion.streamdiffusion;

import io.github.tachyscope.diffusion.ChunkGeometry;
import io.github.tachyscope.diffusion.NextStep;
import io.github.tachyscope.frame.VideoFrame;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** The chunks under way, oldest first, and what waits to be begun: demand and input. */
final class ChunkLine {
    private final ChunkGeometry geometry;
    private final long frameMicros;
    private final Deque<VideoFrame> waiting = new ArrayDeque<>();
    private final Deque<StreamChunk> underWay = new ArrayDeque<>();
    private int demand;
    private long nextIndex;

    /** @param frameMicros from one frame to the next where no camera gives the time */
    ChunkLine(ChunkGeometry geometry, long frameMicros) {
        this.geometry = geometry;
        this.frameMicros = frameMicros;
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
            List<VideoFrame> input = new ArrayList<>();
            List<Long> times = new ArrayList<>();
            for (int i = 0; i < framesIn; i++) {
                VideoFrame frame = waiting.remove();
                input.add(frame);
                times.add(frame.ptsMicros());
            }
            int framesOut = geometry.framesOut(nextIndex);
            for (int i = times.size(); i < framesOut; i++) {
                times.add((nextIndex * framesOut + i) * frameMicros);
            }
            underWay.add(new StreamChunk(nextIndex++, input, times));
            demand--;
        }
    }

    Optional<StreamChunk> oldest() {
        return Optional.ofNullable(underWay.peekFirst());
    }

    /** The oldest chunk for which this holds. */
    Optional<StreamChunk> first(Predicate<StreamChunk> condition) {
        return underWay.stream().filter(condition).findFirst();
    }

    /** The answer to "what next?" where no chunk under way has a step. */
    NextStep idle() {
        if (!underWay.isEmpty()) {
            return NextStep.Waits.INSTANCE;
        }
        return demand == 0
                ? NextStep.NeedsDemand.INSTANCE
                : new NextStep.NeedsInput(geometry.framesIn(nextIndex) - waiting.size());
    }

    /** The oldest chunk is finished. */
    void finish(StreamChunk chunk) {
        if (underWay.peekFirst() != chunk) {
            throw new IllegalStateException("chunk " + chunk.index + " is not the oldest");
        }
        underWay.removeFirst().close();
        begin();
    }

    /** Gives up all chunks under way and all that waits; the next one takes the index of the oldest of them. */
    void drop() {
        StreamChunk oldest = underWay.peekFirst();
        nextIndex = oldest == null ? nextIndex : oldest.index;
        underWay.forEach(StreamChunk::close);
        underWay.clear();
        demand = 0;
        waiting.forEach(VideoFrame::release);
        waiting.clear();
    }
}
