package io.github.tachyscope.api.comfy;

import io.github.tachyscope.frame.VideoFrame;
import io.github.tachyscope.media.InputLimits;
import io.github.tachyscope.media.PictureReader;
import io.github.tachyscope.media.WebpWriter;
import java.time.Duration;
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
    static byte[] webp(List<byte[]> jpegs) {
        VideoFrame first = PictureReader.read(jpegs.get(0), OWN);
        try (WebpWriter writer = WebpWriter.open(first.width(), first.height(), FPS, QUALITY)) {
            writer.add(first);
            for (byte[] jpeg : jpegs.subList(1, jpegs.size())) {
                VideoFrame frame = PictureReader.read(jpeg, OWN);
                try {
                    writer.add(frame);
                } finally {
                    frame.release();
                }
            }
            return writer.finish();
        } finally {
            first.release();
        }
    }
}
