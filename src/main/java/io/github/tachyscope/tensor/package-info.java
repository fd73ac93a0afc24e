/**
 * What models are made of, in LibTorch: scopes that free memory at a known point, weights by name, and the few layers
 * that every network shares.
 *
 * <p>The rules of the house:
 *
 * <ul>
 *   <li>A unit of work (one step, one test) opens a {@link io.github.tachyscope.tensor.TensorScope}; everything made in
 *       it is freed at its end, nothing waits for the garbage collector. What must live on is kept on purpose.
 *   <li>{@link io.github.tachyscope.tensor.Weights} own the tensors of a model. A layer <em>takes</em> its tensors by
 *       name and declares their shapes, so a foreign file is refused by name before anything runs, and the same
 *       constructors build a model from random numbers.
 *   <li>Tensors belong to the threads of their device; they never travel in a message.
 * </ul>
 */
@NullMarked
package io.github.tachyscope.tensor;

import org.jspecify.annotations.NullMarked;
