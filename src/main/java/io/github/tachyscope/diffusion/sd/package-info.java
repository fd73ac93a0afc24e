/** What a denoising step of the Stable Diffusion family costs on this machine, without anybody's weights. */
@NullMarked
package io.github.tachyscope.diffusion.sd;

import org.jspecify.annotations.NullMarked;
