package io.github.tachyscope.diffusion.tiny.scene;

/** A colour for every point, in the units of the canvas that is painted on. */
interface Paint {
    /** Writes red, green and blue. */
    void at(float x, float y, float[] rgb);

    static Paint flat(Rgb colour) {
        return (x, y, rgb) -> put(colour, rgb);
    }

    /** From one colour to another along y. */
    static Paint down(float fromY, Rgb from, float toY, Rgb to) {
        return gradient(0, fromY, from, 0, toY, to);
    }

    static Paint gradient(float x0, float y0, Rgb from, float x1, float y1, Rgb to) {
        float ax = x1 - x0;
        float ay = y1 - y0;
        float length = ax * ax + ay * ay + 1e-9f;
        return (x, y, rgb) -> {
            float t = Curve.clamp(((x - x0) * ax + (y - y0) * ay) / length);
            rgb[0] = Curve.mix(from.r(), to.r(), t);
            rgb[1] = Curve.mix(from.g(), to.g(), t);
            rgb[2] = Curve.mix(from.b(), to.b(), t);
        };
    }

    /** This paint on an ellipsoid that fills the box, under a light. */
    default Paint lit(Box box, Light light) {
        float centreX = (box.left() + box.right()) / 2;
        float centreY = (box.top() + box.bottom()) / 2;
        float scaleX = 2 / (box.right() - box.left());
        float scaleY = 2 / (box.bottom() - box.top());
        return (x, y, rgb) -> {
            at(x, y, rgb);
            light.shade((x - centreX) * scaleX, (y - centreY) * scaleY, rgb);
        };
    }

    /** This paint mixed with one colour, as haze or a tint does. */
    default Paint mixed(Rgb colour, float share) {
        return (x, y, rgb) -> {
            at(x, y, rgb);
            rgb[0] = Curve.mix(rgb[0], colour.r(), share);
            rgb[1] = Curve.mix(rgb[1], colour.g(), share);
            rgb[2] = Curve.mix(rgb[2], colour.b(), share);
        };
    }

    default Paint times(Rgb light) {
        return (x, y, rgb) -> {
            at(x, y, rgb);
            rgb[0] *= light.r();
            rgb[1] *= light.g();
            rgb[2] *= light.b();
        };
    }

    private static void put(Rgb colour, float[] rgb) {
        rgb[0] = colour.r();
        rgb[1] = colour.g();
        rgb[2] = colour.b();
    }
}
