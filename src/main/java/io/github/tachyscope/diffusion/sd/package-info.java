/**
 * The Stable Diffusion family: its networks, prompts, schedules and adapters in the packages below; here, what needs
 * several of them.
 */
@NullMarked
package io.github.tachyscope.diffusion.sd;

import org.jspecify.annotations.NullMarked;
