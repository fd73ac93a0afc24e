/**
 * Pictures with models of the Stable Diffusion family, sampled in the classic way: every picture by itself, step by step,
 * with the sampler, the noise levels and the guidance that were asked for. For work in batches; live video is the business
 * of {@code diffusion.streamdiffusion}, which shares the models.
 *
 * <p>A {@code PictureGeneration} holds one session's state, {@code StableDiffusionPipeline} runs its steps together with
 * those of other sessions; the samplers are those of {@code diffusion.sd.sampling}.
 */
@NullMarked
package io.github.tachyscope.diffusion.stablediffusion;

import org.jspecify.annotations.NullMarked;
