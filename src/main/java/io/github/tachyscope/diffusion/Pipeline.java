package io.github.tachyscope.diffusion;

import java.util.List;

/** Loaded weights, shared by all sessions and immutable after loading. */
public interface Pipeline extends AutoCloseable {
    PipelineSpec spec();

    /**
     * New state for one session.
     *
     * <p>A size in the request is that of this run's pictures. A pipeline with {@link Capability#RUN_SIZES} takes every
     * size that {@link PipelineSpec#requireSize} lets pass, and its results are those of a pipeline loaded at that size;
     * one without takes the size that it was loaded for and no other.
     *
     * @throws ParameterRejected if a start parameter or the size cannot be honoured
     */
    Generation open(GenerationRequest request);

    /**
     * Computes the next step on {@code lane} of each generation, in one forward pass where the model allows, without
     * changing any of them.
     *
     * @param batch 1 to {@link PipelineSpec#maxBatch()} generations of this pipeline whose next plans on {@code lane}
     *     have equal batch keys
     * @return one result per generation, in the same order
     */
    List<StepResult> run(Lane lane, List<Generation> batch);

    /** Frees the weights. Called when no generation is left. */
    @Override
    void close();
}
