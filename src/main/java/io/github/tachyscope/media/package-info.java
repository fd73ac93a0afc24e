/**
 * Codecs: raw frames to encoded ones and back, still pictures, fragmented MP4. The only user of FFmpeg.
 *
 * <p>Used by {@code flow} on its own dispatcher; objects here are used by one thread at a time and own native memory
 * until closed. It knows no network and no pipeline.
 */
@NullMarked
package io.github.tachyscope.media;

import org.jspecify.annotations.NullMarked;
