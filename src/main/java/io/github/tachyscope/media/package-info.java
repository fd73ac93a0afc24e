/**
 * Codecs and files: raw frames to encoded ones and back, streams and files of MP4, pictures and videos of clients. The
 * only user of FFmpeg.
 *
 * <p>Used by {@code flow} and by jobs on their own dispatchers; objects here are used by one thread at a time and own native memory
 * until closed. It knows no network and no pipeline.
 */
@NullMarked
package io.github.tachyscope.media;

import org.jspecify.annotations.NullMarked;
