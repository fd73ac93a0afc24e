package io.github.tachyscope.frame;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;

class PixelConversionTest {
    private final FramePool pool = new FramePool(2);

    @Test
    void followsBt601OnTheWayToI420() {
        int size = 64;
        byte[] rgb = noise(PixelFormat.RGB24.bytes(size, size), 11);
        byte[] i420 = new byte[PixelFormat.I420.bytes(size, size)];
        PixelConversion.rgb24ToI420(rgb, size, size, i420);
        for (int y = 0; y < size; y++) {
            for (int x = 0; x < size; x++) {
                int p = 3 * (y * size + x);
                double luma = 16 + (65.481 * at(rgb, p) + 128.553 * at(rgb, p + 1) + 24.966 * at(rgb, p + 2)) / 255;
                assertNearest(luma, at(i420, y * size + x), "Y");
            }
        }
        int half = size / 2;
        for (int y = 0; y < half; y++) {
            for (int x = 0; x < half; x++) {
                double r = average(rgb, size, x, y, 0);
                double g = average(rgb, size, x, y, 1);
                double b = average(rgb, size, x, y, 2);
                int chroma = size * size + y * half + x;
                assertNearest(128 + (-37.797 * r - 74.203 * g + 112 * b) / 255, at(i420, chroma), "U");
                assertNearest(128 + (112 * r - 93.786 * g - 18.214 * b) / 255, at(i420, chroma + half * half), "V");
            }
        }
    }

    @Test
    void followsBt601OnTheWayToRgbForEveryColour() {
        byte[] i420 = new byte[6];
        byte[] rgb = new byte[12];
        for (int y = 0; y < 256; y += 3) {
            for (int u = 0; u < 256; u += 5) {
                for (int v = 0; v < 256; v += 5) {
                    i420[0] = i420[1] = i420[2] = i420[3] = (byte) y;
                    i420[4] = (byte) u;
                    i420[5] = (byte) v;
                    PixelConversion.i420ToRgb24(i420, 2, 2, rgb);
                    double luma = 255 * (y - 16) / 219.0;
                    String colour = y + " " + u + " " + v;
                    double red = luma + 255 * 0.701 / 112 * (v - 128);
                    double green = luma
                            - 255 * 0.886 * 0.114 / 0.587 / 112 * (u - 128)
                            - 255 * 0.701 * 0.299 / 0.587 / 112 * (v - 128);
                    double blue = luma + 255 * 0.886 / 112 * (u - 128);
                    for (int p = 0; p < 12; p += 3) {
                        assertNearest(red, at(rgb, p), "red of " + colour);
                        assertNearest(green, at(rgb, p + 1), "green of " + colour);
                        assertNearest(blue, at(rgb, p + 2), "blue of " + colour);
                    }
                }
            }
        }
    }

    @Test
    void keepsEveryGreyExactlyGrey() {
        byte[] rgb = new byte[12];
        byte[] i420 = new byte[6];
        for (int grey = 0; grey < 256; grey++) {
            java.util.Arrays.fill(rgb, (byte) grey);
            PixelConversion.rgb24ToI420(rgb, 2, 2, i420);
            assertEquals(128, at(i420, 4));
            assertEquals(128, at(i420, 5));
            PixelConversion.i420ToRgb24(i420, 2, 2, rgb);
            for (byte value : rgb) {
                assertEquals(grey, value & 0xff, 1);
            }
        }
    }

    @Test
    void convertsOddSizesUpToTheirLastPixel() {
        for (int[] size : new int[][] {{1, 1}, {1, 2}, {2, 1}, {3, 5}, {5, 3}, {7, 4}}) {
            int width = size[0];
            int height = size[1];
            byte[] rgb = new byte[PixelFormat.RGB24.bytes(width, height)];
            for (int i = 0; i < rgb.length; i += 3) {
                rgb[i] = (byte) 200;
                rgb[i + 1] = 60;
                rgb[i + 2] = 90;
            }
            byte[] i420 = new byte[PixelFormat.I420.bytes(width, height)];
            byte[] back = new byte[rgb.length];
            PixelConversion.rgb24ToI420(rgb, width, height, i420);
            PixelConversion.i420ToRgb24(i420, width, height, back);
            for (int i = 0; i < rgb.length; i++) {
                assertEquals(at(rgb, i), at(back, i), 2, width + "x" + height + " at " + i);
            }
        }
    }

    @Test
    void givesBackTheSameFrameIfThereIsNothingToConvert() {
        VideoFrame rgb = pool.take(PixelFormat.RGB24, 4, 4, 7);
        VideoFrame same = PixelConversion.toRgb24(rgb, pool);
        assertSame(rgb, same);
        same.release();
        VideoFrame i420 = PixelConversion.toI420(rgb, new FramePool(2));
        assertNotSame(rgb, i420);
        assertEquals(PixelFormat.I420, i420.format());
        assertEquals(7, i420.ptsMicros());
        VideoFrame again = PixelConversion.toRgb24(i420, pool);
        assertNotSame(rgb.data(), again.data(), "the source still owns its buffer");
        rgb.release();
    }

    private static void assertNearest(double exact, int actual, String what) {
        double bounded = Math.max(0, Math.min(255, exact));
        assertTrue(Math.abs(bounded - actual) <= 0.51, what + " is " + actual + ", exactly " + exact);
    }

    private static double average(byte[] rgb, int width, int x, int y, int channel) {
        int p = 3 * (2 * y * width + 2 * x) + channel;
        return (at(rgb, p) + at(rgb, p + 3) + at(rgb, p + 3 * width) + at(rgb, p + 3 * width + 3)) / 4.0;
    }

    private static byte[] noise(int bytes, long seed) {
        byte[] noise = new byte[bytes];
        new Random(seed).nextBytes(noise);
        return noise;
    }

    private static int at(byte[] data, int index) {
        return data[index] & 0xff;
    }
}
