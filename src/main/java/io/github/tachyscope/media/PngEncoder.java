package io.github.tachyscope.media;

import io.github.tachyscope.frame.VideoFrame;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/** Still pictures without loss: a frame as a PNG file, by the encoder of the JDK. Keeps no state; thread-safe. */
public final class PngEncoder {
    private PngEncoder() {}

    /** The file; RGB24 frames come back from it bit by bit. */
    public static byte[] encode(VideoFrame frame) {
        ImageWriter writer = ImageIO.getImageWritersByFormatName("png").next();
        ByteArrayOutputStream file = new ByteArrayOutputStream(frame.width() * frame.height() + 1024);
        try (ImageOutputStream out = new MemoryCacheImageOutputStream(file)) {
            writer.setOutput(out);
            writer.write(FrameImage.of(frame));
        } catch (IOException e) {
            throw new CodecFailure("encoding a PNG: " + e.getMessage());
        } finally {
            writer.dispose();
        }
        return file.toByteArray();
    }

    /**
     * The file with texts in it, by keyword; what a PNG file cannot have as a keyword is left out.
     *
     * @param texts in any language
     */
    public static byte[] encode(VideoFrame frame, Map<String, String> texts) {
        byte[] plain = encode(frame);
        return texts.isEmpty() ? plain : Png.withTexts(plain, new TreeMap<>(texts));
    }
}
