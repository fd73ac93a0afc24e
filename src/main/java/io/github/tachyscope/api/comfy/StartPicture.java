package io.github.tachyscope.api.comfy;

import io.github.tachyscope.api.comfy.graph.PictureSource;
import io.github.tachyscope.api.comfy.graph.Scaling;
import io.github.tachyscope.frame.PictureSize;
import io.github.tachyscope.frame.PixelFormat;
import io.github.tachyscope.frame.VideoFrame;
import io.github.tachyscope.media.InputLimits;
import io.github.tachyscope.media.PictureReader;
import io.github.tachyscope.media.PngEncoder;
import io.github.tachyscope.media.Thumbnail;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A picture of a client as a job begins with it: scaled as the graph says. All filters but the nearest pixel are drawn as
 * one that averages.
 *
 * @param file a PNG
 */
record StartPicture(Path file, PictureSize size) {
    private static final int CHANNELS = 3;

    /**
     * Reads, scales and stores; blocks.
     *
     * @param to where it is written
     * @throws io.github.tachyscope.media.MediaRefused if it cannot be used
     */
    static StartPicture of(Path from, PictureSource source, InputLimits limits, Path to) throws IOException {
        VideoFrame frame = PictureReader.read(Files.readAllBytes(from), limits);
        for (Scaling scaling : source.scalings()) {
            VideoFrame last = frame;
            frame = scaled(last, scaling);
            last.release();
        }
        try {
            Files.write(to, PngEncoder.encode(frame));
            return new StartPicture(to, new PictureSize(frame.width(), frame.height()));
        } finally {
            frame.release();
        }
    }

    private static VideoFrame scaled(VideoFrame frame, Scaling scaling) {
        PictureSize own = new PictureSize(frame.width(), frame.height());
        PictureSize size = scaling.apply(own).orElse(own);
        VideoFrame rgb = Thumbnail.of(frame, frame.width(), frame.height());
        VideoFrame part = scaling instanceof Scaling.To to && to.crop() ? middle(rgb, size) : rgb;
        return Thumbnail.of(part, size.width(), size.height());
    }

    /** The largest part in the middle that has that shape. */
    private static VideoFrame middle(VideoFrame rgb, PictureSize shape) {
        double factor = Math.min((double) rgb.width() / shape.width(), (double) rgb.height() / shape.height());
        int width = (int) Math.max(1, Math.round(shape.width() * factor));
        int height = (int) Math.max(1, Math.round(shape.height() * factor));
        return cut(rgb, (rgb.width() - width) / 2, (rgb.height() - height) / 2, width, height);
    }

    private static VideoFrame cut(VideoFrame rgb, int left, int top, int width, int height) {
        byte[] data = new byte[width * height * CHANNELS];
        for (int y = 0; y < height; y++) {
            System.arraycopy(
                    rgb.data(),
                    ((top + y) * rgb.width() + left) * CHANNELS,
                    data,
                    y * width * CHANNELS,
                    width * CHANNELS);
        }
        return VideoFrame.of(PixelFormat.RGB24, width, height, data, rgb.ptsMicros());
    }
}
