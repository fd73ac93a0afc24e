package io.github.tachyscope.diffusion.streamdiffusion;

/**
 * What an encoded prompt depends on.
 *
 * @param weighting whether its syntax counts
 * @param scales of the adapters in the text encoders
 */
record TextKey(String text, boolean weighting, Scales scales) {}
