package io.github.tachyscope.diffusion.sd.sampling;

import org.bytedeco.pytorch.Tensor;

/**
 * What the network must evaluate for one call of a {@link StreamBatch}.
 *
 * @param sample rows {@code [N, C, h, w]}: those with the negative prompt first
 * @param timesteps one per row
 * @param negative how many rows, from the first, run with the negative prompt
 */
public record StreamRows(Tensor sample, long[] timesteps, int negative) {}
