package io.github.tachyscope.diffusion.tiny.scene;

/** How much of each pixel of a row lies inside a polygon, even-odd. */
final class ScanLines {
    /** Lines per row of pixels; along a line the coverage is exact. */
    private static final int SUBROWS = 4;

    private final float[] xs;
    private final float[] ys;
    private final int width;
    private final float[] cover;
    private final float[] crossings;
    private int from;
    private int to;

    /** Corners in pixels; the last one repeats the first. */
    ScanLines(float[] xs, float[] ys, int width) {
        this.xs = xs;
        this.ys = ys;
        this.width = width;
        this.cover = new float[width + 1];
        this.crossings = new float[xs.length];
    }

    int top() {
        float top = ys[0];
        for (float y : ys) {
            top = Math.min(top, y);
        }
        return (int) top;
    }

    /** The row after the last one. */
    int bottom() {
        float bottom = ys[0];
        for (float y : ys) {
            bottom = Math.max(bottom, y);
        }
        return (int) (bottom + 1);
    }

    /** Measures a row; what it touches lies from {@link #from} to before {@link #to}. */
    void cover(int row) {
        from = width;
        to = 0;
        for (int sub = 0; sub < SUBROWS; sub++) {
            int count = cross(row + (sub + 0.5f) / SUBROWS);
            for (int i = 0; i + 1 < count; i += 2) {
                float left = Math.max(0, crossings[i]);
                float right = Math.min(width, crossings[i + 1]);
                if (right > left) {
                    from = Math.min(from, (int) left);
                    to = Math.max(to, Math.min(width, (int) right + 1));
                    add(left, right);
                }
            }
        }
    }

    int from() {
        return from;
    }

    int to() {
        return to;
    }

    /** The coverage of a pixel, 0 to 1; every pixel of a row is taken once. */
    float take(int column) {
        float share = cover[column];
        cover[column] = 0;
        return Math.min(1, share);
    }

    private void add(float left, float right) {
        int first = (int) left;
        int last = (int) right;
        if (first == last) {
            cover[first] += (right - left) / SUBROWS;
            return;
        }
        cover[first] += (first + 1 - left) / SUBROWS;
        for (int x = first + 1; x < last; x++) {
            cover[x] += 1f / SUBROWS;
        }
        if (last < width) {
            cover[last] += (right - last) / SUBROWS;
        }
    }

    /** Finds where the edges meet a line, in order. */
    private int cross(float y) {
        int count = 0;
        for (int i = 0; i + 1 < xs.length; i++) {
            if (ys[i] <= y != ys[i + 1] <= y) {
                float x = xs[i] + (y - ys[i]) / (ys[i + 1] - ys[i]) * (xs[i + 1] - xs[i]);
                int at = count++;
                for (; at > 0 && crossings[at - 1] > x; at--) {
                    crossings[at] = crossings[at - 1];
                }
                crossings[at] = x;
            }
        }
        return count;
    }
}
