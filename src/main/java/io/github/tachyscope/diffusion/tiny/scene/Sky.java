package io.github.tachyscope.diffusion.tiny.scene;

/**
 * The sky of one picture and the light it sheds.
 *
 * @param haze colour of far things
 * @param light tint and strength of the light on the ground
 * @param time a phrase for the caption, such as " at night", or nothing
 */
record Sky(Rgb haze, Rgb light, String time) {
    boolean night() {
        return light.g() < 0.5f;
    }

    static Sky paint(Canvas canvas, float horizon, Dice dice) {
        Shape area = Shape.rectangle(-9, -9, canvas.width() + 9, horizon + 2);
        return switch (dice.below(8)) {
            case 0, 1, 2 -> day(canvas, area, horizon, dice);
            case 3 -> overcast(canvas, area, horizon, dice);
            case 4, 5 -> sunset(canvas, area, horizon, dice);
            case 6 -> strange(canvas, area, horizon, dice);
            default -> night(canvas, area, horizon, dice);
        };
    }

    private static Sky day(Canvas canvas, Shape area, float horizon, Dice dice) {
        Rgb zenith = Rgb.hsv(dice.between(0.52f, 0.64f), dice.between(0.35f, 0.85f), dice.between(0.55f, 0.95f));
        Rgb haze = zenith.mix(Rgb.WHITE, dice.between(0.4f, 0.8f));
        canvas.fill(area, Paint.down(0, zenith, horizon, haze));
        if (dice.chance(0.3f)) {
            sun(canvas, dice, horizon, Rgb.hsv(0.13f, 0.2f, 1));
        }
        clouds(canvas, area, horizon, dice, Rgb.grey(0.97f), dice.between(0.35f, 0.75f));
        return new Sky(haze, Rgb.grey(1), "");
    }

    private static Sky overcast(Canvas canvas, Shape area, float horizon, Dice dice) {
        Rgb grey = Rgb.hsv(dice.unit(), dice.between(0, 0.15f), dice.between(0.5f, 0.85f));
        canvas.fill(area, Paint.down(0, grey.times(0.8f), horizon, grey));
        clouds(canvas, area, horizon, dice, grey.times(dice.between(0.6f, 1.25f)), 0.3f);
        return new Sky(grey, Rgb.grey(dice.between(0.65f, 0.9f)), dice.pick("", " on a cloudy day"));
    }

    private static Sky sunset(Canvas canvas, Shape area, float horizon, Dice dice) {
        Rgb zenith = Rgb.hsv(dice.between(0.58f, 0.85f), dice.between(0.3f, 0.7f), dice.between(0.25f, 0.7f));
        Rgb haze = Rgb.hsv(dice.between(-0.03f, 0.12f), dice.between(0.5f, 0.95f), dice.between(0.75f, 1));
        canvas.fill(area, Paint.down(0, zenith, horizon, haze));
        if (dice.chance(0.7f)) {
            sun(canvas, dice, horizon * 1.6f, Rgb.hsv(dice.between(0.04f, 0.14f), 0.5f, 1));
        }
        clouds(canvas, area, horizon, dice, haze.mix(zenith, dice.unit()).times(0.8f), dice.between(0.4f, 0.8f));
        return new Sky(haze, haze.mix(Rgb.grey(0.75f), 0.6f), " at sunset");
    }

    private static Sky night(Canvas canvas, Shape area, float horizon, Dice dice) {
        Rgb zenith = Rgb.hsv(dice.between(0.58f, 0.75f), dice.between(0.2f, 0.8f), dice.between(0.02f, 0.16f));
        Rgb haze = zenith.mix(Rgb.hsv(dice.between(0.5f, 0.8f), 0.5f, 0.5f), dice.between(0.1f, 0.6f));
        canvas.fill(area, Paint.down(0, zenith, horizon, haze));
        int stars = dice.from(0, 90);
        for (int i = 0; i < stars; i++) {
            Shape star = Shape.circle(dice.unit() * canvas.width(), dice.unit() * horizon, dice.between(0.3f, 1));
            canvas.fill(star, 0, dice.between(0.3f, 1), Paint.flat(Rgb.WHITE));
        }
        if (dice.chance(0.6f)) {
            float x = dice.unit() * canvas.width();
            float y = dice.between(0.1f, 0.6f) * horizon;
            float radius = dice.between(7, 18);
            canvas.glow(x, y, radius * 4, Rgb.hsv(0.15f, 0.15f, 1), 0.35f);
            canvas.fill(Shape.circle(x, y, radius), Textures.fractal(dice, radius, Rgb.grey(0.75f), Rgb.grey(1)));
            if (dice.chance(0.4f)) {
                canvas.fill(Shape.circle(x + radius * 0.5f, y - radius * 0.2f, radius * 0.9f), zenith);
            }
        }
        clouds(canvas, area, horizon, dice, haze.times(0.8f), dice.between(0.5f, 0.9f));
        return new Sky(haze, Rgb.hsv(0.62f, 0.25f, dice.between(0.25f, 0.45f)), " at night");
    }

    /** No sky of this world, so that the model does not take colours for granted. */
    private static Sky strange(Canvas canvas, Shape area, float horizon, Dice dice) {
        Rgb zenith = Rgb.any(dice);
        Rgb haze = Rgb.any(dice).mix(Rgb.WHITE, 0.2f);
        canvas.fill(area, Paint.down(0, zenith, horizon, haze));
        clouds(canvas, area, horizon, dice, Rgb.any(dice), dice.between(0.3f, 0.8f));
        return new Sky(haze, haze.mix(Rgb.WHITE, 0.5f), dice.pick(" under " + zenith.article() + " sky", ""));
    }

    private static void sun(Canvas canvas, Dice dice, float reach, Rgb colour) {
        float x = dice.unit() * canvas.width();
        float y = dice.between(0.1f, 0.6f) * reach;
        float radius = dice.between(6, 18);
        canvas.glow(x, y, radius * dice.between(4, 9), colour, 0.6f);
        canvas.fill(Shape.circle(x, y, radius), colour.times(1.2f));
    }

    private static void clouds(Canvas canvas, Shape area, float horizon, Dice dice, Rgb colour, float sparse) {
        float bump = dice.between(50, 150);
        Noise noise = new Noise(dice, bump * dice.between(1.2f, 3), bump);
        float blur = dice.between(0.1f, 0.3f);
        canvas.veil(area.box(), colour, (x, y) -> {
            float nearer = 1.4f - 0.8f * (1 - y / Math.max(1, horizon));
            return 0.95f * Curve.step(sparse, sparse + blur, noise.at(x * nearer, y * nearer));
        });
    }
}
