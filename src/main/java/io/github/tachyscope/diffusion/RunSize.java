package io.github.tachyscope.diffusion;

import io.github.tachyscope.frame.PictureSize;

/**
 * The picture size that the next chunk of a run gets: that of the run, or a smaller one while it has to do with it.
 *
 * <p>Touched by the executor's own thread only.
 *
 * @param <M> memory that the runs of a size share
 */
public final class RunSize<M> implements AutoCloseable {
    private final SharedBySize<M> memories;
    private final PictureSize smaller;
    /** Held all the time, so that recovery needs nothing that may be missing then. */
    private final SharedBySize<M>.Share own;

    private SharedBySize<M>.Share present;

    /**
     * @param wanted size that the run asks for
     * @param smaller size that it falls back to; may be the same
     * @throws ParameterRejected if too many sizes are in use
     */
    public RunSize(SharedBySize<M> memories, PictureSize wanted, PictureSize smaller) {
        this.memories = memories;
        this.smaller = smaller;
        this.own = memories.open(wanted);
        this.present = own.again();
    }

    /** Chunks that begin from now on are smaller, or no longer so. */
    public void shrink(boolean wanted) {
        PictureSize next = wanted ? smaller : own.size();
        if (!next.equals(present.size())) {
            SharedBySize<M>.Share taken = memories.hold(next);
            present.close();
            present = taken;
        }
    }

    /** A hold for a chunk that begins now. */
    public SharedBySize<M>.Share chunk() {
        return present.again();
    }

    @Override
    public void close() {
        present.close();
        own.close();
    }
}
