package io.github.tachyscope.diffusion.tiny.scene;

/**
 * Renders a {@link Solid} by stepping along each ray as far as the distance to the nearest surface allows, with soft
 * shadows, ambient occlusion, fog and depth of field.
 */
final class RayMarcher {
    /** Steps of one ray; where a ray that grazes a surface longer has come near enough, it counts as a hit. */
    private static final int STEPS = 130;

    /** A ray has hit when this much of its way is left. */
    private static final float HIT = 0.0001f;

    private static final int SHADOW_STEPS = 72;
    private static final float FAR = 26;
    /** Neighbours that differ by more than this are an edge and looked at four more times. */
    private static final float EDGE = 0.07f;

    private final Solid solid;
    private final Shot shot;
    private final Canvas canvas;
    private final int size;
    private final Vec ahead;
    private final Vec right;
    private final Vec up;

    private RayMarcher(Solid solid, Shot shot, Canvas canvas) {
        this.solid = solid;
        this.shot = shot;
        this.canvas = canvas;
        size = canvas.width();
        ahead = shot.target().minus(shot.eye()).unit();
        right = new Vec(0, 1, 0).cross(ahead).unit();
        up = ahead.cross(right);
    }

    static void render(Solid solid, Shot shot, Canvas canvas) {
        RayMarcher marcher = new RayMarcher(solid, shot, canvas);
        float[] depths = marcher.look();
        marcher.smoothEdges();
        if (shot.aperture() > 0) {
            DepthOfField.apply(canvas, depths, shot.focus(), shot.aperture());
        }
    }

    private float[] look() {
        float[] depths = new float[size * size];
        float[] colour = new float[3];
        for (int y = 0; y < size; y++) {
            for (int x = 0; x < size; x++) {
                int at = y * size + x;
                depths[at] = look(x + 0.5f, y + 0.5f, colour);
                put(at, colour);
            }
        }
        return depths;
    }

    private void put(int at, float[] colour) {
        int plane = size * size;
        for (int channel = 0; channel < 3; channel++) {
            canvas.pixels()[at + channel * plane] = colour[channel];
        }
    }

    private void smoothEdges() {
        float[] before = canvas.pixels().clone();
        float[] colour = new float[3];
        for (int y = 1; y + 1 < size; y++) {
            for (int x = 1; x + 1 < size; x++) {
                int at = y * size + x;
                if (!edge(before, at)) {
                    continue;
                }
                float[] sum = new float[3];
                for (int corner = 0; corner < 4; corner++) {
                    look(x + 0.25f + 0.5f * (corner & 1), y + 0.25f + 0.5f * (corner >> 1), colour);
                    for (int channel = 0; channel < 3; channel++) {
                        sum[channel] += colour[channel] * 0.25f;
                    }
                }
                put(at, sum);
            }
        }
    }

    private boolean edge(float[] pixels, int at) {
        int plane = size * size;
        for (int i = at; i < 3 * plane; i += plane) {
            if (Math.abs(pixels[i - 1] - pixels[i + 1]) > EDGE
                    || Math.abs(pixels[i - size] - pixels[i + size]) > EDGE) {
                return true;
            }
        }
        return false;
    }

    /** The colour that reaches a point of the picture, and from how far. */
    private float look(float pixelX, float pixelY, float[] colour) {
        float u = (pixelX / size * 2 - 1) / shot.zoom();
        float v = (1 - pixelY / size * 2) / shot.zoom();
        float dx = ahead.x() + u * right.x() + v * up.x();
        float dy = ahead.y() + u * right.y() + v * up.y();
        float dz = ahead.z() + u * right.z() + v * up.z();
        float length = Curve.root(dx * dx + dy * dy + dz * dz);
        dx /= length;
        dy /= length;
        dz /= length;
        Vec eye = shot.eye();
        float t = march(eye.x(), eye.y(), eye.z(), dx, dy, dz);
        background(dy, colour);
        if (t >= FAR) {
            return FAR;
        }
        float clear = 1 / (1 + shot.fog() * t + shot.fog() * t * shot.fog() * t);
        float r = colour[0];
        float g = colour[1];
        float b = colour[2];
        surface(eye.x() + t * dx, eye.y() + t * dy, eye.z() + t * dz, dx, dy, dz, t, colour);
        colour[0] = Curve.mix(r, colour[0], clear);
        colour[1] = Curve.mix(g, colour[1], clear);
        colour[2] = Curve.mix(b, colour[2], clear);
        return t;
    }

    private float march(float x, float y, float z, float dx, float dy, float dz) {
        float t = 0.05f;
        float last = FAR;
        for (int step = 0; step < STEPS && t < FAR; step++) {
            float near = solid.distance(x + t * dx, y + t * dy, z + t * dz);
            if (near < HIT * t) {
                return t + near;
            }
            last = near;
            t += near;
        }
        return last < 20 * HIT * t ? t : FAR;
    }

    private void background(float dy, float[] colour) {
        float share = Curve.step(-0.05f, 0.6f, dy);
        colour[0] = Curve.mix(shot.haze().r(), shot.sky().r(), share);
        colour[1] = Curve.mix(shot.haze().g(), shot.sky().g(), share);
        colour[2] = Curve.mix(shot.haze().b(), shot.sky().b(), share);
    }

    private void surface(float x, float y, float z, float dx, float dy, float dz, float t, float[] colour) {
        float e = 0.0012f * t + 0.0006f;
        float a = solid.distance(x + e, y - e, z - e);
        float b = solid.distance(x - e, y - e, z + e);
        float c = solid.distance(x - e, y + e, z - e);
        float d = solid.distance(x + e, y + e, z + e);
        float nx = a - b - c + d;
        float ny = -a - b + c + d;
        float nz = -a + b - c + d;
        float length = Curve.root(nx * nx + ny * ny + nz * nz) + 1e-9f;
        nx /= length;
        ny /= length;
        nz /= length;
        solid.colour(x, y, z, colour);
        Vec sun = shot.sun();
        float cosine = nx * sun.x() + ny * sun.y() + nz * sun.z();
        float lift = 0.004f + 0.004f * t;
        float ox = x + nx * lift;
        float oy = y + ny * lift;
        float oz = z + nz * lift;
        float lit = cosine <= 0 ? 0 : cosine * openness(ox, oy, oz);
        float ambient = (0.55f + 0.45f * ny) * occlusion(x, y, z, nx, ny, nz);
        float back = 2 * (dx * nx + dy * ny + dz * nz);
        float half = (dx - back * nx) * sun.x() + (dy - back * ny) * sun.y() + (dz - back * nz) * sun.z();
        float squared = Math.max(0, half) * Math.max(0, half);
        float spark = 0.25f * lit * squared * squared * squared * squared * squared * squared;
        colour[0] = colour[0] * (shot.sunlight().r() * lit + shot.sky().r() * ambient) + spark;
        colour[1] = colour[1] * (shot.sunlight().g() * lit + shot.sky().g() * ambient) + spark;
        colour[2] = colour[2] * (shot.sunlight().b() * lit + shot.sky().b() * ambient) + spark;
    }

    /** How much of a wide sun is seen, from how narrowly the ray towards it misses things. */
    private float openness(float x, float y, float z) {
        Vec sun = shot.sun();
        float open = 1;
        float t = 0.02f;
        for (int step = 0; step < SHADOW_STEPS && t < 7; step++) {
            float near = solid.distance(x + t * sun.x(), y + t * sun.y(), z + t * sun.z());
            open = Math.min(open, 9 * near / t);
            if (open < 0.005f) {
                return 0;
            }
            t += Math.max(0.02f, Math.min(0.3f, near * 0.35f));
        }
        return Curve.step(0, 1, open);
    }

    /** Nearness of other surfaces above this one keeps light away. */
    private float occlusion(float x, float y, float z, float nx, float ny, float nz) {
        float missing = 0;
        float weight = 1;
        for (int i = 1; i <= 4; i++) {
            float out = 0.06f * i * i * 0.6f;
            missing += weight * Math.max(0, out - solid.distance(x + nx * out, y + ny * out, z + nz * out));
            weight *= 0.7f;
        }
        return Curve.clamp(1 - 1.3f * missing);
    }
}
