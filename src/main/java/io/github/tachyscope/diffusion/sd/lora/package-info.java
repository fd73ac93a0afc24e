/**
 * Low-rank adapters (Hu et al. 2021) for the Stable Diffusion family: files of every spelling in the wild, matched
 * against the modules of a loaded model, and merged into its weights at scales that can change.
 *
 * <p>{@link io.github.tachyscope.diffusion.sd.lora.LoraFile} reads factors,
 * {@link io.github.tachyscope.diffusion.sd.lora.LoraTargets} knows a model's modules by all their names,
 * {@link io.github.tachyscope.diffusion.sd.lora.LoraMerge} holds the untouched weights and writes
 * {@code W = W0 + sum of scale_i (alpha_i / rank_i) up_i down_i}.
 */
@NullMarked
package io.github.tachyscope.diffusion.sd.lora;

import org.jspecify.annotations.NullMarked;
