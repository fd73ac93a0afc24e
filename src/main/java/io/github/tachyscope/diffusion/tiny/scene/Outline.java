package io.github.tachyscope.diffusion.tiny.scene;

import java.util.Arrays;

/** A closed polygon, x and y in turn. */
final class Outline {
    private final float[] points;

    private Outline(float[] points) {
        this.points = points;
    }

    static Outline of(float... points) {
        return new Outline(points);
    }

    static Outline rectangle(float left, float top, float right, float bottom) {
        return of(left, top, right, top, right, bottom, left, bottom);
    }

    /** Starts an outline that is drawn corner by corner. */
    static Pen from(float x, float y) {
        return new Pen().to(x, y);
    }

    static Outline mirrored(float... half) {
        Pen pen = new Pen();
        for (int i = 0; i < half.length; i += 2) {
            pen.to(half[i], half[i + 1]);
        }
        return pen.mirrored();
    }

    static Outline regular(float x, float y, float radius, int corners, float turn) {
        return star(x, y, radius, radius, corners, turn);
    }

    /** Corners that lie on two circles in turn. */
    static Outline star(float x, float y, float outer, float inner, int rays, float turn) {
        float[] points = new float[rays * 4];
        for (int i = 0; i < rays * 2; i++) {
            float angle = turn + i * Curve.PI / rays;
            float radius = i % 2 == 0 ? outer : inner;
            points[2 * i] = x + radius * Curve.cos(angle);
            points[2 * i + 1] = y + radius * Curve.sin(angle);
        }
        return new Outline(points);
    }

    /** An ellipse with dents; {@code rough} is the share of the radius that varies. */
    static Outline blob(Dice dice, Box box, int corners, float rough) {
        float[] points = new float[corners * 2];
        float turn = dice.between(0, 6.28f);
        for (int i = 0; i < corners; i++) {
            float angle = turn + (i + dice.around(0.25f)) * 2 * Curve.PI / corners;
            float radius = 1 - dice.unit() * rough;
            points[2 * i] = (box.left() + box.right() + (box.right() - box.left()) * radius * Curve.cos(angle)) / 2;
            points[2 * i + 1] = (box.top() + box.bottom() + (box.bottom() - box.top()) * radius * Curve.sin(angle)) / 2;
        }
        return new Outline(points);
    }

    /** Cuts the corners this many times over; three rounds look like a curve. */
    Outline smooth(int rounds) {
        float[] from = points;
        for (int round = 0; round < rounds; round++) {
            int n = from.length;
            float[] cut = new float[n * 2];
            for (int i = 0; i < n; i += 2) {
                int next = (i + 2) % n;
                for (int axis = 0; axis < 2; axis++) {
                    float a = from[i + axis];
                    float b = from[next + axis];
                    cut[2 * i + axis] = a * 0.75f + b * 0.25f;
                    cut[2 * i + 2 + axis] = a * 0.25f + b * 0.75f;
                }
            }
            from = cut;
        }
        return new Outline(from);
    }

    Outline moved(float dx, float dy) {
        float[] moved = points.clone();
        for (int i = 0; i < moved.length; i += 2) {
            moved[i] += dx;
            moved[i + 1] += dy;
        }
        return new Outline(moved);
    }

    Box box() {
        float left = points[0];
        float right = points[0];
        float top = points[1];
        float bottom = points[1];
        for (int i = 2; i < points.length; i += 2) {
            left = Math.min(left, points[i]);
            right = Math.max(right, points[i]);
            top = Math.min(top, points[i + 1]);
            bottom = Math.max(bottom, points[i + 1]);
        }
        return new Box(left, top, right, bottom);
    }

    int corners() {
        return points.length / 2;
    }

    float x(int corner) {
        return points[2 * corner];
    }

    float y(int corner) {
        return points[2 * corner + 1];
    }

    /** Collects the corners of an outline. */
    static final class Pen {
        private float[] drawn = new float[24];
        private int length;

        private Pen() {}

        Pen to(float x, float y) {
            if (length + 2 > drawn.length) {
                drawn = Arrays.copyOf(drawn, length * 2);
            }
            drawn[length++] = x;
            drawn[length++] = y;
            return this;
        }

        /** What was drawn, x and y in turn, for {@link Canvas#trace}. */
        float[] line() {
            return Arrays.copyOf(drawn, length);
        }

        Outline closed() {
            return new Outline(Arrays.copyOf(drawn, length));
        }

        /** Closes with the mirror image on the other side of x = 0; what was drawn is one half, top to bottom. */
        Outline mirrored() {
            float[] all = Arrays.copyOf(drawn, length * 2);
            for (int i = 0; i < length; i += 2) {
                all[2 * length - 2 - i] = -drawn[i];
                all[2 * length - 1 - i] = drawn[i + 1];
            }
            return new Outline(all);
        }
    }
}
