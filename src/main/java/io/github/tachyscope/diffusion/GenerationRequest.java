package io.github.tachyscope.diffusion;

/**
 * What a session wants of a pipeline when it starts.
 *
 * @param mode from text or from video; one of the pipeline's modes
 * @param parameters run-time parameters, checked against the spec
 */
public record GenerationRequest(InputMode mode, Parameters parameters) {}
