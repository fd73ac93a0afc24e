package io.github.tachyscope.diffusion.tiny.scene;

/** What is behind a subject, from pin-sharp to far out of focus. */
final class Backdrop {
    private Backdrop() {}

    static void indoors(Canvas canvas, Dice dice) {
        int size = canvas.width();
        Rgb wall = Rgb.hsv(dice.unit(), dice.between(0, 0.4f), dice.between(0.2f, 0.95f));
        if (dice.chance(0.15f)) {
            canvas.fill(Textures.any(dice, dice.between(20, 80), wall, wall.varied(dice, 0.4f)));
        } else {
            Rgb shade = wall.varied(dice, 0.3f);
            Paint plaster = Paint.gradient(0, 0, wall, dice.between(0, size), dice.between(0, size), shade);
            canvas.fill(plaster);
        }
        if (dice.chance(0.35f)) {
            float corner = dice.between(0.1f, 0.9f) * size;
            float slant = dice.around(20);
            Outline side = Outline.of(corner, 0, size, 0, size, size, corner + slant, size);
            canvas.fill(side, 0.6f, Paint.flat(wall.times(dice.between(0.5f, 1.2f))));
        }
        int things = dice.from(1, 6);
        for (int i = 0; i < things; i++) {
            thing(canvas, dice, dice.around(0.15f) * size + dice.unit() * size, size);
        }
        soften(canvas, dice);
    }

    static void outdoors(Canvas canvas, Dice dice) {
        int size = canvas.width();
        Rgb green = Rgb.hsv(dice.between(0.18f, 0.42f), dice.between(0.2f, 0.7f), dice.between(0.2f, 0.7f));
        float horizon = dice.between(0.2f, 0.8f) * size;
        Sky.paint(canvas, horizon, dice);
        canvas.fill(
                Shape.rectangle(-9, horizon, size + 9, size + 9),
                Textures.fractal(dice, 60, green.times(0.6f), green.times(1.2f)));
        int bushes = dice.from(2, 10);
        for (int i = 0; i < bushes; i++) {
            float radius = dice.between(14, 70);
            float x = dice.unit() * size;
            float y = horizon + dice.between(-40, 50);
            Outline bush = Outline.blob(dice, Box.around(x, y, radius, radius * dice.between(0.5f, 1.2f)), 9, 0.4f);
            Rgb leaf = green.varied(dice, 0.5f);
            canvas.fill(bush.smooth(2), Textures.foliage(dice, dice.between(5, 14), leaf, leaf.times(0.5f)));
        }
        soften(canvas, dice);
    }

    /** Colour clouds of a photo studio. */
    static void studio(Canvas canvas, Dice dice) {
        int size = canvas.width();
        Rgb a = Rgb.any(dice);
        Rgb b = a.mix(Rgb.any(dice), dice.between(0.1f, 0.8f));
        canvas.fill(dice.chance(0.5f) ? Textures.fractal(dice, size, a, b) : Paint.down(0, a, size, b));
        if (dice.chance(0.6f)) {
            float x = dice.between(0.2f, 0.8f) * size;
            canvas.glow(x, dice.between(0.1f, 0.6f) * size, dice.between(80, 200), Rgb.WHITE, dice.between(0.1f, 0.4f));
        }
    }

    private static void soften(Canvas canvas, Dice dice) {
        int size = canvas.width();
        if (dice.chance(0.75f)) {
            Blur.box(canvas.pixels(), size, size, dice.from(1, 9));
        }
        if (dice.chance(0.3f)) {
            bokeh(canvas, dice);
        }
    }

    /** Lights far out of focus. */
    private static void bokeh(Canvas canvas, Dice dice) {
        int size = canvas.width();
        float radius = dice.between(4, 16);
        Rgb tone = Rgb.hsv(dice.unit(), dice.between(0, 0.6f), 1);
        int count = dice.from(4, 24);
        for (int i = 0; i < count; i++) {
            Rgb colour = tone.mix(Rgb.vivid(dice), dice.unit() * 0.6f);
            float x = dice.unit() * size;
            float y = dice.unit() * size * 0.8f;
            Shape disc = Shape.circle(x, y, radius * dice.between(0.6f, 1.3f));
            canvas.fill(disc, 2, dice.between(0.15f, 0.6f), Paint.flat(colour));
        }
    }

    private static void thing(Canvas canvas, Dice dice, float x, int size) {
        Rgb colour = Rgb.any(dice);
        switch (dice.below(9)) {
            case 0 -> shelf(canvas, dice, x);
            case 1 -> window(canvas, dice, x);
            case 2 -> {
                float half = dice.between(16, 36);
                float y = dice.between(0.1f, 0.5f) * size;
                canvas.fill(Shape.rectangle(x - half, y - half * 0.8f, x + half, y + half * 0.8f), colour.times(0.4f));
                Shape inner = Shape.rectangle(x - half + 4, y - half * 0.8f + 4, x + half - 4, y + half * 0.8f - 4);
                canvas.fill(inner, Textures.any(dice, half, Rgb.any(dice), Rgb.any(dice)));
            }
            case 3 -> {
                float half = dice.between(22, 34);
                Rgb frame = colour.mix(Rgb.WHITE, 0.5f);
                canvas.fill(Shape.rectangle(x - half - 5, 30, x + half + 5, size), frame.times(0.7f));
                canvas.fill(Shape.rectangle(x - half, 36, x + half, size), frame);
                canvas.fill(Shape.circle(x + half * 0.75f, size * 0.6f, 3), Rgb.hsv(0.12f, 0.6f, 0.7f));
            }
            case 4 -> lamp(canvas, dice, x);
            case 5 -> plant(canvas, dice, x, dice.between(0.55f, 1) * size);
            case 6 -> {
                float top = dice.between(0.45f, 0.75f) * size;
                float half = dice.between(40, 110);
                Paint cloth = Textures.cloth(dice, 30, colour);
                canvas.fill(Shape.rounded(x - half, top, x + half, size + 30, 14), cloth);
                canvas.fill(Shape.rounded(x - half - 12, top + 24, x - half + 14, size + 30, 10), colour.times(0.7f));
                canvas.fill(Shape.rounded(x + half - 14, top + 24, x + half + 12, size + 30, 10), colour.times(0.7f));
            }
            case 7 -> {
                float half = dice.between(14, 40);
                Rgb dark = colour.times(0.55f);
                for (float fold = x - half; fold < x + half; fold += 9) {
                    canvas.fill(
                            Shape.rectangle(fold, -9, fold + 9, size + 9),
                            Paint.gradient(fold, 0, colour, fold + 9, 0, dark));
                }
            }
            default -> {
                float half = dice.between(14, 60);
                float y = dice.between(0.3f, 1) * size;
                float high = dice.between(14, 80);
                canvas.fill(Shape.rectangle(x - half, y - high, x + half, y + high), Textures.cloth(dice, 40, colour));
            }
        }
    }

    private static void shelf(Canvas canvas, Dice dice, float x) {
        Rgb wood = Rgb.hsv(dice.between(0.04f, 0.12f), dice.between(0.2f, 0.6f), dice.between(0.2f, 0.8f));
        float half = dice.between(25, 60);
        float gap = dice.between(28, 48);
        float top = dice.between(-20, 60);
        canvas.fill(Shape.rectangle(x - half, top, x + half, 256), wood.times(0.45f));
        for (float y = top + gap; y < 256 + gap; y += gap) {
            float at = x - half + 2;
            while (at < x + half - 4) {
                float thick = dice.between(3, 9);
                if (dice.chance(0.85f)) {
                    Rgb back = Rgb.any(dice);
                    float high = gap * dice.between(0.5f, 0.9f);
                    canvas.fill(
                            Shape.rectangle(at, y - high, Math.min(at + thick, x + half), y),
                            Paint.gradient(at, 0, back, at + thick, 0, back.times(0.6f)));
                }
                at += thick + dice.between(0, 1);
            }
            canvas.fill(Shape.rectangle(x - half, y, x + half, y + 4), wood);
        }
    }

    private static void window(Canvas canvas, Dice dice, float x) {
        float half = dice.between(25, 60);
        float top = dice.between(-20, 50);
        float bottom = dice.between(100, 190);
        Rgb frame = Rgb.grey(dice.between(0.2f, 0.95f));
        Rgb outside = Rgb.hsv(dice.between(0.5f, 0.65f), dice.between(0, 0.5f), dice.between(0.1f, 1.25f));
        canvas.fill(Shape.rectangle(x - half - 5, top - 5, x + half + 5, bottom + 5), frame);
        canvas.fill(
                Shape.rectangle(x - half, top, x + half, bottom),
                Paint.down(top, outside, bottom, outside.mix(Rgb.hsv(dice.unit(), 0.3f, 0.8f), 0.6f)));
        if (dice.chance(0.5f)) {
            for (float y = top; y < bottom; y += 7) {
                canvas.fill(Shape.rectangle(x - half, y, x + half, y + 3), frame.times(0.85f));
            }
        } else {
            canvas.fill(Shape.rectangle(x - 2, top, x + 2, bottom), frame);
            canvas.fill(Shape.rectangle(x - half, (top + bottom) / 2 - 2, x + half, (top + bottom) / 2 + 2), frame);
        }
    }

    private static void lamp(Canvas canvas, Dice dice, float x) {
        float y = dice.between(40, 150);
        Rgb glow = Rgb.hsv(dice.between(0.05f, 0.16f), dice.between(0.1f, 0.6f), 1);
        canvas.fill(Shape.stroke(x, y, x, 280, 2, 3), Rgb.grey(dice.between(0.1f, 0.6f)));
        canvas.glow(x, y, dice.between(50, 130), glow, dice.between(0.2f, 0.7f));
        canvas.fill(Outline.of(x - 12, y - 16, x + 12, y - 16, x + 22, y + 14, x - 22, y + 14), glow.times(1.1f));
    }

    static void plant(Canvas canvas, Dice dice, float x, float y) {
        Rgb green = Rgb.hsv(dice.between(0.22f, 0.42f), dice.between(0.3f, 0.8f), dice.between(0.25f, 0.7f));
        int leaves = dice.from(6, 14);
        float length = dice.between(30, 80);
        for (int i = 0; i < leaves; i++) {
            Canvas at = canvas.placed(x, y - 20, length * dice.between(0.6f, 1), dice.around(1.3f));
            Rgb tone = green.varied(dice, 0.4f);
            Outline leaf =
                    Outline.mirrored(0, 0, 0.12f, -0.4f, 0.1f, -0.8f, 0, -1.05f).smooth(2);
            at.fill(leaf, Paint.gradient(-0.15f, 0, tone, 0.15f, 0, tone.times(0.6f)));
        }
        Rgb pot = Rgb.any(dice);
        Outline form = Outline.of(x - 18, y - 22, x + 18, y - 22, x + 13, y + 18, x - 13, y + 18);
        canvas.fill(form, Paint.gradient(x - 18, y, pot, x + 18, y, pot.times(0.5f)));
    }
}
