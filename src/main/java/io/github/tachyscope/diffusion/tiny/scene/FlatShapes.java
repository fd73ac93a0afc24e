package io.github.tachyscope.diffusion.tiny.scene;

/** Plain figures on a plain or patterned ground, as on a poster. */
final class FlatShapes {
    private FlatShapes() {}

    static String paint(Canvas canvas, Dice dice) {
        int size = canvas.width();
        Rgb ground = Rgb.any(dice);
        canvas.fill(
                switch (dice.below(4)) {
                    case 0 -> Paint.flat(ground);
                    case 1 -> Paint.gradient(0, 0, ground, dice.between(0, size), size, Rgb.any(dice));
                    default -> Textures.any(dice, dice.between(24, 110), ground, Rgb.any(dice));
                });
        int count = dice.from(1, 7);
        String last = "";
        String before = "";
        for (int i = 0; i < count; i++) {
            Rgb colour = dice.chance(0.6f) ? Rgb.vivid(dice) : Rgb.any(dice);
            float radius = dice.between(16, 70);
            Canvas at = canvas.placed(
                    dice.between(0.1f, 0.9f) * size, dice.between(0.1f, 0.9f) * size, radius, dice.between(0, 6.28f));
            Paint paint = dice.chance(0.7f) ? Paint.flat(colour) : Textures.any(dice, 0.6f, colour, colour.times(0.5f));
            before = last;
            last = colour.article() + " " + figure(at, dice, paint);
        }
        if (count > 3) {
            return dice.pick("colourful shapes", "geometric shapes", "stars, circles and polygons");
        }
        return before.isEmpty() ? last : before + " and " + last;
    }

    private static String figure(Canvas at, Dice dice, Paint paint) {
        switch (dice.below(8)) {
            case 0 -> {
                at.fill(Shape.circle(0, 0, 1), paint);
                return "circle";
            }
            case 1 -> {
                at.fill(Shape.ring(0, 0, 0.8f, dice.between(0.05f, 0.25f)), paint);
                return "ring";
            }
            case 2 -> {
                at.fill(Outline.star(0, 0, 1, dice.between(0.3f, 0.6f), dice.from(4, 9), 0), paint);
                return "star";
            }
            case 3 -> {
                at.fill(Outline.regular(0, 0, 1, 3, 0), paint);
                return "triangle";
            }
            case 4 -> {
                at.fill(Outline.rectangle(-0.8f, -0.8f, 0.8f, 0.8f), paint);
                return "square";
            }
            case 5 -> {
                Outline heart = Outline.mirrored(0, -0.45f, 0.2f, -0.85f, 0.8f, -0.9f, 1.1f, -0.3f, 0.55f, 0.35f, 0, 1);
                at.fill(heart.smooth(2), paint);
                return "heart";
            }
            case 6 -> {
                at.fill(
                        Outline.blob(dice, Box.around(0, 0, 1, 0.8f), dice.from(6, 11), 0.5f)
                                .smooth(3),
                        paint);
                return "blob";
            }
            default -> {
                at.fill(Shape.stroke(-1.2f, 0, 1.2f, 0, 0.1f, dice.between(0.05f, 0.3f)), paint);
                return "line";
            }
        }
    }
}
