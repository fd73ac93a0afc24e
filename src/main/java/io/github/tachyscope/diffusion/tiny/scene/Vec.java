package io.github.tachyscope.diffusion.tiny.scene;

/** A point or direction in a modelled scene: x to the right, y up, z away from the viewer. */
record Vec(float x, float y, float z) {
    Vec minus(Vec other) {
        return new Vec(x - other.x, y - other.y, z - other.z);
    }

    Vec cross(Vec other) {
        return new Vec(y * other.z - z * other.y, z * other.x - x * other.z, x * other.y - y * other.x);
    }

    Vec unit() {
        float length = Curve.root(x * x + y * y + z * z);
        return new Vec(x / length, y / length, z / length);
    }
}
