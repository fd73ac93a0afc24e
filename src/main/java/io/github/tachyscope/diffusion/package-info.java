/**
 * What a model is to the rest of the server: a {@link io.github.tachyscope.diffusion.PipelineSpec description}, loaded
 * {@link io.github.tachyscope.diffusion.Pipeline weights} shared by all sessions, and one
 * {@link io.github.tachyscope.diffusion.Generation} per session that advances one step at a time.
 *
 * <p>Driven by {@code exec}, planned by {@code schedule}. It knows no session, no network and no codec; frames come and
 * go as heap values.
 */
@NullMarked
package io.github.tachyscope.diffusion;

import org.jspecify.annotations.NullMarked;
