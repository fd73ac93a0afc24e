package io.github.tachyscope.diffusion;

import io.github.tachyscope.frame.VideoFrame;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * The chunks of a generation that are under way, oldest first, and what waits to be begun: demand and input. For
 * generations with several chunks in flight; {@link ChunkProgress} is for one at a time.
 *
 * @param <C> what is known of a chunk
 */
public final class ChunkLine<C extends ChunkLine.Chunk> {
    private final ChunkGeometry geometry;
    private final long frameMicros;
    private final Begin<C> begin;
    private final Deque<VideoFrame> waiting = new ArrayDeque<>();
    private final Deque<C> underWay = new ArrayDeque<>();
    private int demand;
    private long nextIndex;

    /** A chunk; closed when it is finished or given up. */
    public interface Chunk extends AutoCloseable {
        long index();

        @Override
        void close();
    }

    /** Makes a chunk. */
    @FunctionalInterface
    public interface Begin<C> {
        /**
         * @param input its frames, which it owns; none in text mode
         * @param ptsMicros time of each frame that it becomes
         */
        C chunk(long index, List<VideoFrame> input, List<Long> ptsMicros);
    }

    /** @param frameMicros from one frame to the next where no camera gives the time */
    public ChunkLine(ChunkGeometry geometry, long frameMicros, Begin<C> begin) {
        this.geometry = geometry;
        this.frameMicros = frameMicros;
        this.begin = begin;
    }

    public void feed(List<VideoFrame> frames) {
        waiting.addAll(frames);
        begin();
    }

    public void demand() {
        demand++;
        begin();
    }

    private void begin() {
        while (demand > 0 && underWay.size() < geometry.inFlight() && waiting.size() >= geometry.framesIn(nextIndex)) {
            List<VideoFrame> input = new ArrayList<>();
            List<Long> times = new ArrayList<>();
            for (int i = geometry.framesIn(nextIndex); i > 0; i--) {
                VideoFrame frame = waiting.remove();
                input.add(frame);
                times.add(frame.ptsMicros());
            }
            int framesOut = geometry.framesOut(nextIndex);
            for (int i = times.size(); i < framesOut; i++) {
                times.add((nextIndex * framesOut + i) * frameMicros);
            }
            underWay.add(begin.chunk(nextIndex++, List.copyOf(input), List.copyOf(times)));
            demand--;
        }
    }

    public Optional<C> oldest() {
        return Optional.ofNullable(underWay.peekFirst());
    }

    /** The oldest chunk for which this holds. */
    public Optional<C> first(Predicate<C> condition) {
        return underWay.stream().filter(condition).findFirst();
    }

    /** The answer to "what next?" where no chunk under way has a step. */
    public NextStep idle() {
        if (!underWay.isEmpty()) {
            return NextStep.Waits.INSTANCE;
        }
        return demand == 0
                ? NextStep.NeedsDemand.INSTANCE
                : new NextStep.NeedsInput(geometry.framesIn(nextIndex) - waiting.size());
    }

    /** The oldest chunk is finished. */
    public void finish(C chunk) {
        if (underWay.peekFirst() != chunk) {
            throw new IllegalStateException("chunk " + chunk.index() + " is not the oldest");
        }
        underWay.removeFirst().close();
        begin();
    }

    /** Gives up all chunks under way and all that waits; the next one takes the index of the oldest of them. */
    public void drop() {
        nextIndex = oldest().map(Chunk::index).orElse(nextIndex);
        List<C> dropped = new ArrayList<>(underWay);
        underWay.clear();
        dropped.forEach(Chunk::close);
        demand = 0;
        waiting.forEach(VideoFrame::release);
        waiting.clear();
    }
}
