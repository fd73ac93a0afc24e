package io.github.tachyscope.diffusion.tiny.scene;

/** A ball cut from a minimal surface, as a sculpture on a floor. */
final class Gyroid implements Solid {
    private static final float RADIUS = 1.1f;

    private final float frequency;
    private final float thickness;
    private final float phase;
    private final Rgb stone;
    private final Rgb vein;
    private final Paint floor;

    private Gyroid(Dice dice) {
        frequency = dice.between(2.6f, 4.6f);
        thickness = dice.between(0.28f, 0.5f);
        phase = dice.between(0, 6);
        stone = Rgb.hsv(dice.unit(), dice.between(0, 0.5f), dice.between(0.6f, 0.95f));
        vein = Rgb.any(dice);
        Rgb ground = Rgb.hsv(dice.unit(), dice.between(0.2f, 0.6f), dice.between(0.4f, 0.9f));
        floor = Textures.fractal(dice, 2, ground.times(0.85f), ground);
    }

    static String render(Canvas canvas, Dice dice) {
        Rgb sky = Rgb.hsv(dice.unit(), 0.25f, 0.55f);
        Shot shot = new Shot(
                new Vec(dice.around(1.5f), dice.between(0.4f, 1.4f), -3.8f),
                new Vec(0, -0.05f, 0),
                dice.between(1.7f, 2.4f),
                new Vec(dice.sign() * 0.6f, 0.75f, -0.45f).unit(),
                new Rgb(1, 0.94f, 0.85f),
                sky,
                sky.mix(Rgb.any(dice), 0.5f),
                0.03f,
                3.6f,
                6);
        RayMarcher.render(new Gyroid(dice), shot, canvas);
        return "an abstract sculpture";
    }

    private float sculpture(float x, float y, float z) {
        float ball = Solid.ball(x, y, z, RADIUS);
        if (ball > 0.2f) {
            return ball;
        }
        float u = x * frequency + phase;
        float v = y * frequency;
        float w = z * frequency;
        float wave = Curve.sin(u) * Curve.cos(v) + Curve.sin(v) * Curve.cos(w) + Curve.sin(w) * Curve.cos(u);
        float sheet = (Math.abs(wave) - thickness) / (frequency * 1.6f);
        return Math.max(ball, sheet);
    }

    @Override
    public float distance(float x, float y, float z) {
        return Math.min(sculpture(x, y, z), y + RADIUS);
    }

    @Override
    public void colour(float x, float y, float z, float[] rgb) {
        if (y + RADIUS < 0.01f) {
            floor.at(x, z, rgb);
            return;
        }
        Rgb tone = stone.mix(vein, 0.25f + 0.25f * Curve.sin(5 * y + 3 * x));
        rgb[0] = tone.r();
        rgb[1] = tone.g();
        rgb[2] = tone.b();
    }
}
