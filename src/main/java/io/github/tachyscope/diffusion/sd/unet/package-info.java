/**
 * The denoiser of the Stable Diffusion family: UNet2DConditionModel (Rombach et al. 2022) in the forms of SD 1.5, SD 2.x
 * and Turbo, SDXL, and of the bundled model.
 *
 * <p>What depends on less than the latent is computed apart and can be kept: {@link
 * io.github.tachyscope.diffusion.sd.unet.Conditioning} on the prompt alone, {@link
 * io.github.tachyscope.diffusion.sd.unet.TimeConditioning} on timestep and prompt.
 *
 * <pre>
 * sample -&gt; conv_in -&gt; down blocks -&gt; mid block -&gt; up blocks -&gt; conv_out -&gt; prediction
 *                          |____________ skips ___________^
 * </pre>
 */
@NullMarked
package io.github.tachyscope.diffusion.sd.unet;

import org.jspecify.annotations.NullMarked;
