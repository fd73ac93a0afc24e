/**
 * The path of a frame as one stream graph, see {@link io.github.tachyscope.flow.VideoFlow}.
 *
 * <p>Fed by {@code session} with what the peer received, asks {@code schedule} for chunks, decodes and encodes with
 * {@code media}, and hands encoded pictures back. Only heap values flow. Live input drops the oldest, finished output
 * waits; whatever drops counts in {@link io.github.tachyscope.flow.FlowMeter}.
 */
@NullMarked
package io.github.tachyscope.flow;

import org.jspecify.annotations.NullMarked;
