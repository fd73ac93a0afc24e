package io.github.tachyscope.session.job;

import io.github.tachyscope.frame.PixelFormat;
import io.github.tachyscope.frame.VideoFrame;
import io.github.tachyscope.media.Thumbnail;
import io.github.tachyscope.store.ResultFile;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** Writes the frames of a plan in one form, as they come. All methods block; one thread at a time. */
interface FrameWriter extends AutoCloseable {
    /** A file of the draft. */
    record Made(String name, ResultFile.Kind kind, String mediaType) {}

    /** Adds frames, one at least, which stay the caller's. */
    void write(List<VideoFrame> frames) throws IOException;

    /** The frame as RGB24, the same for all forms. */
    static VideoFrame rgb(VideoFrame frame) {
        return frame.format() == PixelFormat.RGB24 ? frame : Thumbnail.of(frame, frame.width(), frame.height());
    }

    /** Completes the files; those made, in the order of the frames. */
    List<Made> finish() throws IOException;

    /** The names of all files that were begun. */
    List<String> begun();

    /** What can be watched while it grows. */
    default Optional<GrowingFile> live() {
        return Optional.empty();
    }

    /** Lets go of encoders and files, complete or not; further calls have no effect. */
    @Override
    void close() throws IOException;
}
