package io.github.tachyscope.frame;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;

class PictureScalerTest {
    private final FramePool pool = new FramePool(2);

    @Test
    void followsTheBilinearFormulaForBothLayouts() {
        int[][] cases = {{8, 6, 16, 12}, {16, 12, 8, 6}, {9, 7, 4, 11}, {1, 1, 5, 3}, {5, 3, 1, 1}, {64, 33, 65, 32}};
        Random random = new Random(5);
        for (int[] c : cases) {
            for (PixelFormat format : PixelFormat.values()) {
                byte[] data = new byte[format.bytes(c[0], c[1])];
                random.nextBytes(data);
                VideoFrame frame = VideoFrame.of(format, c[0], c[1], data, 42);
                VideoFrame scaled = PictureScaler.scale(frame, c[2], c[3], pool);
                assertEquals(42, scaled.ptsMicros());
                assertEquals(c[2], scaled.width());
                assertEquals(c[3], scaled.height());
                if (format == PixelFormat.RGB24) {
                    for (int channel = 0; channel < 3; channel++) {
                        assertPlane(data, channel, c[0], c[1], scaled.data(), channel, c[2], c[3], 3);
                    }
                } else {
                    assertPlane(data, 0, c[0], c[1], scaled.data(), 0, c[2], c[3], 1);
                    int[] h = {(c[0] + 1) / 2, (c[1] + 1) / 2, (c[2] + 1) / 2, (c[3] + 1) / 2};
                    for (int plane = 0; plane < 2; plane++) {
                        int from = c[0] * c[1] + plane * h[0] * h[1];
                        int to = c[2] * c[3] + plane * h[2] * h[3];
                        assertPlane(data, from, h[0], h[1], scaled.data(), to, h[2], h[3], 1);
                    }
                }
            }
        }
    }

    @Test
    void givesBackTheSameFrameIfItHasTheSizeAlready() {
        VideoFrame frame = pool.take(PixelFormat.RGB24, 4, 4, 7);
        assertSame(frame, PictureScaler.scale(frame, 4, 4, pool));
    }

    private static void assertPlane(
            byte[] from, int fromAt, int fromW, int fromH, byte[] to, int toAt, int w, int h, int step) {
        for (int y = 0; y < h; y++) {
            double sy = Math.max(0, Math.min(fromH - 1, (y + 0.5) * fromH / h - 0.5));
            int y0 = (int) sy;
            int y1 = Math.min(fromH - 1, y0 + 1);
            for (int x = 0; x < w; x++) {
                double sx = Math.max(0, Math.min(fromW - 1, (x + 0.5) * fromW / w - 0.5));
                int x0 = (int) sx;
                int x1 = Math.min(fromW - 1, x0 + 1);
                double top = mix(at(from, fromAt, fromW, x0, y0, step), at(from, fromAt, fromW, x1, y0, step), sx - x0);
                double low = mix(at(from, fromAt, fromW, x0, y1, step), at(from, fromAt, fromW, x1, y1, step), sx - x0);
                double exact = mix(top, low, sy - y0);
                double actual = at(to, toAt, w, x, y, step);
                // Half for rounding, the rest for positions of 8 bits under full contrast.
                assertTrue(Math.abs(exact - actual) <= 2.5, x + "," + y + ": " + actual + " instead of " + exact);
            }
        }
    }

    private static double mix(double a, double b, double weight) {
        return a * (1 - weight) + b * weight;
    }

    private static int at(byte[] data, int offset, int width, int x, int y, int step) {
        return data[offset + (y * width + x) * step] & 0xff;
    }
}
