/**
 * Models of the Stable Diffusion family as the pipelines load and use them: where their files lie, what is read, adapters
 * and their scales, prompts on their way to numbers, pictures in and out.
 *
 * <p>Uses the networks and the arithmetic of {@code diffusion.sd}; knows no pipeline. What a step does with a model is the
 * pipeline's own.
 */
@NullMarked
package io.github.tachyscope.diffusion.sd.model;

import org.jspecify.annotations.NullMarked;
