/**
 * How good the bundled model is: its pictures against the style filters themselves, on scenes it was never trained on.
 */
@NullMarked
package io.github.tachyscope.diffusion.tiny.evaluation;

import org.jspecify.annotations.NullMarked;
