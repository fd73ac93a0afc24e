package io.github.tachyscope.diffusion.tiny.style;

import java.util.SplittableRandom;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.pytorch.Tensor;

/** Pictures to filter, and what is left of them. */
final class Samples {
    private Samples() {}

    /** Coloured discs of all sizes on a gradient: edges in every direction, flat and shaded areas, lights and shadows. */
    static Tensor discs(long seed, int height, int width) {
        SplittableRandom random = new SplittableRandom(seed);
        float[] pixels = new float[3 * height * width];
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                put(pixels, height, width, x, y, 0.1f + 0.7f * x / width, 0.2f + 0.5f * y / height, 0.5f);
            }
        }
        for (int i = 0; i < 40; i++) {
            double middleX = random.nextDouble() * width;
            double middleY = random.nextDouble() * height;
            double radius = 2 + 20 * random.nextDouble() * random.nextDouble();
            float red = (float) random.nextDouble();
            float green = (float) random.nextDouble();
            float blue = (float) random.nextDouble();
            for (int y = 0; y < height; y++) {
                for (int x = 0; x < width; x++) {
                    double distance = Math.hypot(x - middleX, y - middleY) / radius;
                    if (distance < 1) {
                        float shade = (float) (1 - 0.6 * distance * distance);
                        put(pixels, height, width, x, y, red * shade, green * shade, blue * shade);
                    }
                }
            }
        }
        return Tensor.create(pixels, 1, 3, height, width);
    }

    static float[] values(Tensor tensor) {
        float[] values = new float[(int) tensor.numel()];
        try (Tensor dense = tensor.contiguous();
                FloatPointer pointer = new FloatPointer(dense.data_ptr())) {
            pointer.get(values);
        }
        return values;
    }

    static double meanDifference(Tensor left, Tensor right) {
        float[] a = values(left);
        float[] b = values(right);
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += Math.abs(a[i] - b[i]);
        }
        return sum / a.length;
    }

    private static void put(float[] pixels, int height, int width, int x, int y, float red, float green, float blue) {
        int at = y * width + x;
        pixels[at] = red;
        pixels[height * width + at] = green;
        pixels[2 * height * width + at] = blue;
    }
}
