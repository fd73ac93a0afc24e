/**
 * What the bundled model learns to do: twenty-five looks and fifteen colour grades as functions of a picture, and the
 * sentences that ask for them.
 *
 * <p>The trainer computes a target here for each scene and caption, the evaluation compares the model with the same
 * filters, and the tokenizer learns its table from the words. The running pipeline takes only the names of the looks from
 * here, as examples of prompts.
 *
 * <p>Every filter is deterministic and local, and every pattern is locked to the pixel grid with period 4, 8 or 16: a
 * convolution network without coordinates can place it, it does not flicker, and cutting a picture at multiples of 16
 * before or after the filter is the same away from the borders.
 *
 * <p>Filters are tensor functions without state. The caller holds a pointer scope and switches gradients off. Pixels are
 * in [0,1], laid out [N,3,H,W] with H and W multiples of 16; constants follow the device and type of the picture.
 */
@NullMarked
package io.github.tachyscope.diffusion.tiny.style;

import org.jspecify.annotations.NullMarked;
