package io.github.tachyscope.diffusion.tiny.scene;

/** Modelled things as one signed distance, negative inside, with a colour on every point of the surface. */
interface Solid {
    float distance(float x, float y, float z);

    void colour(float x, float y, float z, float[] rgb);

    static float ball(float x, float y, float z, float radius) {
        return Curve.root(x * x + y * y + z * z) - radius;
    }

    static float ellipsoid(float x, float y, float z, float radiusX, float radiusY, float radiusZ) {
        float u = x / radiusX;
        float v = y / radiusY;
        float w = z / radiusZ;
        float k = Curve.root(u * u + v * v + w * w);
        u /= radiusX;
        v /= radiusY;
        w /= radiusZ;
        return k * (k - 1) / (Curve.root(u * u + v * v + w * w) + 1e-6f);
    }

    static float block(float x, float y, float z, float halfX, float halfY, float halfZ, float round) {
        float dx = Math.abs(x) - halfX + round;
        float dy = Math.abs(y) - halfY + round;
        float dz = Math.abs(z) - halfZ + round;
        float ox = Math.max(0, dx);
        float oy = Math.max(0, dy);
        float oz = Math.max(0, dz);
        float inside = Math.min(0, Math.max(dx, Math.max(dy, dz)));
        return Curve.root(ox * ox + oy * oy + oz * oz) + inside - round;
    }

    /** A ring around the y axis. */
    static float torus(float x, float y, float z, float radius, float thickness) {
        float out = Curve.root(x * x + z * z) - radius;
        return Curve.root(out * out + y * y) - thickness;
    }

    /** A round bar along the y axis. */
    static float cylinder(float x, float y, float z, float radius, float half) {
        float out = Curve.root(x * x + z * z) - radius;
        float end = Math.abs(y) - half;
        float beyondX = Math.max(0, out);
        float beyondY = Math.max(0, end);
        return Math.min(0, Math.max(out, end)) + Curve.root(beyondX * beyondX + beyondY * beyondY);
    }

    /** Two distances as one body with a fillet of this radius. */
    static float blend(float a, float b, float radius) {
        float h = Math.max(0, radius - Math.abs(a - b)) / radius;
        return Math.min(a, b) - h * h * radius * 0.25f;
    }

    /** A limb between two joints. */
    record Bone(Vec from, Vec to, float fromRadius, float toRadius) {
        float distance(float x, float y, float z) {
            float ax = to.x() - from.x();
            float ay = to.y() - from.y();
            float az = to.z() - from.z();
            float px = x - from.x();
            float py = y - from.y();
            float pz = z - from.z();
            float t = Curve.clamp((px * ax + py * ay + pz * az) / (ax * ax + ay * ay + az * az));
            return ball(px - ax * t, py - ay * t, pz - az * t, Curve.mix(fromRadius, toRadius, t));
        }
    }
}
