package io.github.tachyscope.diffusion.tiny.scene;

/** Blossoms near the lens, each with its own number and cut of petals. */
final class Flowers {
    private Flowers() {}

    static String paint(Canvas canvas, Dice dice) {
        int size = canvas.width();
        if (dice.chance(0.6f)) {
            Backdrop.outdoors(canvas, dice);
        } else if (dice.chance(0.5f)) {
            Backdrop.indoors(canvas, dice);
        } else {
            Backdrop.studio(canvas, dice);
        }
        int count = dice.chance(0.35f) ? 1 : dice.from(2, 9);
        float radius = count == 1 ? dice.between(45, 100) : dice.between(16, 52);
        Rgb theme = Rgb.vivid(dice);
        boolean mixed = dice.chance(0.3f);
        Light light = Light.any(dice, 0).softer(0.45f);
        for (int i = 0; i < count; i++) {
            float x = count == 1 ? dice.between(0.3f, 0.7f) * size : dice.unit() * size;
            float y = dice.between(0.12f, count == 1 ? 0.6f : 0.75f) * size;
            Rgb petal = mixed && count > 1 ? Rgb.vivid(dice) : theme.varied(dice, 0.2f);
            stem(canvas, dice, x, y, radius);
            Canvas at = canvas.placed(x, y, radius * dice.between(0.75f, 1.1f), dice.between(0, 6.28f));
            blossom(at, dice, petal, light);
        }
        String colour = mixed ? "colourful" : theme.word();
        return count == 1 ? theme.article() + " flower" : colour + " flowers";
    }

    private static void stem(Canvas canvas, Dice dice, float x, float y, float radius) {
        Rgb green = Rgb.hsv(dice.between(0.2f, 0.4f), dice.between(0.4f, 0.8f), dice.between(0.25f, 0.6f));
        float foot = x + dice.around(60);
        float bend = (x + foot) / 2 + dice.around(25);
        float thick = Math.max(1.5f, radius * 0.06f);
        float middle = (y + 270) / 2;
        Outline curve = Outline.from(x - thick, y)
                .to(x + thick, y)
                .to(bend + thick, middle)
                .to(foot + thick, 270)
                .to(foot - thick, 270)
                .to(bend - thick, middle)
                .closed();
        canvas.fill(curve.smooth(2), Paint.gradient(x - thick, 0, green.times(1.2f), x + thick, 0, green.times(0.6f)));
        int leaves = dice.from(0, 3);
        for (int i = 0; i < leaves; i++) {
            float at = dice.between(0.3f, 0.9f);
            float turn = dice.sign() * dice.between(0.5f, 1.4f);
            Canvas leaf = canvas.placed(Curve.mix(x, bend, at), Curve.mix(y, middle, at) + 20, radius * 0.9f, turn);
            Outline form =
                    Outline.mirrored(0, 0, 0.2f, -0.4f, 0.12f, -0.85f, 0, -1.1f).smooth(2);
            leaf.fill(form, Paint.gradient(-0.2f, 0, green.times(1.25f), 0.2f, 0, green.times(0.55f)));
            leaf.fill(Shape.stroke(0, 0, 0, -1, 0.012f, 0.005f), green.times(1.4f));
        }
    }

    private static void blossom(Canvas at, Dice dice, Rgb colour, Light light) {
        int petals = dice.from(4, 16);
        float wide = Math.min(0.5f, 3.4f / petals * dice.between(0.6f, 1.1f));
        Outline petal = switch (dice.below(3)) {
            case 0 -> Outline.mirrored(0, -0.1f, wide * 0.5f, -0.3f, wide, -0.75f, wide * 0.5f, -1.05f, 0, -1);
            case 1 -> Outline.mirrored(0, -0.1f, wide * 0.8f, -0.45f, wide * 0.5f, -0.8f, 0, -1.1f);
            default -> Outline.mirrored(0, -0.1f, wide * 0.9f, -0.5f, wide, -0.9f, wide * 0.4f, -1, 0, -0.88f);
        };
        Outline soft = petal.smooth(3);
        Rgb heart = colour.mix(Rgb.any(dice), dice.between(0, 0.7f));
        Noise veins = new Noise(dice, 0.08f, 0.9f);
        Paint blade = (x, y, rgb) -> {
            float out = Curve.clamp(-y);
            float tone = 0.75f + 0.5f * veins.at(x, y) - 0.15f * Math.abs(x) / wide;
            rgb[0] = Curve.mix(heart.r(), colour.r(), out) * tone;
            rgb[1] = Curve.mix(heart.g(), colour.g(), out) * tone;
            rgb[2] = Curve.mix(heart.b(), colour.b(), out) * tone;
        };
        int rings = dice.chance(0.35f) ? 2 : 1;
        for (int ring = 0; ring < rings; ring++) {
            float scale = 1 - ring * 0.35f;
            for (int i = 0; i < petals; i++) {
                float turn = (i + ring * 0.5f) * 2 * Curve.PI / petals + dice.around(0.06f);
                Canvas own = at.placed(0, 0, scale, turn);
                own.fill(soft.moved(0.04f, 0.05f), 0.28f, Paint.flat(Rgb.BLACK));
                float facing = 0.85f + 0.2f * Curve.cos(turn * (1 + light.x()));
                own.fill(soft, blade.times(Rgb.grey(facing)));
            }
        }
        float core = dice.between(0.14f, 0.34f);
        Rgb pollen = Rgb.hsv(dice.between(0.03f, 0.18f), dice.between(0.4f, 0.95f), dice.between(0.3f, 0.95f));
        Box box = Box.around(0, 0, core, core);
        at.fill(
                Shape.circle(0, 0, core),
                Textures.foliage(dice, core * 0.25f, pollen, pollen.times(0.6f)).lit(box, light));
    }
}
