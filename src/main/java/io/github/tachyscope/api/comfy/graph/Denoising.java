package io.github.tachyscope.api.comfy.graph;

/**
 * How a sampler goes about it.
 *
 * @param seed all 64 bits, to be read without sign
 * @param denoise how much of the start is replaced, 0 to 1
 * @param startStep first step that is done
 * @param endStep first step that is not done any more, at most {@code steps}
 * @param addNoise whether noise is put on the start
 * @param leftoverNoise whether what is left of the noise after {@code endStep} stays
 */
public record Denoising(
        int steps,
        double cfg,
        String sampler,
        String scheduler,
        long seed,
        double denoise,
        int startStep,
        int endStep,
        boolean addNoise,
        boolean leftoverNoise) {}
