package io.github.tachyscope.diffusion;

import java.util.List;

/** Loaded weights, shared by all sessions and immutable after loading. */
public interface Pipeline extends AutoCloseable {
    PipelineSpec spec();

    /**
     * New state for one session.
     *
     * @throws ParameterRejected if a start parameter cannot be honoured
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
