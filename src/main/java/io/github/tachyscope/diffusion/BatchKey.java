package io.github.tachyscope.diffusion;

/**
 * Steps with equal keys may run as one batch.
 *
 * @param pipeline identity of the loaded pipeline
 * @param kind what the step does
 * @param form everything else that must agree: shapes, dtype, guidance form, LoRA set and scales. Not seed, prompt or
 *     step index
 */
public record BatchKey(String pipeline, StepKind kind, String form) {}
