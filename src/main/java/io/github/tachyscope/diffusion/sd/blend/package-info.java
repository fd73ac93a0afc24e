/**
 * Mixtures of prompts and of seeds for the Stable Diffusion family.
 *
 * <p>Prompts mix token by token, as {@link io.github.tachyscope.diffusion.PromptBlend} does for every pipeline; what is
 * added here are the pooled states of SDXL and the way to tensors and back. Seeds mix as whole tensors.
 */
@NullMarked
package io.github.tachyscope.diffusion.sd.blend;

import org.jspecify.annotations.NullMarked;
