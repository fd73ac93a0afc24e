/**
 * Noise schedules of the Stable Diffusion family and the arithmetic of a step: which timesteps, how much signal and
 * noise at each, from a model's output to the next latent. No weights and no networks here.
 *
 * <p>{@link io.github.tachyscope.diffusion.sd.sampling.NoiseTable} holds the signal and noise of every training
 * timestep; {@link io.github.tachyscope.diffusion.sd.sampling.ConsistencySchedule} (LCM) and
 * {@link io.github.tachyscope.diffusion.sd.sampling.EulerSchedule} choose some of them;
 * {@link io.github.tachyscope.diffusion.sd.sampling.SigmaSampler} goes through the levels of a
 * {@link io.github.tachyscope.diffusion.sd.sampling.SigmaPath}, in units of noise per signal, one call of the model at a
 * time; {@link io.github.tachyscope.diffusion.sd.sampling.StreamBatch} keeps several frames at different noise levels in one
 * batch.
 */
@NullMarked
package io.github.tachyscope.diffusion.sd.sampling;

import org.jspecify.annotations.NullMarked;
