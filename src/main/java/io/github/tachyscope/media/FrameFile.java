package io.github.tachyscope.media;

import io.github.tachyscope.frame.VideoFrame;
import java.io.IOException;

/** One file that is made frame by frame, with a few of them in memory at most. Used by one thread at a time. */
public interface FrameFile extends AutoCloseable {
    /**
     * Adds a frame, which stays the caller's; its time does not count.
     *
     * @throws CodecFailure if it cannot be encoded
     */
    void add(VideoFrame frame) throws IOException;

    /** Completes the file, which has one frame at least; nothing can be added behind it. */
    void finish() throws IOException;

    /** Lets go of the file and of native memory, complete or not; further calls have no effect. */
    @Override
    void close() throws IOException;
}
