package io.github.tachyscope.media;

import static io.github.tachyscope.media.Ffmpeg.check;
import static org.bytedeco.ffmpeg.global.avformat.avio_open;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.bytedeco.ffmpeg.avformat.AVIOContext;
import org.bytedeco.javacpp.BytePointer;

/** Files of this machine, as the native library names them. */
final class LocalFile {
    private LocalFile() {}

    /** With its protocol, since a name with a colon would choose one. */
    static BytePointer url(Path file) {
        // With an end, which this constructor does not add.
        return new BytePointer(("file:" + file.toAbsolutePath() + "\0").getBytes(StandardCharsets.UTF_8));
    }

    static AVIOContext open(Path file, int flags) {
        AVIOContext opened = new AVIOContext(null);
        try (BytePointer url = url(file)) {
            check(avio_open(opened, url, flags), "opening a file");
        }
        return opened;
    }
}
