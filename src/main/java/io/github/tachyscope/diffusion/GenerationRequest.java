package io.github.tachyscope.diffusion;

import io.github.tachyscope.frame.PictureSize;
import java.util.Optional;

/**
 * What a session wants of a pipeline when it starts.
 *
 * @param mode from text or from video; one of the pipeline's modes
 * @param parameters run-time parameters, checked against the spec
 * @param size of this run's pictures; empty: that of the loaded pipeline
 */
public record GenerationRequest(InputMode mode, Parameters parameters, Optional<PictureSize> size) {
    /** With pictures of the size that the pipeline was loaded for. */
    public GenerationRequest(InputMode mode, Parameters parameters) {
        this(mode, parameters, Optional.empty());
    }
}
