/**
 * Procedural pictures: the only thing the bundled model ever learns from and is judged by.
 *
 * <p>{@link io.github.tachyscope.diffusion.tiny.scene.TrainingScenes} draws what the model is trained on, and
 * {@link io.github.tachyscope.diffusion.tiny.scene.HeldOutScenes} renders pictures of families that never appear there.
 * A picture follows from its seed alone, to the last bit, on every machine: numbers come from {@code Dice}, curves from
 * {@code Curve}, and nothing here uses the desktop toolkit, the clock, threads or native code.
 *
 * <p>A family of scenes is a {@code Painter}. It fills shapes ({@code Shape}, {@code Outline}) with paints
 * ({@code Paint}, {@code Textures}) on a {@code Canvas}; {@code CameraSimulation} then turns the drawing into something
 * that a camera could have taken. The package feeds training and evaluation and knows neither tensors nor styles.
 */
@NullMarked
package io.github.tachyscope.diffusion.tiny.scene;

import org.jspecify.annotations.NullMarked;
