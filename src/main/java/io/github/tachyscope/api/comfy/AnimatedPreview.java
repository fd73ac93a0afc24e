package io.github.tachyscope.api.comfy;

import io.github.tachyscope.frame.VideoFrame;
import io.github.tachyscope.media.InputLimits;
import io.github.tachyscope.media.PictureReader;
import io.github.tachyscope.media.WebpWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The frames of a preview as one picture that moves. */
final class AnimatedPreview {
    /** A latent has a frame for every four of the video. */
    private static final int FPS = 4;

    private static final int QUALITY = 75;

    /** Our own pictures; the limits never bite. */
    private static final InputLimits OWN = new InputLimits(64 << 20, 4096, 4096, 1, Duration.ofMinutes(1));

    private AnimatedPreview() {}

    /** @param jpegs of one size */
    static byte[] webp(List<byte[]> jpegs) throws IOException {
        List<VideoFrame> frames = new ArrayList<>();
        try {
            for (byte[] jpeg : jpegs) {
                frames.add(PictureReader.read(jpeg, OWN));
            }
            return webp(frames, FPS, QUALITY);
        } finally {
            frames.forEach(VideoFrame::release);
        }
    }

    /** Frames of one size, which stay the caller's, as WebP; one alone does not move. */
    static byte[] webp(List<VideoFrame> frames, double fps, int quality) throws IOException {
        Path file = Files.createTempFile("tachyscope-", ".webp");
        WebpWriter.Settings settings = new WebpWriter.Settings(fps, false, quality, WebpWriter.Effort.FASTEST);
        try (WebpWriter writer =
                WebpWriter.open(file, frames.get(0).width(), frames.get(0).height(), settings)) {
            for (VideoFrame frame : frames) {
                writer.add(frame);
            }
            writer.finish();
            return Files.readAllBytes(file);
        } finally {
            Files.deleteIfExists(file);
        }
    }
}
