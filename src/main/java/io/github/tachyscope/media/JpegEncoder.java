package io.github.tachyscope.media;

import io.github.tachyscope.frame.VideoFrame;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/** Still pictures: a frame as a JPEG file, by the encoder of the JDK. Keeps no state; thread-safe. */
public final class JpegEncoder {
    private JpegEncoder() {}

    /** @param quality 1 (smallest) to 100 (best) */
    public static byte[] encode(VideoFrame frame, int quality) {
        if (quality < 1 || quality > 100) {
            throw new IllegalArgumentException("quality " + quality + "; allowed are 1 to 100");
        }
        ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
        ByteArrayOutputStream file = new ByteArrayOutputStream(frame.width() * frame.height() / 4 + 1024);
        try (ImageOutputStream out = new MemoryCacheImageOutputStream(file)) {
            ImageWriteParam parameters = writer.getDefaultWriteParam();
            parameters.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
            parameters.setCompressionQuality(quality / 100f);
            writer.setOutput(out);
            writer.write(null, new IIOImage(FrameImage.of(frame), null, null), parameters);
        } catch (IOException e) {
            throw new CodecFailure("encoding a JPEG: " + e.getMessage());
        } finally {
            writer.dispose();
        }
        return file.toByteArray();
    }
}
