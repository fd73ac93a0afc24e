package io.github.tachyscope.diffusion;

import io.github.tachyscope.frame.PictureSize;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a pipeline does in one mode when nobody asks for anything else.
 *
 * @param width pixels
 * @param height pixels
 * @param geometry frames per chunk
 * @param denoisingSteps timesteps, descending, 1 to 1000; empty where the pipeline has none
 * @param mostDenoisingSteps that a session may ask for
 * @param noiseScale 0 to 1; empty where the pipeline has none
 * @param noiseController whether the noise scale follows motion; empty where the pipeline has no controller
 */
public record ModeDefaults(
        int width,
        int height,
        ChunkGeometry geometry,
        List<Integer> denoisingSteps,
        int mostDenoisingSteps,
        Optional<Double> noiseScale,
        Optional<Boolean> noiseController) {
    /** More timesteps than a model was trained for are no use. */
    private static final int USUAL_MOST = 1000;

    public ModeDefaults {
        denoisingSteps = List.copyOf(denoisingSteps);
    }

    /** With as many denoising steps as there are timesteps. */
    public ModeDefaults(
            int width,
            int height,
            ChunkGeometry geometry,
            List<Integer> denoisingSteps,
            Optional<Double> noiseScale,
            Optional<Boolean> noiseController) {
        this(width, height, geometry, denoisingSteps, USUAL_MOST, noiseScale, noiseController);
    }

    /**
     * A list of that many timesteps which falls as the pipeline's own does, none of them twice.
     *
     * <pre>
     *   own     1000  750  500  250 (0)
     *   two     1000       500          every (4/2)th
     *   eight   1000 875 750 625 ...    and between them in a straight line
     * </pre>
     *
     * @param count 1 to {@code mostDenoisingSteps}
     */
    public List<Integer> denoisingSteps(int count) {
        if (count < 1 || count > mostDenoisingSteps) {
            throw new IllegalArgumentException(count + " steps of at most " + mostDenoisingSteps);
        }
        List<Integer> knots = new ArrayList<>(denoisingSteps);
        knots.add(0);
        List<Integer> steps = new ArrayList<>();
        int above = knots.get(0) + 1;
        for (int i = 0; i < count; i++) {
            double at = (double) i * denoisingSteps.size() / count;
            int knot = (int) at;
            double step = knots.get(knot) + (at - knot) * (knots.get(knot + 1) - knots.get(knot));
            // Room for those that follow.
            above = Math.max(count - i, Math.min(above - 1, (int) Math.round(step)));
            steps.add(above);
        }
        return steps;
    }

    /** The same with pictures of this size. */
    ModeDefaults of(PictureSize size) {
        return new ModeDefaults(
                size.width(), size.height(), geometry, denoisingSteps, mostDenoisingSteps, noiseScale, noiseController);
    }
}
