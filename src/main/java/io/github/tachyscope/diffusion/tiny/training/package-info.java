/**
 * Training of the bundled model from nothing but procedural pictures.
 *
 * <pre>
 * SceneStore --crops, styles, captions--&gt; AutoencoderStage | DenoiserStage --gradients--&gt; Optimizer
 *                                         (Workers: one thread per core)                       |
 *                 Exporter &lt;-- averaged weights &lt;-- StageRun --&gt; Checkpoint &lt;-- values, moments +
 * </pre>
 *
 * <p>All random numbers come from the seed and the step, so that a resumed run goes on as it would have.
 */
@NullMarked
package io.github.tachyscope.diffusion.tiny.training;

import org.jspecify.annotations.NullMarked;
