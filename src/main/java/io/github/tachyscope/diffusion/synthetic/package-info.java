/**
 * A pipeline without a model: moving patterns in colours drawn from the prompt, or the camera restyled with them.
 *
 * <p>It has all the parts of a real one (prompt embedding and transitions, timesteps, a memory of past chunks, steps on
 * every lane, batches) and is a pure function of prompts, seed, parameters and input, so that everything above it can be
 * tried, measured and tested on any machine. It says nothing about picture quality.
 */
@NullMarked
package io.github.tachyscope.diffusion.synthetic;

import org.jspecify.annotations.NullMarked;
