/** The pipeline that hands its input on, pixel for pixel: the base of conformance and latency tests. */
@NullMarked
package io.github.tachyscope.diffusion.passthrough;

import org.jspecify.annotations.NullMarked;
