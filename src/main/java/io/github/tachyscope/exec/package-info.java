/**
 * Where steps run: one {@code Executor} actor per device, which owns the loaded pipelines and all generations on it, and
 * begins anew when the device has failed.
 *
 * <p>Told by {@code schedule} what to run; drives {@code diffusion}. It knows no session, no deadline and no queue of
 * waiting runs. Tensors never leave it: what it sends are heap values.
 */
@NullMarked
package io.github.tachyscope.exec;

import org.jspecify.annotations.NullMarked;
