package io.github.tachyscope.diffusion.tiny.scene;

/** Hats, scarves and headphones, in units of half a head height. */
final class Headwear {
    private final Canvas at;
    private final Dice dice;
    private final Person person;
    private final float yaw;

    Headwear(Canvas at, Dice dice, Person person, Pose pose) {
        this.at = at;
        this.dice = dice;
        this.person = person;
        this.yaw = pose.yaw() * 1.4f;
    }

    void draw() {
        Rgb colour = Rgb.any(dice);
        Paint felt = Textures.cloth(dice, 0.3f, colour)
                .lit(Box.around(0, -0.8f, 1.3f, 1), Light.any(dice, 0).softer(0.5f));
        switch (person.hat()) {
            case NONE -> {}
            case BRIM -> {
                float reach = dice.between(1.15f, 1.7f);
                at.fill(Shape.ellipse(0, -0.5f, reach * 0.8f, 0.25f), 0.2f, 0.4f, Paint.flat(Rgb.BLACK));
                at.fill(Shape.ellipse(0, -0.68f, reach, 0.2f), felt.times(Rgb.grey(0.8f)));
                float top = -dice.between(1.3f, 1.8f);
                at.fill(
                        Outline.mirrored(0, top, 0.6f, top, 0.78f, top + 0.3f, 0.85f, -0.7f, 0, -0.6f)
                                .smooth(2),
                        felt);
                Rgb band = Rgb.any(dice);
                at.fill(Outline.mirrored(0, -0.83f, 0.82f, -0.9f, 0.85f, -0.72f, 0, -0.64f), band);
            }
            case CAP -> {
                at.fill(dome(-1.25f, -0.55f), felt);
                float side = yaw + dice.around(0.1f);
                Outline peak = Outline.from(side - 0.7f, -0.62f)
                        .to(side, -0.78f)
                        .to(side + 0.7f, -0.62f)
                        .to(side + 0.6f, -0.42f)
                        .to(side, -0.36f)
                        .to(side - 0.6f, -0.42f)
                        .closed();
                at.fill(peak.smooth(2).moved(0, 0.08f), 0.35f, Paint.flat(Rgb.BLACK));
                at.fill(peak.smooth(2), colour.times(0.65f));
            }
            case BEANIE -> {
                at.fill(dome(-1.4f, -0.5f), felt);
                at.fill(
                        Outline.mirrored(0, -0.78f, 0.9f, -0.68f, 0.92f, -0.38f, 0, -0.5f)
                                .smooth(1),
                        Textures.stripes(dice, 0.09f, colour.times(0.8f), colour.times(0.55f)));
                if (dice.chance(0.4f)) {
                    at.fill(Shape.circle(0, -1.4f, 0.22f), Textures.fractal(dice, 0.1f, colour, Rgb.WHITE));
                }
            }
            case SCARF -> {
                Outline wrap = Outline.from(0, -1.18f)
                        .to(0.7f, -1.1f)
                        .to(1, -0.4f)
                        .to(0.95f, 0.5f)
                        .to(0.75f, 1.15f)
                        .to(0.4f, 1.45f)
                        .to(0.36f, 1.1f)
                        .to(0.66f, 0.7f)
                        .to(0.76f, 0)
                        .to(0.62f, -0.5f)
                        .to(0, -0.7f)
                        .mirrored();
                at.fill(wrap.smooth(2), felt);
                at.fill(
                        Outline.mirrored(0, 1.05f, 0.5f, 0.95f, 0.6f, 1.6f, 0, 1.9f)
                                .smooth(2),
                        felt.times(Rgb.grey(0.8f)));
            }
            case HEADPHONES -> {
                Rgb shell = dice.chance(0.6f) ? Rgb.grey(dice.between(0.05f, 0.25f)) : colour;
                float[] band = Outline.from(-0.9f, -0.1f)
                        .to(-0.92f, -0.6f)
                        .to(-0.6f, -1.1f)
                        .to(0, -1.26f)
                        .to(0.6f, -1.1f)
                        .to(0.92f, -0.6f)
                        .to(0.9f, -0.1f)
                        .line();
                at.trace(band, 0.07f, Paint.flat(shell));
                for (int side = -1; side <= 1; side += 2) {
                    at.fill(
                            Shape.ellipse(side * 0.88f, 0.02f, 0.2f, 0.32f),
                            Paint.gradient(side * 0.7f, 0, shell.times(1.4f), side * 1.05f, 0.3f, shell.times(0.6f)));
                }
                if (dice.chance(0.4f)) {
                    at.trace(new float[] {-0.88f, 0.2f, -0.7f, 0.65f, -0.35f, 0.75f}, 0.03f, Paint.flat(shell));
                    at.fill(Shape.circle(-0.32f, 0.75f, 0.075f), Rgb.grey(0.1f));
                }
            }
        }
    }

    private static Outline dome(float top, float rim) {
        return Outline.mirrored(0, top, 0.6f, top + 0.05f, 0.95f, top + 0.45f, 0.88f, rim, 0, rim - 0.12f)
                .smooth(2);
    }
}
