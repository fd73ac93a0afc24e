package io.github.tachyscope.diffusion;

import io.github.tachyscope.frame.PictureSize;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * What the runs of a pipeline share because their pictures have the same size: work memory, mostly. Made for the first
 * run of a size, freed with the last.
 *
 * <p>Touched by the executor's own thread only. A step that runs on a lane reads the memory through the {@link Share} of
 * the chunk that it works for, which stays open until the step has ended.
 *
 * @param <M> the memory of one size
 */
public final class SharedBySize<M> {
    private final int mostSizes;
    private final Function<PictureSize, M> made;
    private final Consumer<M> freed;
    private final Map<PictureSize, Entry<M>> entries = new LinkedHashMap<>();

    private static final class Entry<M> {
        final M memory;
        int shares;

        Entry(M memory) {
            this.memory = memory;
        }
    }

    /** A user's hold on the memory of a size. */
    public final class Share implements AutoCloseable {
        private final PictureSize size;
        private final Entry<M> entry;
        private boolean closed;

        private Share(PictureSize size, Entry<M> entry) {
            this.size = size;
            this.entry = entry;
            entry.shares++;
        }

        public PictureSize size() {
            return size;
        }

        public M memory() {
            return entry.memory;
        }

        /** One more hold on the same. */
        public Share again() {
            return new Share(size, entry);
        }

        /** The memory is freed if nobody else holds it; further calls have no effect. */
        @Override
        public void close() {
            if (!closed) {
                closed = true;
                if (--entry.shares == 0) {
                    entries.remove(size);
                    freed.accept(entry.memory);
                }
            }
        }
    }

    /**
     * @param mostSizes sizes that runs may ask for at a time; protects memory against clients that all want another one
     * @param made gives the memory of a size
     * @param freed frees it
     */
    public SharedBySize(int mostSizes, Function<PictureSize, M> made, Consumer<M> freed) {
        this.mostSizes = mostSizes;
        this.made = made;
        this.freed = freed;
    }

    /**
     * The memory of a size that a run asks for.
     *
     * @throws ParameterRejected if as many other sizes as may be are in use
     */
    public Share open(PictureSize size) {
        if (!entries.containsKey(size) && entries.size() >= mostSizes) {
            throw new ParameterRejected(
                    CommonParameters.WIDTH,
                    "pictures of " + size + " are not possible now: " + mostSizes
                            + " other sizes are in use, which is the limit; try again later or use one of "
                            + entries.keySet());
        }
        return hold(size);
    }

    /**
     * The memory of the size that a run falls back to. Not limited: there is one for each size that runs asked for, at
     * the most.
     */
    public Share hold(PictureSize size) {
        return new Share(size, entries.computeIfAbsent(size, missing -> new Entry<>(made.apply(missing))));
    }

    /** Sizes in use. */
    public int sizes() {
        return entries.size();
    }
}
