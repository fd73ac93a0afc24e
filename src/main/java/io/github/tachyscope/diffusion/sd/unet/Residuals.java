package io.github.tachyscope.diffusion.sd.unet;

import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * What a ControlNet adds (Zhang et al. 2023).
 *
 * @param down one tensor for each skip connection, in the order of the way down
 * @param mid for the middle block's output
 */
public record Residuals(List<Tensor> down, Tensor mid) {}
