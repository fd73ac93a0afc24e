package io.github.tachyscope.diffusion;

import io.github.tachyscope.frame.PictureSize;
import java.util.List;
import java.util.Optional;

/**
 * What a pipeline does in one mode when nobody asks for anything else.
 *
 * @param width pixels
 * @param height pixels
 * @param geometry frames per chunk
 * @param denoisingSteps timesteps, descending, 1 to 1000; empty where the pipeline has none
 * @param noiseScale 0 to 1; empty where the pipeline has none
 * @param noiseController whether the noise scale follows motion; empty where the pipeline has no controller
 */
public record ModeDefaults(
        int width,
        int height,
        ChunkGeometry geometry,
        List<Integer> denoisingSteps,
        Optional<Double> noiseScale,
        Optional<Boolean> noiseController) {
    public ModeDefaults {
        denoisingSteps = List.copyOf(denoisingSteps);
    }

    /** The same with pictures of this size. */
    ModeDefaults of(PictureSize size) {
        return new ModeDefaults(size.width(), size.height(), geometry, denoisingSteps, noiseScale, noiseController);
    }
}
