package io.github.tachyscope.diffusion.tiny.scene;

/**
 * Paints anti-aliased shapes into planes of red, green and blue.
 *
 * <p>The canvas of a whole picture counts in pixels. {@link #placed} gives another canvas on the same pixels with its
 * own origin, unit, turn and handedness, so that a head or a tree is drawn in its own terms.
 */
final class Canvas {
    private final int width;
    private final int height;
    private final float[] pixels;
    private final float originX;
    private final float originY;
    private final float unit;
    private final float cos;
    private final float sin;
    private final float flip;

    Canvas(int width, int height) {
        this(width, height, new float[3 * width * height], 0, 0, 1, 1, 0, 1);
    }

    private Canvas(
            int width, int height, float[] pixels, float x, float y, float unit, float cos, float sin, float flip) {
        this.width = width;
        this.height = height;
        this.pixels = pixels;
        this.originX = x;
        this.originY = y;
        this.unit = unit;
        this.cos = cos;
        this.sin = sin;
        this.flip = flip;
    }

    /** The same pixels seen from (x, y), in units of {@code size}, turned clockwise. */
    Canvas placed(float x, float y, float size, float turn) {
        float c = (float) StrictMath.cos(turn * flip);
        float s = (float) StrictMath.sin(turn * flip);
        return new Canvas(
                width,
                height,
                pixels,
                pixelX(x, y),
                pixelY(x, y),
                unit * size,
                cos * c - sin * s,
                sin * c + cos * s,
                flip);
    }

    /** The same pixels with x growing to the other side. */
    Canvas flipped() {
        return new Canvas(width, height, pixels, originX, originY, unit, cos, sin, -flip);
    }

    int width() {
        return width;
    }

    int height() {
        return height;
    }

    /** Red, green and blue planes, shared by all canvases of this picture. */
    float[] pixels() {
        return pixels;
    }

    private float pixelX(float x, float y) {
        return originX + unit * (cos * flip * x - sin * y);
    }

    private float pixelY(float x, float y) {
        return originY + unit * (sin * flip * x + cos * y);
    }

    /** Covers the whole picture. */
    void fill(Paint paint) {
        Brush brush = new Brush(paint, 1);
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                brush.touch(x, y, 1);
            }
        }
    }

    void fill(Shape shape, Paint paint) {
        fill(shape, 0, 1, paint);
    }

    void fill(Shape shape, Rgb colour) {
        fill(shape, 0, 1, Paint.flat(colour));
    }

    /** Fills with an edge that is {@code blur} units wide; one pixel at least. */
    void fill(Shape shape, float blur, float opacity, Paint paint) {
        Box box = shape.box();
        Box grown = new Box(box.left() - blur, box.top() - blur, box.right() + blur, box.bottom() + blur);
        Window window = window(grown);
        Brush brush = new Brush(paint, opacity);
        float sharpness = 1 / Math.max(blur, 1 / unit);
        for (int y = window.top; y < window.bottom; y++) {
            for (int x = window.left; x < window.right; x++) {
                brush.locate(x, y);
                float cover = 0.5f - shape.distance(brush.x, brush.y) * sharpness;
                if (cover > 0) {
                    brush.paint(x, y, Math.min(1, cover));
                }
            }
        }
    }

    void fill(Outline outline, Rgb colour) {
        fill(outline, 1, Paint.flat(colour));
    }

    void fill(Outline outline, Paint paint) {
        fill(outline, 1, paint);
    }

    void fill(Outline outline, float opacity, Paint paint) {
        int n = outline.corners();
        float[] xs = new float[n + 1];
        float[] ys = new float[n + 1];
        for (int i = 0; i <= n; i++) {
            xs[i] = pixelX(outline.x(i % n), outline.y(i % n));
            ys[i] = pixelY(outline.x(i % n), outline.y(i % n));
        }
        Brush brush = new Brush(paint, opacity);
        ScanLines lines = new ScanLines(xs, ys, width);
        int last = Math.min(height, lines.bottom());
        for (int y = Math.max(0, lines.top()); y < last; y++) {
            lines.cover(y);
            for (int x = lines.from(); x < lines.to(); x++) {
                float cover = lines.take(x);
                if (cover > 0) {
                    brush.touch(x, y, cover);
                }
            }
        }
    }

    /** A line through the points, x and y in turn. */
    void trace(float[] points, float radius, Paint paint) {
        for (int i = 0; i + 3 < points.length; i += 2) {
            fill(Shape.stroke(points[i], points[i + 1], points[i + 2], points[i + 3], radius, radius), paint);
        }
    }

    /** How much of a colour lies over a point, 0 to 1. */
    @FunctionalInterface
    interface Veil {
        float at(float x, float y);
    }

    /** Lays a colour of varying thickness over a part of the picture: clouds, fog, blush. */
    void veil(Box box, Rgb colour, Veil veil) {
        Window window = window(box);
        Brush brush = new Brush(Paint.flat(colour), 1);
        for (int y = window.top; y < window.bottom; y++) {
            for (int x = window.left; x < window.right; x++) {
                brush.locate(x, y);
                float share = veil.at(brush.x, brush.y);
                if (share > 0) {
                    brush.paint(x, y, share);
                }
            }
        }
    }

    /** Adds light that fades towards the radius. */
    void glow(float x, float y, float radius, Rgb colour, float strength) {
        Window window = window(Box.around(x, y, radius, radius));
        Brush brush = new Brush(Paint.flat(colour), 1);
        int plane = width * height;
        for (int row = window.top; row < window.bottom; row++) {
            for (int column = window.left; column < window.right; column++) {
                brush.locate(column, row);
                float dx = (brush.x - x) / radius;
                float dy = (brush.y - y) / radius;
                float near = 1 - Curve.root(dx * dx + dy * dy);
                if (near > 0) {
                    float add = strength * near * near;
                    int at = row * width + column;
                    pixels[at] += add * colour.r();
                    pixels[at + plane] += add * colour.g();
                    pixels[at + 2 * plane] += add * colour.b();
                }
            }
        }
    }

    private Window window(Box box) {
        float left = Float.MAX_VALUE;
        float top = Float.MAX_VALUE;
        float right = -Float.MAX_VALUE;
        float bottom = -Float.MAX_VALUE;
        for (int corner = 0; corner < 4; corner++) {
            float x = (corner & 1) == 0 ? box.left() : box.right();
            float y = (corner & 2) == 0 ? box.top() : box.bottom();
            left = Math.min(left, pixelX(x, y));
            right = Math.max(right, pixelX(x, y));
            top = Math.min(top, pixelY(x, y));
            bottom = Math.max(bottom, pixelY(x, y));
        }
        return new Window(
                (int) Math.max(0, left - 1), (int) Math.max(0, top - 1), (int) Math.min(width, right + 2), (int)
                        Math.min(height, bottom + 2));
    }

    /** The pixels that a shape may touch. */
    private record Window(int left, int top, int right, int bottom) {}

    /** Finds the place of a pixel on this canvas and lays paint on it. */
    private final class Brush {
        private final Paint paint;
        private final float opacity;
        private final float[] colour = new float[3];
        private float x;
        private float y;

        Brush(Paint paint, float opacity) {
            this.paint = paint;
            this.opacity = opacity;
        }

        void locate(int column, int row) {
            float dx = (column + 0.5f - originX) / unit;
            float dy = (row + 0.5f - originY) / unit;
            x = (cos * dx + sin * dy) * flip;
            y = cos * dy - sin * dx;
        }

        void touch(int column, int row, float cover) {
            locate(column, row);
            paint(column, row, cover);
        }

        void paint(int column, int row, float cover) {
            paint.at(x, y, colour);
            float share = cover * opacity;
            int plane = width * height;
            int at = row * width + column;
            pixels[at] += (colour[0] - pixels[at]) * share;
            pixels[at + plane] += (colour[1] - pixels[at + plane]) * share;
            pixels[at + 2 * plane] += (colour[2] - pixels[at + 2 * plane]) * share;
        }
    }
}
