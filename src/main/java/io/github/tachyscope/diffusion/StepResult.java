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

    /**
     * What a {@link StepKind#PREVIEW} step saw, the first picture of the chunk first: RGB, of the size of the latents or of
     * the pictures. Empty for every other step. Whoever gets them owns them.
     */
    default List<VideoFrame> previews() {
        return List.of();
    }

    /** Frees what was computed when the result is not committed (run closed, batch failed). */
    default void discard() {}
}
