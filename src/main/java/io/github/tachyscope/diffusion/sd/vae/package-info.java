/**
 * Pictures to latents and back: the tiny autoencoder for live use and the full one of the Stable Diffusion family.
 */
@NullMarked
package io.github.tachyscope.diffusion.sd.vae;

import org.jspecify.annotations.NullMarked;
