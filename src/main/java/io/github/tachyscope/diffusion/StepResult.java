package io.github.tachyscope.diffusion;

import io.github.tachyscope.frame.VideoFrame;
import java.util.List;

/**
 * What a step computed, not yet part of its generation: {@link Generation#commit} makes it so. A pipeline returns its
 * own implementation and gets the same object back.
 */
public interface StepResult {
    /** The finished frames of a chunk, in order; empty for every step but the last of a chunk. */
    List<VideoFrame> frames();

    /** Frees what was computed when the result is not committed (run closed, batch failed). */
    default void discard() {}
}
