package io.github.tachyscope.diffusion;

import io.github.tachyscope.frame.PictureSize;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What a pipeline is, without loading it. Schema, controls, validation and the catalogue entry all come from this.
 *
 * @param id name on the wire, such as {@code synthetic}
 * @param name for people
 * @param description one or two sentences for people
 * @param version of the pipeline
 * @param modes what it can start from, with the defaults of each; not empty
 * @param defaultMode one of {@code modes}
 * @param capabilities what else it supports
 * @param parameters load-time and run-time parameters
 * @param maxBatch most generations in one step, 1 if it cannot batch
 * @param weightsBytes estimated memory of the weights
 * @param sessionBytes estimated memory of one session's state at the default size
 * @param estimatedVramGb shown by clients that hide what a host cannot run; empty if it needs no GPU
 * @param requiresModels whether weights must be downloaded before it can be loaded
 * @param dimensionMultiple width and height are multiples of this
 * @param minDimension least width and height
 * @param maxDimension greatest width and height
 */
public record PipelineSpec(
        String id,
        String name,
        String description,
        String version,
        Map<InputMode, ModeDefaults> modes,
        InputMode defaultMode,
        Set<Capability> capabilities,
        ParameterSchema parameters,
        int maxBatch,
        long weightsBytes,
        long sessionBytes,
        Optional<Double> estimatedVramGb,
        boolean requiresModels,
        int dimensionMultiple,
        int minDimension,
        int maxDimension) {
    public PipelineSpec {
        modes = Map.copyOf(modes);
        capabilities = Set.copyOf(capabilities);
        if (!modes.containsKey(defaultMode)) {
            throw new IllegalArgumentException(id + ": the default mode is not among the modes");
        }
        if (maxBatch < 1) {
            throw new IllegalArgumentException(id + ": maxBatch " + maxBatch);
        }
    }

    /** Ways to make its chunks cheaper. */
    public Set<Economy> economies() {
        return Arrays.stream(Economy.values())
                .filter(economy -> capabilities.contains(economy.capability()))
                .collect(Collectors.toUnmodifiableSet());
    }

    /**
     * Checks a size that a run asks for against the step and range of the sides.
     *
     * @param loaded size that the pipeline was loaded for; always allowed
     * @throws ParameterRejected naming what is allowed
     */
    public void requireSize(PictureSize wanted, PictureSize loaded) {
        if (wanted.equals(loaded)) {
            return;
        }
        if (!capabilities.contains(Capability.RUN_SIZES)) {
            throw new ParameterRejected(
                    CommonParameters.WIDTH,
                    "pipeline " + id + " makes pictures of " + loaded + " only, for which it was loaded, not of "
                            + wanted);
        }
        requireSide(CommonParameters.WIDTH, wanted.width());
        requireSide(CommonParameters.HEIGHT, wanted.height());
    }

    private void requireSide(String name, int pixels) {
        if (pixels < minDimension || pixels > maxDimension || pixels % dimensionMultiple != 0) {
            throw new ParameterRejected(
                    name,
                    name + " " + pixels + " is not possible with pipeline " + id + "; allowed are multiples of "
                            + dimensionMultiple + " from " + minDimension + " to " + maxDimension);
        }
    }

    /**
     * What {@link Economy#SMALLER_PICTURES} makes of a size: the largest allowed multiples of at most three quarters of
     * each side. Where that is too small for one side, the other shrinks no more than that one, so that pictures are not
     * squeezed; a size with a side that cannot shrink stays.
     */
    public PictureSize smaller(PictureSize size) {
        int shorter = Math.min(size.width(), size.height());
        int least = (minDimension + dimensionMultiple - 1) / dimensionMultiple * dimensionMultiple;
        double factor = Math.min(1, Math.max(0.75, (double) least / shorter));
        return new PictureSize(shrunk(size.width(), factor), shrunk(size.height(), factor));
    }

    private int shrunk(int side, double factor) {
        // Products that are whole numbers must not fall to the multiple below.
        return factor == 1 ? side : (int) (side * factor + 1e-6) / dimensionMultiple * dimensionMultiple;
    }

    /** Estimated memory of a run's state, which grows with the area of its pictures. */
    public long sessionBytes(Optional<PictureSize> size) {
        ModeDefaults usual = modes.get(defaultMode);
        return size.map(wanted ->
                        (long) ((double) sessionBytes * wanted.pixels() / ((double) usual.width() * usual.height())))
                .orElse(sessionBytes);
    }

    /** The same pipeline under another name. */
    public PipelineSpec as(String otherId) {
        return new PipelineSpec(
                otherId,
                name,
                description,
                version,
                modes,
                defaultMode,
                capabilities,
                parameters,
                maxBatch,
                weightsBytes,
                sessionBytes,
                estimatedVramGb,
                requiresModels,
                dimensionMultiple,
                minDimension,
                maxDimension);
    }
}
