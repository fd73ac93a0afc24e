/**
 * The model that comes with the server: networks of the Stable Diffusion family so small that a processor restyles a
 * live camera with them, and the pipeline that does.
 *
 * <p>{@code TinyModel} and {@code NoiseSchedule} are shared with the training. The pipeline encodes, denoises and decodes
 * neighbouring frames at the same time on different lanes; its noise stands still from frame to frame, so what does not
 * move does not flicker.
 */
@NullMarked
package io.github.tachyscope.diffusion.tiny;

import org.jspecify.annotations.NullMarked;
