package io.github.tachyscope.diffusion.tiny.scene;

/** Eight families of surfaces. A cell is the size of the largest thing that repeats, in units of the canvas. */
final class Textures {
    private Textures() {}

    static Paint any(Dice dice, float cell) {
        return any(dice, cell, Rgb.any(dice), Rgb.any(dice));
    }

    /** Any family in two colours. */
    static Paint any(Dice dice, float cell, Rgb a, Rgb b) {
        return switch (dice.below(8)) {
            case 0 -> fractal(dice, cell, a, b);
            case 1 -> marble(dice, cell, a, b);
            case 2 -> stripes(dice, cell * 0.5f, a, b);
            case 3 -> checker(dice, cell * 0.5f, a, b);
            case 4 -> voronoi(dice, cell * 0.5f, a, b);
            case 5 -> contrast(dice, cell, a, b);
            case 6 -> foliage(dice, cell * 0.4f, a, b);
            default -> bricks(dice, cell, a, b);
        };
    }

    /** The eight families and, as often as any of them, cloth of one colour. */
    static Paint cloth(Dice dice, float cell, Rgb colour) {
        if (dice.chance(0.5f)) {
            return fractal(dice, cell, colour.times(0.8f), colour.times(1.15f));
        }
        return any(dice, cell * dice.between(0.4f, 1.2f), colour, colour.mix(Rgb.any(dice), dice.between(0.3f, 1)));
    }

    static Paint fractal(Dice dice, float cell, Rgb a, Rgb b) {
        Noise noise = new Noise(dice, cell);
        return (x, y, rgb) -> put(rgb, a, b, Curve.clamp(noise.at(x, y) * 1.6f - 0.3f));
    }

    /** Veins of stone or, when stretched, the grain of wood. */
    static Paint marble(Dice dice, float cell, Rgb a, Rgb b) {
        boolean wood = dice.chance(0.5f);
        Noise noise = wood ? new Noise(dice, cell * 4, cell) : new Noise(dice, cell * 1.5f);
        float angle = wood ? dice.around(0.15f) + Curve.PI / 2 : dice.between(0, Curve.PI);
        float dx = Curve.cos(angle) * 6.28f / cell;
        float dy = Curve.sin(angle) * 6.28f / cell;
        float swirl = wood ? dice.between(4, 10) : dice.between(6, 16);
        return (x, y, rgb) -> {
            float wave = Curve.sin(x * dx + y * dy + swirl * noise.at(x, y));
            put(rgb, a, b, 0.5f + 0.5f * wave);
        };
    }

    static Paint stripes(Dice dice, float cell, Rgb a, Rgb b) {
        float angle = dice.chance(0.5f) ? dice.below(2) * Curve.PI / 2 : dice.between(0, Curve.PI);
        float dx = Curve.cos(angle) / cell;
        float dy = Curve.sin(angle) / cell;
        float duty = dice.between(0.2f, 0.7f);
        return (x, y, rgb) -> {
            float phase = x * dx + y * dy;
            phase -= Curve.floor(phase);
            float band = Math.min(Curve.step(0, 0.08f, phase), 1 - Curve.step(duty, duty + 0.08f, phase));
            put(rgb, a, b, band);
        };
    }

    static Paint checker(Dice dice, float cell, Rgb a, Rgb b) {
        float angle = dice.chance(0.5f) ? 0 : dice.between(0, Curve.PI / 2);
        float cos = Curve.cos(angle) / cell;
        float sin = Curve.sin(angle) / cell;
        return (x, y, rgb) -> put(rgb, a, b, 0.5f - 0.5f * side(x * cos + y * sin) * side(y * cos - x * sin));
    }

    /** +1 and -1 in turn, with a short ramp between. */
    private static float side(float value) {
        float phase = (value - 2 * Curve.floor(value / 2)) - 1;
        float near = Math.min(Math.abs(phase), 1 - Math.abs(phase));
        return (phase > 0 ? 1 : -1) * Math.min(1, near * 12);
    }

    /** Cells around scattered points, with or without joints. */
    static Paint voronoi(Dice dice, float cell, Rgb a, Rgb b) {
        int salt = dice.below(1 << 20);
        float joint = dice.chance(0.5f) ? dice.between(0.05f, 0.2f) : 0;
        return (x, y, rgb) -> {
            float u = x / cell;
            float v = y / cell;
            int column = Curve.floor(u);
            int row = Curve.floor(v);
            float best = 9;
            float second = 9;
            float tone = 0;
            for (int cy = row - 1; cy <= row + 1; cy++) {
                for (int cx = column - 1; cx <= column + 1; cx++) {
                    float dx = cx + Curve.hash(cx, cy, salt) - u;
                    float dy = cy + Curve.hash(cy, cx, salt + 1) - v;
                    float distance = dx * dx + dy * dy;
                    if (distance < best) {
                        second = best;
                        best = distance;
                        tone = Curve.hash(cx, cy, salt + 2);
                    } else if (distance < second) {
                        second = distance;
                    }
                }
            }
            float edge = joint == 0 ? 1 : Curve.step(0, joint, Curve.root(second) - Curve.root(best));
            put(rgb, a, b, tone);
            dim(rgb, 0.35f + 0.65f * edge);
        };
    }

    /** Patches with a clear edge, as on a cow, a map or a camouflage jacket. */
    static Paint contrast(Dice dice, float cell, Rgb a, Rgb b) {
        Noise noise = new Noise(dice, cell);
        float level = dice.between(0.4f, 0.6f);
        float blur = dice.between(0.01f, 0.08f);
        return (x, y, rgb) -> put(rgb, a, b, Curve.step(level - blur, level + blur, noise.at(x, y)));
    }

    /** Small leaves that lie over each other. */
    static Paint foliage(Dice dice, float cell, Rgb a, Rgb b) {
        int salt = dice.below(1 << 20);
        return (x, y, rgb) -> {
            float u = x / cell;
            float v = y / cell;
            int column = Curve.floor(u);
            int row = Curve.floor(v);
            float height = -1;
            float shade = 0.4f;
            for (int cy = row - 1; cy <= row + 1; cy++) {
                for (int cx = column - 1; cx <= column + 1; cx++) {
                    float over = Curve.hash(cx, cy, salt + 2);
                    float dx = u - cx - Curve.hash(cx, cy, salt);
                    float dy = v - cy - Curve.hash(cy, cx, salt + 1);
                    if (over < height || dx * dx + dy * dy > 1) {
                        continue;
                    }
                    float cos = Curve.hash(cy, cx, salt + 3) * 2 - 1;
                    float sin = Curve.root(1 - cos * cos);
                    float along = cos * dx + sin * dy;
                    float across = cos * dy - sin * dx;
                    float inside = 1 - (along * along + across * across * 4.5f);
                    if (inside > 0) {
                        height = over;
                        shade = 0.5f + 0.5f * Curve.root(inside) - 0.25f * dy;
                    }
                }
            }
            put(rgb, a, b, Math.max(0, height));
            dim(rgb, shade);
        };
    }

    static Paint bricks(Dice dice, float cell, Rgb brick, Rgb mortar) {
        int salt = dice.below(1 << 20);
        float joint = dice.between(0.06f, 0.14f);
        Noise noise = new Noise(dice, cell * 0.8f);
        return (x, y, rgb) -> {
            float v = y / (cell * 0.42f);
            int row = Curve.floor(v);
            float u = x / cell + (row & 1) * 0.5f;
            int column = Curve.floor(u);
            float fromEdge = Math.min(Math.min(u - column, column + 1 - u) * 2.4f, Math.min(v - row, row + 1 - v));
            float share = Curve.step(joint * 0.5f, joint, fromEdge);
            float tone = 0.7f + 0.35f * Curve.hash(column, row, salt) + 0.5f * (noise.at(x, y) - 0.5f);
            rgb[0] = Curve.mix(mortar.r(), brick.r() * tone, share);
            rgb[1] = Curve.mix(mortar.g(), brick.g() * tone, share);
            rgb[2] = Curve.mix(mortar.b(), brick.b() * tone, share);
        };
    }

    private static void put(float[] rgb, Rgb a, Rgb b, float share) {
        rgb[0] = Curve.mix(a.r(), b.r(), share);
        rgb[1] = Curve.mix(a.g(), b.g(), share);
        rgb[2] = Curve.mix(a.b(), b.b(), share);
    }

    private static void dim(float[] rgb, float factor) {
        rgb[0] *= factor;
        rgb[1] *= factor;
        rgb[2] *= factor;
    }
}
