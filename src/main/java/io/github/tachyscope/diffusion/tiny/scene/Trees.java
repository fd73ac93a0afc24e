package io.github.tachyscope.diffusion.tiny.scene;

/** Trees of height one that stand on the origin of their canvas. */
final class Trees {
    private Trees() {}

    static void paint(Canvas at, Dice dice, Rgb light, boolean conifer) {
        at.fill(Shape.ellipse(0.1f, 0, 0.35f, 0.05f), 0.06f, 0.45f, Paint.flat(Rgb.BLACK));
        if (conifer) {
            conifer(at, dice, light);
        } else if (dice.chance(0.12f)) {
            bare(at, dice, light);
        } else {
            leafy(at, dice, light);
        }
    }

    private static void conifer(Canvas at, Dice dice, Rgb light) {
        Rgb green = Rgb.hsv(dice.between(0.25f, 0.45f), dice.between(0.3f, 0.8f), dice.between(0.15f, 0.5f));
        trunk(at, dice, light, 0.04f, 0.3f);
        int tiers = dice.from(2, 6);
        float wide = dice.between(0.18f, 0.34f);
        for (int i = 0; i < tiers; i++) {
            float up = (float) i / tiers;
            float half = wide * (1 - up * 0.8f);
            float foot = -0.12f - up * 0.8f;
            float tip = Math.max(-1.02f, foot - 0.5f * (1 - up * 0.4f));
            Paint needles = Textures.foliage(dice, 0.05f, green.times(0.6f), green.times(1.2f));
            at.fill(
                    Outline.of(-half, foot, 0, tip, half, foot, half * 0.3f, foot - 0.03f, -half * 0.3f, foot + 0.02f),
                    needles.lit(Box.around(0, foot - 0.1f, half * 1.4f, 0.5f), new Light(-0.6f, -0.4f, 0.7f, 0.5f, 0))
                            .times(light));
        }
    }

    private static void leafy(Canvas at, Dice dice, Rgb light) {
        Rgb leaf = dice.chance(0.75f)
                ? Rgb.hsv(dice.between(0.18f, 0.4f), dice.between(0.35f, 0.85f), dice.between(0.25f, 0.7f))
                : Rgb.hsv(dice.between(-0.08f, 0.14f), dice.between(0.4f, 0.9f), dice.between(0.4f, 0.9f));
        trunk(at, dice, light, dice.between(0.03f, 0.07f), 0.6f);
        int puffs = dice.from(3, 9);
        float wide = dice.between(0.14f, 0.3f);
        Light sun = new Light(-0.5f, -0.6f, 0.62f, 0.4f, 0);
        for (int i = 0; i < puffs; i++) {
            float radius = dice.between(0.14f, 0.26f);
            Box box = Box.around(dice.around(wide), -0.62f + dice.around(0.2f), radius, radius * dice.between(0.7f, 1));
            Rgb tone = leaf.varied(dice, 0.2f);
            Paint foliage = Textures.foliage(dice, dice.between(0.03f, 0.07f), tone.times(0.6f), tone.times(1.15f));
            at.fill(Outline.blob(dice, box, 11, 0.25f), foliage.lit(box, sun).times(light));
        }
    }

    private static void bare(Canvas at, Dice dice, Rgb light) {
        Rgb bark = bark(dice).times(light);
        branch(at, dice, bark, 0, 0, 0, 0.34f, 0.035f, 4);
    }

    private static void branch(
            Canvas at, Dice dice, Rgb bark, float x, float y, float lean, float length, float radius, int forks) {
        float toX = x + length * Curve.sin(lean);
        float toY = y - length * Curve.cos(lean);
        at.fill(Shape.stroke(x, y, toX, toY, radius, radius * 0.65f), bark);
        if (forks > 0) {
            float shrink = dice.between(0.6f, 0.8f);
            branch(
                    at,
                    dice,
                    bark,
                    toX,
                    toY,
                    lean - dice.between(0.2f, 0.7f),
                    length * shrink,
                    radius * 0.6f,
                    forks - 1);
            branch(
                    at,
                    dice,
                    bark,
                    toX,
                    toY,
                    lean + dice.between(0.2f, 0.7f),
                    length * shrink,
                    radius * 0.6f,
                    forks - 1);
        }
    }

    private static void trunk(Canvas at, Dice dice, Rgb light, float radius, float height) {
        Rgb bark = bark(dice).times(light);
        Paint wood = Paint.gradient(-radius, 0, bark.times(1.2f), radius, 0, bark.times(0.5f));
        at.fill(Outline.of(-radius * 1.4f, 0, radius * 1.4f, 0, radius * 0.7f, -height, -radius * 0.7f, -height), wood);
    }

    private static Rgb bark(Dice dice) {
        return Rgb.hsv(dice.between(0.03f, 0.12f), dice.between(0.1f, 0.6f), dice.between(0.15f, 0.5f));
    }
}
