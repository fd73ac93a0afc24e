package io.github.tachyscope.diffusion.sd.model;

/**
 * What an encoded prompt depends on.
 *
 * @param weighting whether its syntax counts
 * @param clipSkip layers that the encoders leave out at their end
 * @param scales of the adapters in the text encoders
 */
public record TextKey(String text, boolean weighting, int clipSkip, Scales scales) {}
