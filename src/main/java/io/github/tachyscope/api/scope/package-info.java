/**
 * The Scope-compatible face: pipelines, WebRTC signalling, assets, LoRA files, keys, logs, and constant answers where
 * Scope has periphery that this server does not.
 *
 * <p>Translates between HTTP and the actors of {@code session} and the files of {@code store}; decides nothing.
 */
@NullMarked
package io.github.tachyscope.api.scope;

import org.jspecify.annotations.NullMarked;
