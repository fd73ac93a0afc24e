package io.github.tachyscope.diffusion.tiny.scene;

/** A form known by the signed distance to its edge, negative inside, so that any edge can be sharp or soft. */
interface Shape {
    float distance(float x, float y);

    Box box();

    static Shape circle(float x, float y, float radius) {
        return new Ellipse(x, y, radius, radius);
    }

    static Shape ellipse(float x, float y, float radiusX, float radiusY) {
        return new Ellipse(x, y, radiusX, radiusY);
    }

    static Shape rectangle(float left, float top, float right, float bottom) {
        return new Slab(new Box(left, top, right, bottom), 0);
    }

    static Shape rounded(float left, float top, float right, float bottom, float radius) {
        return new Slab(new Box(left, top, right, bottom), radius);
    }

    static Shape ring(float x, float y, float radius, float halfWidth) {
        return new Ring(x, y, radius, halfWidth);
    }

    /** A stroke whose radius goes from {@code startRadius} to {@code endRadius}. */
    static Shape stroke(float x0, float y0, float x1, float y1, float startRadius, float endRadius) {
        return new Stroke(x0, y0, x1, y1, startRadius, endRadius);
    }

    record Ellipse(float x, float y, float radiusX, float radiusY) implements Shape {
        @Override
        public float distance(float px, float py) {
            float u = (px - x) / radiusX;
            float v = (py - y) / radiusY;
            float k = Curve.root(u * u + v * v);
            float slope = Curve.root(u * u / (radiusX * radiusX) + v * v / (radiusY * radiusY));
            return slope < 1e-9f ? -Math.min(radiusX, radiusY) : k * (k - 1) / slope;
        }

        @Override
        public Box box() {
            return Box.around(x, y, radiusX, radiusY);
        }
    }

    /** A rectangle with rounded corners. */
    record Slab(Box box, float radius) implements Shape {
        @Override
        public float distance(float px, float py) {
            float dx = Math.max(box.left() - px, px - box.right()) + radius;
            float dy = Math.max(box.top() - py, py - box.bottom()) + radius;
            if (dx <= 0 || dy <= 0) {
                return Math.max(dx, dy) - radius;
            }
            return Curve.root(dx * dx + dy * dy) - radius;
        }
    }

    /** The edge of another shape, drawn with a pen. */
    record Rim(Shape shape, float halfWidth) implements Shape {
        @Override
        public float distance(float px, float py) {
            return Math.abs(shape.distance(px, py)) - halfWidth;
        }

        @Override
        public Box box() {
            Box box = shape.box();
            return new Box(
                    box.left() - halfWidth, box.top() - halfWidth, box.right() + halfWidth, box.bottom() + halfWidth);
        }
    }

    record Ring(float x, float y, float radius, float halfWidth) implements Shape {
        @Override
        public float distance(float px, float py) {
            float dx = px - x;
            float dy = py - y;
            return Math.abs(Curve.root(dx * dx + dy * dy) - radius) - halfWidth;
        }

        @Override
        public Box box() {
            return Box.around(x, y, radius + halfWidth, radius + halfWidth);
        }
    }

    record Stroke(float x0, float y0, float x1, float y1, float startRadius, float endRadius) implements Shape {
        @Override
        public float distance(float px, float py) {
            float ax = x1 - x0;
            float ay = y1 - y0;
            float t = Curve.clamp(((px - x0) * ax + (py - y0) * ay) / (ax * ax + ay * ay + 1e-9f));
            float dx = px - x0 - t * ax;
            float dy = py - y0 - t * ay;
            return Curve.root(dx * dx + dy * dy) - Curve.mix(startRadius, endRadius, t);
        }

        @Override
        public Box box() {
            float reach = Math.max(startRadius, endRadius);
            return new Box(
                    Math.min(x0, x1) - reach,
                    Math.min(y0, y1) - reach,
                    Math.max(x0, x1) + reach,
                    Math.max(y0, y1) + reach);
        }
    }
}
