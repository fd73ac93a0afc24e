/** Placeholder. */
@NullMarked
package io.github.tachyscope.diffusion.tiny;

import org.jspecify.annotations.NullMarked;
