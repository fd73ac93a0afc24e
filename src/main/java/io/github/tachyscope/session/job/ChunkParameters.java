package io.github.tachyscope.session.job;

import io.github.tachyscope.diffusion.Parameters;

/** What changes with which chunk. */
@FunctionalInterface
public interface ChunkParameters {
    /**
     * Called once for every chunk, in order, when it is asked for: what has happened until then can still act on it.
     * Called on the thread of a stream; must not block.
     *
     * @param chunk from 0
     * @return what changes with this chunk, checked against the pipeline; everything that it starts with for the first
     */
    Parameters at(long chunk);
}
