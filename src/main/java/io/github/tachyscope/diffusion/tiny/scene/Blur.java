package io.github.tachyscope.diffusion.tiny.scene;

/** Softens planes of pixels; beyond the border the last pixel repeats. */
final class Blur {
    private Blur() {}

    /** Two box filters of this radius each way: the out-of-focus look of a background. */
    static void box(float[] pixels, int width, int height, int radius) {
        if (radius < 1) {
            return;
        }
        float[] line = new float[Math.max(width, height)];
        for (int plane = 0; plane < 3; plane++) {
            int start = plane * width * height;
            for (int pass = 0; pass < 2; pass++) {
                for (int y = 0; y < height; y++) {
                    mean(pixels, start + y * width, 1, width, radius, line);
                }
                for (int x = 0; x < width; x++) {
                    mean(pixels, start + x, width, height, radius, line);
                }
            }
        }
    }

    private static void mean(float[] pixels, int start, int stride, int length, int radius, float[] line) {
        for (int i = 0; i < length; i++) {
            line[i] = pixels[start + i * stride];
        }
        float sum = 0;
        for (int i = -radius; i <= radius; i++) {
            sum += line[Math.max(0, Math.min(length - 1, i))];
        }
        float share = 1f / (2 * radius + 1);
        for (int i = 0; i < length; i++) {
            pixels[start + i * stride] = sum * share;
            sum += line[Math.min(length - 1, i + radius + 1)] - line[Math.max(0, i - radius)];
        }
    }

    /** Each pixel gives this share to both neighbours of its row, then of its column. */
    static void slight(float[] pixels, int width, int height, float share) {
        for (int plane = 0; plane < 3; plane++) {
            int start = plane * width * height;
            for (int y = 0; y < height; y++) {
                weigh(pixels, start + y * width, 1, width, share);
            }
            for (int x = 0; x < width; x++) {
                weigh(pixels, start + x, width, height, share);
            }
        }
    }

    private static void weigh(float[] pixels, int start, int stride, int length, float share) {
        float before = pixels[start];
        for (int i = 0; i < length; i++) {
            int at = start + i * stride;
            float here = pixels[at];
            float after = i + 1 < length ? pixels[at + stride] : here;
            pixels[at] = here + share * (before + after - 2 * here);
            before = here;
        }
    }
}
