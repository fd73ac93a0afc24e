package io.github.tachyscope.media;

import io.github.tachyscope.frame.PixelConversion;
import io.github.tachyscope.frame.PixelFormat;
import io.github.tachyscope.frame.VideoFrame;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.DataBufferByte;
import java.awt.image.Raster;
import java.awt.image.WritableRaster;
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
    private static final int[] RED_GREEN_BLUE = {0, 1, 2};

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
            writer.write(null, new IIOImage(image(frame), null, null), parameters);
        } catch (IOException e) {
            throw new CodecFailure("encoding a JPEG: " + e.getMessage());
        } finally {
            writer.dispose();
        }
        return file.toByteArray();
    }

    /** A view of the RGB bytes of the frame, without a copy if it has them. */
    private static BufferedImage image(VideoFrame frame) {
        int width = frame.width();
        int height = frame.height();
        byte[] rgb = frame.data();
        if (frame.format() == PixelFormat.I420) {
            rgb = new byte[PixelFormat.RGB24.bytes(width, height)];
            PixelConversion.i420ToRgb24(frame.data(), width, height, rgb);
        }
        DataBufferByte buffer = new DataBufferByte(rgb, PixelFormat.RGB24.bytes(width, height));
        WritableRaster raster =
                Raster.createInterleavedRaster(buffer, width, height, 3 * width, 3, RED_GREEN_BLUE, null);
        ComponentColorModel model = new ComponentColorModel(
                ColorSpace.getInstance(ColorSpace.CS_sRGB),
                false,
                false,
                ComponentColorModel.OPAQUE,
                DataBuffer.TYPE_BYTE);
        return new BufferedImage(model, raster, false, null);
    }
}
