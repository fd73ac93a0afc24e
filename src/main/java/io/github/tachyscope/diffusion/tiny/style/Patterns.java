package io.github.tachyscope.diffusion.tiny.style;

import java.util.SplittableRandom;

/**
 * Screens, hatches and grains that repeat every 4, 8 or 16 pixels from the upper left corner of the picture.
 *
 * <p>A tile is computed once in Java and repeated over the canvas.
 */
final class Patterns {
    private static final int GRAIN = 16;
    private static final float[] NOISE = noise();
    private static final float[] BRISTLES = bristles();

    private Patterns() {}

    /** The value of a tile at a pixel. */
    interface Cell {
        double at(int x, int y);
    }

    static Canvas tiled(Canvas like, int period, Cell cell) {
        float[] values = new float[period * period];
        for (int y = 0; y < period; y++) {
            for (int x = 0; x < period; x++) {
                values[y * period + x] = (float) cell.at(x, y);
            }
        }
        return repeated(like, period, values);
    }

    /** Paper grain: band-passed noise with zero mean and unit variance, period 16. */
    static Canvas grain(Canvas like) {
        return repeated(like, GRAIN, NOISE);
    }

    /** Grain drawn out along the falling diagonal, like the marks of a brush; zero mean and unit variance, period 16. */
    static Canvas bristles(Canvas like) {
        return repeated(like, GRAIN, BRISTLES);
    }

    /** Lines along the rising diagonal: 0 between lines and 1 in the middle of a line, period 8. */
    static Canvas risingHatch(Canvas like) {
        return tiled(like, 8, (x, y) -> wave(x + y, 8));
    }

    static Canvas fallingHatch(Canvas like) {
        return tiled(like, 8, (x, y) -> wave(x - y, 8));
    }

    /** Two pixels down for one across. */
    static Canvas steepHatch(Canvas like) {
        return tiled(like, 8, (x, y) -> wave(2 * x + y, 8));
    }

    /** A cosine over rows of period 4 between -1 and 1. */
    static Canvas scanLines(Canvas like) {
        return tiled(like, 4, (x, y) -> Math.cos(Math.PI * y / 2));
    }

    /** Two rows bright, two rows dark: 1 and -1. */
    static Canvas hardScanLines(Canvas like) {
        return tiled(like, 4, (x, y) -> y < 2 ? 1 : -1);
    }

    /** Threads over and under each other, between -1 and 1, period 4. */
    static Canvas weave(Canvas like) {
        return tiled(like, 4, (x, y) -> (x / 2 + y / 2) % 2 == 0 ? (y % 2 == 0 ? 1 : -0.4) : (x % 2 == 0 ? 0.4 : -1));
    }

    /** Distance in pixels from the middle of the nearest point of a square lattice of period 8. */
    static Canvas distance(Canvas like, double middleX, double middleY) {
        return tiled(like, 8, (x, y) -> Math.hypot(nearest(x - middleX, 8), nearest(y - middleY, 8)));
    }

    /** The offset to the nearest multiple of the period. */
    static double nearest(double offset, int period) {
        return offset - period * Math.rint(offset / period);
    }

    private static double wave(int phase, int period) {
        return 0.5 + 0.5 * Math.cos(2 * Math.PI * phase / period);
    }

    private static Canvas repeated(Canvas like, int period, float[] tile) {
        Canvas small = like.constant(tile, 1, 1, period, period);
        return new Canvas(small.pixels().repeat(1, 1, like.height() / period, like.width() / period));
    }

    private static double[] white() {
        double[] values = new double[GRAIN * GRAIN];
        SplittableRandom random = new SplittableRandom(20);
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextDouble() - 0.5;
        }
        return values;
    }

    private static float[] noise() {
        double[] white = white();
        double[] fine = smoothed(smoothed(white, 1, 0, 1), 0, 1, 1);
        double[] coarse = smoothed(smoothed(fine, 1, 0, 3), 0, 1, 3);
        for (int i = 0; i < fine.length; i++) {
            fine[i] -= coarse[i];
        }
        return normalised(fine);
    }

    private static float[] bristles() {
        double[] strokes = smoothed(white(), 1, 1, 4);
        double[] coarse = smoothed(smoothed(strokes, 1, 0, 3), 0, 1, 3);
        for (int i = 0; i < strokes.length; i++) {
            strokes[i] -= coarse[i];
        }
        return normalised(smoothed(strokes, 1, 0, 1));
    }

    /** Mean along a direction with a triangular window that wraps round. */
    private static double[] smoothed(double[] tile, int stepX, int stepY, int reach) {
        double[] result = new double[tile.length];
        for (int i = 0; i < tile.length; i++) {
            double sum = 0;
            for (int k = -reach; k <= reach; k++) {
                int x = Math.floorMod(i % GRAIN + k * stepX, GRAIN);
                int y = Math.floorMod(i / GRAIN + k * stepY, GRAIN);
                sum += tile[y * GRAIN + x] * (reach + 1 - Math.abs(k));
            }
            result[i] = sum / ((reach + 1) * (reach + 1));
        }
        return result;
    }

    private static float[] normalised(double[] tile) {
        double mean = 0;
        for (double value : tile) {
            mean += value / tile.length;
        }
        double variance = 0;
        for (double value : tile) {
            variance += (value - mean) * (value - mean) / tile.length;
        }
        float[] result = new float[tile.length];
        for (int i = 0; i < tile.length; i++) {
            result[i] = (float) ((tile[i] - mean) / Math.sqrt(variance));
        }
        return result;
    }
}
