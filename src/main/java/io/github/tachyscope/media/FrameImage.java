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

/** Frames as the picture writers of the JDK take them. */
final class FrameImage {
    private static final int[] RED_GREEN_BLUE = {0, 1, 2};

    private FrameImage() {}

    /** A view of the RGB bytes of the frame, without a copy if it has them. */
    static BufferedImage of(VideoFrame frame) {
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
