package io.github.tachyscope.diffusion.tiny.scene;

/**
 * Many things lying over each other with sizes that follow a power law: the cheapest match to the statistics of natural
 * pictures.
 */
final class DeadLeaves {
    private DeadLeaves() {}

    static String paint(Canvas canvas, Dice dice) {
        int size = canvas.width();
        Rgb theme = Rgb.any(dice);
        float unity = dice.chance(0.6f) ? dice.between(0.2f, 0.7f) : 0;
        canvas.fill(Textures.any(dice, dice.between(20, 120), colour(dice, theme, unity), colour(dice, theme, unity)));
        Light light = Light.any(dice, 0);
        float flat = dice.between(0, 0.6f);
        int count = dice.from(30, 160);
        float smallest = dice.between(7, 17);
        float largest = dice.between(40, 100);
        float sharp = dice.chance(0.75f) ? 0 : dice.between(2, 12);
        for (int i = 0; i < count; i++) {
            float radius = dice.size(smallest, largest);
            float x = dice.between(-10, size + 10);
            float y = dice.between(-10, size + 10);
            Canvas at = canvas.placed(x, y, radius, dice.between(0, 6.28f));
            leaf(at, dice, radius, colour(dice, theme, unity), colour(dice, theme, unity), light, flat, sharp / radius);
        }
        return dice.pick("a collage of shapes", "scattered objects", "many overlapping pebbles", "an abstract collage");
    }

    private static Rgb colour(Dice dice, Rgb theme, float unity) {
        return Rgb.any(dice).mix(theme, unity);
    }

    private static void leaf(Canvas at, Dice dice, float radius, Rgb a, Rgb b, Light light, float flat, float blur) {
        Box box = Box.around(0, 0, 1, dice.between(0.45f, 1));
        Paint paint = dice.chance(0.3f)
                ? Paint.flat(a)
                : Textures.any(dice, Math.max(6 / radius, dice.between(0.3f, 1.5f)), a, b);
        Paint bare = paint;
        boolean shaded = !dice.chance(flat);
        if (shaded) {
            paint = paint.lit(box, light.glossy(dice.chance(0.2f) ? dice.between(0.2f, 0.8f) : 0));
        }
        if (shaded && dice.chance(0.4f)) {
            at.fill(Shape.ellipse(0.12f, 0.15f, 1.02f, box.bottom() * 1.02f), 0.25f, 0.5f, Paint.flat(Rgb.BLACK));
        }
        switch (dice.below(6)) {
            case 0, 1 -> at.fill(Shape.ellipse(0, 0, 1, box.bottom()), blur, 1, paint);
            case 2 -> at.fill(Outline.blob(dice, box, dice.from(5, 12), 0.5f).smooth(3), paint);
            case 3 -> at.fill(Outline.blob(dice, box, dice.from(3, 7), 0.3f), paint);
            case 4 -> at.fill(Shape.rounded(-1, box.top(), 1, box.bottom(), dice.between(0, 0.4f)), blur, 1, paint);
            default -> {
                float length = dice.between(1, 2.5f);
                float thin = dice.between(0.08f, 0.3f);
                at.fill(Shape.stroke(-length, 0, length, 0, thin, thin * dice.between(0.3f, 1)), blur, 1, bare);
            }
        }
    }
}
