package io.github.tachyscope.media;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tachyscope.frame.FramePool;
import io.github.tachyscope.frame.PixelConversion;
import io.github.tachyscope.frame.VideoFrame;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

class JpegEncoderTest {
    @Test
    void keepsSizeAndColoursOfBothLayouts() throws IOException {
        VideoFrame i420 = Pictures.i420(161, 90, 3, 0);
        VideoFrame rgb = PixelConversion.toRgb24(i420, new FramePool(1));
        for (VideoFrame frame : new VideoFrame[] {i420, rgb}) {
            BufferedImage image = ImageIO.read(new ByteArrayInputStream(JpegEncoder.encode(frame, 95)));
            assertEquals(161, image.getWidth());
            assertEquals(90, image.getHeight());
            long error = 0;
            for (int y = 0; y < 90; y++) {
                for (int x = 0; x < 161; x++) {
                    int pixel = image.getRGB(x, y);
                    for (int c = 0; c < 3; c++) {
                        int expected = rgb.data()[3 * (y * 161 + x) + c] & 0xff;
                        error += Math.abs(expected - (pixel >> (16 - 8 * c) & 0xff));
                    }
                }
            }
            double average = error / (3.0 * 161 * 90);
            assertTrue(average < 5, "average error " + average);
        }
    }

    @Test
    void spendsMoreBytesOnMoreQuality() {
        VideoFrame frame = Pictures.i420(320, 240, 0, 0);
        assertTrue(JpegEncoder.encode(frame, 30).length < JpegEncoder.encode(frame, 90).length);
        assertThrows(IllegalArgumentException.class, () -> JpegEncoder.encode(frame, 0));
        assertThrows(IllegalArgumentException.class, () -> JpegEncoder.encode(frame, 101));
    }
}
