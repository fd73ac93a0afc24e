package io.github.tachyscope.testkit;

import io.github.tachyscope.diffusion.tiny.scene.Picture;
import io.github.tachyscope.frame.FramePool;
import io.github.tachyscope.frame.PictureScaler;
import io.github.tachyscope.frame.PixelConversion;
import io.github.tachyscope.frame.PixelFormat;
import io.github.tachyscope.frame.VideoFrame;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** A film for the browser's fake camera: a picture, held by a hand that is not quite still. */
public final class CameraFile {
    private static final int FRAMES = 30;
    private static final int RATE = 15;

    /** Pixels that the picture is larger than its frame, each way. */
    private static final int MARGIN = 8;

    private CameraFile() {}

    /** Writes two seconds, which join end to end, as YUV4MPEG2 in 4:2:0. */
    public static void write(Path file, Picture picture) throws IOException {
        int width = picture.width();
        int height = picture.height();
        VideoFrame large = PictureScaler.scale(frame(picture), width + MARGIN, height + MARGIN, new FramePool(1));
        byte[] rgb = new byte[PixelFormat.RGB24.bytes(width, height)];
        byte[] i420 = new byte[PixelFormat.I420.bytes(width, height)];
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file))) {
            out.write(ascii("YUV4MPEG2 W%d H%d F%d:1 Ip A1:1\n".formatted(width, height, RATE)));
            for (int i = 0; i < FRAMES; i++) {
                double angle = 2 * Math.PI * i / FRAMES;
                int left = (int) Math.round(MARGIN * (1 + Math.sin(angle)) / 2);
                int top = (int) Math.round(MARGIN * (1 + Math.cos(angle)) / 2);
                cut(large, left, top, rgb, width, height);
                PixelConversion.rgb24ToI420(rgb, width, height, i420);
                out.write(ascii("FRAME\n"));
                out.write(i420);
            }
        }
    }

    private static VideoFrame frame(Picture picture) {
        int pixels = picture.width() * picture.height();
        byte[] rgb = new byte[3 * pixels];
        for (int i = 0; i < pixels; i++) {
            for (int c = 0; c < 3; c++) {
                rgb[3 * i + c] = (byte) Math.round(255 * picture.rgb()[c * pixels + i]);
            }
        }
        return VideoFrame.of(PixelFormat.RGB24, picture.width(), picture.height(), rgb, 0);
    }

    private static void cut(VideoFrame from, int left, int top, byte[] rgb, int width, int height) {
        for (int y = 0; y < height; y++) {
            System.arraycopy(from.data(), 3 * ((top + y) * from.width() + left), rgb, 3 * y * width, 3 * width);
        }
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
