package io.github.tachyscope.diffusion.tiny.scene;

/** Hills as a height over a plane, seen from the air through fog. */
final class FoggyTerrain implements Solid {
    /** Half the distance of two creases of the noise. */
    private static final float CREASE = 0.035f;

    private final Noise hills;
    private final Noise cover;
    private final float relief;
    private final float water;
    private final Rgb low;
    private final Rgb high;

    private FoggyTerrain(Dice dice) {
        hills = new Noise(dice, dice.between(3, 5));
        cover = new Noise(dice, 0.8f);
        relief = dice.between(2.2f, 3.4f);
        water = dice.between(0.3f, 0.42f) * relief;
        low = Rgb.hsv(dice.between(0.15f, 0.35f), 0.5f, 0.45f);
        high = Rgb.hsv(dice.between(0.04f, 0.12f), 0.2f, 0.75f);
    }

    static String render(Canvas canvas, Dice dice) {
        FoggyTerrain terrain = new FoggyTerrain(dice);
        float eye = terrain.relief * dice.between(0.9f, 1.2f);
        Rgb sun = Rgb.hsv(dice.between(0.05f, 0.13f), dice.between(0.1f, 0.4f), 1.15f);
        Rgb sky = Rgb.hsv(dice.between(0.55f, 0.65f), dice.between(0.3f, 0.6f), dice.between(0.5f, 0.8f));
        Shot shot = new Shot(
                new Vec(0, eye, -6),
                new Vec(dice.around(1), eye * 0.55f, 0),
                dice.between(1.2f, 1.7f),
                new Vec(dice.sign() * 0.8f, 0.6f, 0.2f).unit(),
                sun,
                sky,
                sky.mix(sun, 0.5f),
                dice.between(0.05f, 0.12f),
                6,
                0);
        RayMarcher.render(terrain, shot, canvas);
        return "foggy hills from above";
    }

    /** The mean of four samples has no creases. */
    private float smooth(float x, float z) {
        return 0.25f
                * (hills.at(x - CREASE, z - CREASE)
                        + hills.at(x + CREASE, z - CREASE)
                        + hills.at(x - CREASE, z + CREASE)
                        + hills.at(x + CREASE, z + CREASE));
    }

    @Override
    public float distance(float x, float y, float z) {
        if (y > relief * 1.05f) {
            return y - relief;
        }
        float above = y - Math.max(water, hills.at(x, z) * relief);
        if (above > 1) {
            return above * 0.45f;
        }
        return (y - Math.max(water, smooth(x, z) * relief)) * 0.45f;
    }

    @Override
    public void colour(float x, float y, float z, float[] rgb) {
        Rgb tone;
        if (y < water + 0.02f) {
            tone = new Rgb(0.1f, 0.25f, 0.35f);
        } else {
            float rise = (y - water) / (relief - water);
            tone = low.mix(high, Curve.step(0.1f, 0.6f, rise + 0.6f * (cover.at(x, z) - 0.5f)));
        }
        rgb[0] = tone.r();
        rgb[1] = tone.g();
        rgb[2] = tone.b();
    }
}
