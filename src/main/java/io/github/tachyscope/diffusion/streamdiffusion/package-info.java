/**
 * Live video with models of the Stable Diffusion family, in the manner of StreamDiffusion (Kodaira et al. 2023): a frame
 * enters a batch in which earlier frames are already further, and leaves it clean.
 *
 * <p>Loaded and found like every pipeline; the networks and the arithmetic are those of {@code diffusion.sd}. A
 * {@code StreamGeneration} holds one session's state, {@code StreamPipeline} runs its steps together with those of other
 * sessions.
 */
@NullMarked
package io.github.tachyscope.diffusion.streamdiffusion;

import org.jspecify.annotations.NullMarked;
