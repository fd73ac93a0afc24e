/**
 * Prompts for the Stable Diffusion family: the CLIP tokenizer, the CLIP text encoders (Radford et al. 2021), and weighted
 * prompts.
 */
@NullMarked
package io.github.tachyscope.diffusion.sd.text;

import org.jspecify.annotations.NullMarked;
