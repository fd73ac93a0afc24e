package io.github.tachyscope.diffusion.tiny.scene;

/** Sky, hills or mountains one behind the other, and a foreground of grass, sand, snow or water. */
final class Landscapes {
    private Landscapes() {}

    static String paint(Canvas canvas, Dice dice) {
        int size = canvas.width();
        float horizon = dice.between(0.35f, 0.75f) * size;
        Sky sky = Sky.paint(canvas, horizon, dice);
        Rgb soil = switch (dice.below(5)) {
            case 0, 1 -> Rgb.hsv(dice.between(0.18f, 0.4f), dice.between(0.25f, 0.8f), dice.between(0.25f, 0.7f));
            case 2 -> Rgb.hsv(dice.between(0.05f, 0.13f), dice.between(0.3f, 0.7f), dice.between(0.4f, 0.85f));
            case 3 -> Rgb.hsv(dice.unit(), dice.between(0, 0.25f), dice.between(0.25f, 0.7f));
            default -> Rgb.any(dice);
        };
        boolean snowy = dice.chance(0.3f);
        boolean steep = snowy || dice.chance(0.5f);
        int ridges = dice.from(1, 4);
        float relief = steep ? dice.between(50, 130) : dice.between(12, 45);
        for (int i = 0; i < ridges; i++) {
            float near = (i + 1f) / (ridges + 1);
            ridge(canvas, dice, sky, soil, horizon, relief * (1.1f - near * 0.8f), 1 - near, snowy);
        }
        String ground = foreground(canvas, dice, sky, soil, horizon, snowy);
        String place = (snowy ? "a snowy " : "a ") + (steep ? "mountain landscape" : "hilly landscape");
        return place + ground + sky.time();
    }

    private static void ridge(
            Canvas canvas, Dice dice, Sky sky, Rgb soil, float horizon, float relief, float far, boolean snowy) {
        int size = canvas.width();
        Noise profile = new Noise(dice, dice.between(60, 220));
        float lift = dice.between(0, 0.3f) * relief;
        float[] heights = new float[size + 2];
        for (int x = 0; x < heights.length; x++) {
            heights[x] = horizon - lift - (profile.at(x, 0) - 0.35f) * relief * 1.6f;
        }
        Rgb tone = soil.varied(dice, 0.3f);
        Paint rock = dice.chance(0.6f)
                ? Textures.fractal(dice, dice.between(30, 90), tone.times(0.45f), tone.times(1.25f))
                : Textures.foliage(dice, dice.between(4, 10), tone.times(0.5f), tone.times(1.1f));
        Noise crags = new Noise(dice, dice.between(20, 60));
        float snowLine = horizon - relief * dice.between(0.2f, 0.7f);
        Rgb snow = Rgb.grey(0.96f);
        float haze = far * far * dice.between(0.5f, 0.9f);
        Paint slope = (x, y, rgb) -> {
            rock.at(x, y, rgb);
            if (snowy) {
                float white = Curve.step(-8, 8, snowLine + (crags.at(x, y) - 0.5f) * 90 - y);
                rgb[0] = Curve.mix(rgb[0], snow.r(), white);
                rgb[1] = Curve.mix(rgb[1], snow.g(), white);
                rgb[2] = Curve.mix(rgb[2], snow.b() * 1.03f, white);
            }
            int column = Math.max(0, Math.min(size, (int) x));
            float facing = Curve.clamp(0.5f + (heights[column + 1] - heights[column]) * 0.25f);
            float shade = 0.7f + 0.4f * facing;
            rgb[0] *= shade;
            rgb[1] *= shade;
            rgb[2] *= shade;
        };
        float[] points = new float[2 * (size + 4)];
        for (int x = 0; x < heights.length; x++) {
            points[2 * x] = x;
            points[2 * x + 1] = heights[x];
        }
        points[2 * size + 4] = size + 1;
        points[2 * size + 5] = size + 9;
        points[2 * size + 6] = 0;
        points[2 * size + 7] = size + 9;
        canvas.fill(Outline.of(points), slope.times(sky.light()).mixed(sky.haze(), haze));
    }

    private static String foreground(Canvas canvas, Dice dice, Sky sky, Rgb soil, float horizon, boolean snowy) {
        int size = canvas.width();
        if (dice.chance(0.35f)) {
            Water.paint(canvas, dice, sky, horizon);
            return dice.pick(" with a lake", " by the sea", " with water");
        }
        Rgb near = snowy && dice.chance(0.7f) ? Rgb.grey(0.9f) : soil.varied(dice, 0.3f);
        Paint ground = switch (dice.below(3)) {
            case 0 -> Textures.fractal(dice, dice.between(20, 80), near.times(0.6f), near.times(1.2f));
            case 1 -> Textures.foliage(dice, dice.between(2.5f, 7), near.times(0.6f), near.times(1.15f));
            default -> Textures.marble(dice, dice.between(20, 60), near.times(0.8f), near.times(1.1f));
        };
        Outline meadow = Outline.from(-80, horizon + dice.around(8))
                .to(size * 0.3f, horizon + dice.around(12))
                .to(size * 0.7f, horizon + dice.around(12))
                .to(size + 80, horizon + dice.around(8))
                .to(size + 80, size + 120)
                .to(-80, size + 120)
                .closed();
        canvas.fill(meadow.smooth(1), ground.times(sky.light()));
        if (dice.chance(0.3f)) {
            path(canvas, dice, sky, horizon + 8);
        }
        if (dice.chance(0.2f)) {
            return "";
        }
        int trees = dice.chance(0.4f) ? dice.from(1, 2) : dice.from(3, 16);
        float small = trees < 3 ? dice.between(70, 150) : dice.between(14, 40);
        boolean conifers = snowy || dice.chance(0.4f);
        float spread = size - horizon;
        for (int i = 0; i < trees; i++) {
            float depth = (i + 0.5f) / trees;
            float y = horizon + 6 + spread * 0.75f * depth * depth;
            float height = small * (0.6f + 1.2f * depth) * dice.between(0.8f, 1.2f);
            Trees.paint(canvas.placed(dice.unit() * size, y, height, dice.around(0.04f)), dice, sky.light(), conifers);
        }
        return trees == 1 ? " with a tree" : " with trees";
    }

    private static void path(Canvas canvas, Dice dice, Sky sky, float top) {
        int size = canvas.width();
        float far = dice.between(0.3f, 0.7f) * size;
        float near = dice.between(0.1f, 0.9f) * size;
        float half = dice.between(20, 60);
        Rgb dust = Rgb.hsv(dice.between(0.06f, 0.13f), dice.between(0.1f, 0.4f), dice.between(0.4f, 0.8f));
        float bend = (far + near) / 2 + dice.around(60);
        float middle = (top + size) / 2;
        Outline track = Outline.from(far - 2, top)
                .to(far + 2, top)
                .to(bend + half / 3, middle)
                .to(near + half, size + 9)
                .to(near - half, size + 9)
                .to(bend - half / 3, middle)
                .closed();
        canvas.fill(
                track.smooth(2),
                Textures.fractal(dice, 30, dust.times(0.8f), dust).times(sky.light()));
    }
}
