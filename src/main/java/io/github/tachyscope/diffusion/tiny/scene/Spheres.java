package io.github.tachyscope.diffusion.tiny.scene;

/** Ray-traced balls on a floor with soft shadows and reflections. */
final class Spheres {
    private final Dice dice;
    private final Canvas canvas;
    private final int count;
    private final float[] centreX;
    private final float[] centreZ;
    private final float[] radius;
    private final float[] mirror;
    private final float[] gloss;
    private final Paint[] skins;
    private final Paint floor;
    private final float floorMirror;
    private final Rgb zenith;
    private final Rgb haze;
    private final float[] sun;
    private final float ambient;
    private final float shadowSharpness;
    private final float eyeY;
    private final float pitch;
    private final float zoom;
    private final float floorFade;

    private Spheres(Canvas canvas, Dice dice) {
        this.canvas = canvas;
        this.dice = dice;
        count = dice.from(1, 7);
        centreX = new float[count];
        centreZ = new float[count];
        radius = new float[count];
        mirror = new float[count];
        gloss = new float[count];
        skins = new Paint[count];
        place();
        Rgb ground = Rgb.any(dice);
        Rgb other = Rgb.any(dice);
        floor = switch (dice.below(4)) {
            case 0 -> Paint.flat(ground);
            case 1 -> Textures.checker(dice, dice.between(0.6f, 1.6f), ground, other);
            default -> Textures.any(dice, dice.between(0.8f, 3), ground, other);
        };
        floorMirror = dice.chance(0.3f) ? dice.between(0.1f, 0.5f) : 0;
        zenith = Rgb.any(dice);
        haze = zenith.mix(dice.chance(0.5f) ? Rgb.WHITE : Rgb.any(dice), dice.between(0.2f, 0.8f));
        float x = dice.around(1);
        float y = dice.between(0.5f, 1.4f);
        float z = dice.between(-1.2f, 0.2f);
        float length = Curve.root(x * x + y * y + z * z);
        sun = new float[] {x / length, y / length, z / length};
        ambient = dice.between(0.15f, 0.45f);
        shadowSharpness = dice.between(2, 14);
        eyeY = dice.between(0.7f, 2.6f);
        pitch = dice.between(0.05f, 0.45f);
        zoom = dice.between(1, 1.9f);
        floorFade = dice.between(0.01f, 0.06f);
    }

    static String paint(Canvas canvas, Dice dice) {
        Spheres scene = new Spheres(canvas, dice);
        scene.render();
        return scene.count == 1 ? "a ball on a floor" : dice.pick("balls on a floor", "shiny spheres", "marbles");
    }

    private void place() {
        for (int i = 0; i < count; i++) {
            radius[i] = dice.between(0.35f, 1);
            for (int attempt = 0; attempt < 12; attempt++) {
                centreX[i] = dice.around(1.9f);
                centreZ[i] = dice.between(2.4f, 5.5f);
                if (free(i)) {
                    break;
                }
            }
            mirror[i] = dice.chance(0.35f) ? dice.between(0.15f, 0.85f) : 0;
            gloss[i] = dice.chance(0.7f) ? dice.between(0.2f, 1) : 0;
            Rgb skin = Rgb.any(dice);
            skins[i] = dice.chance(0.5f)
                    ? Paint.flat(skin)
                    : Textures.any(dice, radius[i] * dice.between(0.4f, 1.4f), skin, Rgb.any(dice));
        }
    }

    private boolean free(int ball) {
        for (int i = 0; i < ball; i++) {
            float dx = centreX[i] - centreX[ball];
            float dz = centreZ[i] - centreZ[ball];
            float apart = radius[i] + radius[ball];
            if (dx * dx + dz * dz < apart * apart) {
                return false;
            }
        }
        return true;
    }

    private void render() {
        int size = canvas.width();
        int plane = size * size;
        float[] pixels = canvas.pixels();
        int[] hits = new int[plane];
        float[] colour = new float[3];
        for (int y = 0; y < size; y++) {
            for (int x = 0; x < size; x++) {
                int at = y * size + x;
                hits[at] = look(x + 0.5f, y + 0.5f, colour);
                for (int channel = 0; channel < 3; channel++) {
                    pixels[at + channel * plane] = colour[channel];
                }
            }
        }
        for (int y = 1; y + 1 < size; y++) {
            for (int x = 1; x + 1 < size; x++) {
                int at = y * size + x;
                if (hits[at] != hits[at - 1]
                        || hits[at] != hits[at + 1]
                        || hits[at] != hits[at - size]
                        || hits[at] != hits[at + size]) {
                    refine(x, y, colour);
                }
            }
        }
    }

    /** An edge pixel is the mean of four looks. */
    private void refine(int x, int y, float[] colour) {
        int size = canvas.width();
        float[] sum = new float[3];
        for (int corner = 0; corner < 4; corner++) {
            look(x + 0.25f + 0.5f * (corner & 1), y + 0.25f + 0.5f * (corner >> 1), colour);
            for (int channel = 0; channel < 3; channel++) {
                sum[channel] += colour[channel] * 0.25f;
            }
        }
        for (int channel = 0; channel < 3; channel++) {
            canvas.pixels()[y * size + x + channel * size * size] = sum[channel];
        }
    }

    private int look(float x, float y, float[] colour) {
        float size = canvas.width();
        float dx = (x / size - 0.5f) * 2 / zoom;
        float up = (0.5f - y / size) * 2 / zoom;
        float dy = up - pitch;
        float dz = 1 + up * pitch;
        float length = Curve.root(dx * dx + dy * dy + dz * dz);
        return trace(0, eyeY, 0, dx / length, dy / length, dz / length, 1, colour);
    }

    /** The colour along a ray; says what it met: a ball, the floor (-1) or the sky (-2). */
    private int trace(float ox, float oy, float oz, float dx, float dy, float dz, int bounces, float[] colour) {
        float nearest = dy < -1e-4f ? -oy / dy : 1e9f;
        int met = dy < -1e-4f ? -1 : -2;
        for (int i = 0; i < count; i++) {
            float reach = reach(i, ox, oy, oz, dx, dy, dz);
            if (reach < nearest) {
                nearest = reach;
                met = i;
            }
        }
        if (met == -2) {
            sky(dy, colour);
            return met;
        }
        float px = ox + dx * nearest;
        float py = oy + dy * nearest;
        float pz = oz + dz * nearest;
        if (met == -1) {
            floor.at(px, pz, colour);
            shade(px, 0, pz, 0, 1, 0, dx, dy, dz, 0, colour);
            reflect(px, 1e-3f, pz, dx, -dy, dz, floorMirror, bounces, colour);
            float fade = 1 - 1 / (1 + nearest * nearest * floorFade * floorFade);
            colour[0] = Curve.mix(colour[0], haze.r(), fade);
            colour[1] = Curve.mix(colour[1], haze.g(), fade);
            colour[2] = Curve.mix(colour[2], haze.b(), fade);
            return met;
        }
        float nx = (px - centreX[met]) / radius[met];
        float ny = (py - radius[met]) / radius[met];
        float nz = (pz - centreZ[met]) / radius[met];
        skins[met].at(nx * radius[met] + nz * 0.4f, ny * radius[met] + nz * 0.3f, colour);
        shade(px, py, pz, nx, ny, nz, dx, dy, dz, gloss[met], colour);
        float back = 2 * (dx * nx + dy * ny + dz * nz);
        float out = 1e-3f;
        reflect(
                px + nx * out,
                py + ny * out,
                pz + nz * out,
                dx - back * nx,
                dy - back * ny,
                dz - back * nz,
                mirror[met],
                bounces,
                colour);
        return met;
    }

    private float reach(int i, float ox, float oy, float oz, float dx, float dy, float dz) {
        float x = centreX[i] - ox;
        float y = radius[i] - oy;
        float z = centreZ[i] - oz;
        float along = x * dx + y * dy + z * dz;
        float miss = x * x + y * y + z * z - along * along;
        float inside = radius[i] * radius[i] - miss;
        if (along <= 0 || inside <= 0) {
            return Float.MAX_VALUE;
        }
        float reach = along - Curve.root(inside);
        return reach > 1e-3f ? reach : Float.MAX_VALUE;
    }

    private void reflect(
            float x, float y, float z, float dx, float dy, float dz, float share, int bounces, float[] colour) {
        if (share == 0 || bounces == 0) {
            return;
        }
        float r = colour[0];
        float g = colour[1];
        float b = colour[2];
        trace(x, y, z, dx, dy, dz, bounces - 1, colour);
        colour[0] = Curve.mix(r, colour[0], share);
        colour[1] = Curve.mix(g, colour[1], share);
        colour[2] = Curve.mix(b, colour[2], share);
    }

    private void shade(
            float px,
            float py,
            float pz,
            float nx,
            float ny,
            float nz,
            float dx,
            float dy,
            float dz,
            float shine,
            float[] colour) {
        float cosine = Math.max(0, nx * sun[0] + ny * sun[1] + nz * sun[2]);
        float lit = cosine == 0 ? 0 : cosine * openness(px, py, pz);
        float near = 1;
        if (ny == 1) {
            for (int i = 0; i < count; i++) {
                float x = (px - centreX[i]) / radius[i];
                float z = (pz - centreZ[i]) / radius[i];
                near *= 1 - 0.6f / (1 + 2.5f * (x * x + z * z));
            }
        } else {
            near = 0.7f + 0.3f * ny;
        }
        float bright = ambient * near + (1.1f - ambient) * lit;
        float back = 2 * (dx * nx + dy * ny + dz * nz);
        float half = (dx - back * nx) * sun[0] + (dy - back * ny) * sun[1] + (dz - back * nz) * sun[2];
        float spark = 0;
        if (shine > 0 && half > 0) {
            float squared = half * half;
            float fourth = squared * squared;
            spark = shine * lit * fourth * fourth * fourth * fourth * fourth;
        }
        for (int channel = 0; channel < 3; channel++) {
            colour[channel] = colour[channel] * bright + spark;
        }
    }

    /** How much of the sun a point sees, from how close the way to it comes to a ball. */
    private float openness(float px, float py, float pz) {
        float open = 1;
        for (int i = 0; i < count; i++) {
            float x = centreX[i] - px;
            float y = radius[i] - py;
            float z = centreZ[i] - pz;
            float along = x * sun[0] + y * sun[1] + z * sun[2];
            if (along > 0.02f) {
                float miss = Curve.root(Math.max(0, x * x + y * y + z * z - along * along)) - radius[i];
                open = Math.min(open, Curve.step(-0.5f, 0.5f, shadowSharpness * miss / along));
            }
        }
        return open;
    }

    private void sky(float up, float[] colour) {
        float share = Curve.clamp(up * 1.6f);
        colour[0] = Curve.mix(haze.r(), zenith.r(), share);
        colour[1] = Curve.mix(haze.g(), zenith.g(), share);
        colour[2] = Curve.mix(haze.b(), zenith.b(), share);
    }
}
