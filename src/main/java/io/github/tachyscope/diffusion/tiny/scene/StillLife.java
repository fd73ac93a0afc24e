package io.github.tachyscope.diffusion.tiny.scene;

/** A mug, a ring and fruit on a wooden table. */
final class StillLife implements Solid {
    private final Paint wood;
    private final Paint backdrop;
    private final Rgb mug;
    private final Rgb ring;
    private final Rgb fruit;
    private final Rgb block;
    private final float ringX;
    private final float fruitX;
    private final float blockX;

    private StillLife(Dice dice) {
        Rgb timber = Rgb.hsv(dice.between(0.05f, 0.1f), 0.5f, dice.between(0.4f, 0.75f));
        wood = Textures.marble(dice, 0.5f, timber.times(0.75f), timber);
        Rgb wall = Rgb.hsv(dice.unit(), 0.25f, 0.6f);
        backdrop = Textures.fractal(dice, 1.5f, wall.times(0.85f), wall.times(1.1f));
        mug = Rgb.vivid(dice);
        ring = Rgb.any(dice);
        fruit = Rgb.hsv(dice.between(0, 0.3f), 0.8f, 0.85f);
        block = Rgb.any(dice);
        ringX = dice.between(0.55f, 0.85f);
        fruitX = -dice.between(0.65f, 0.95f);
        blockX = dice.around(0.8f);
    }

    static String render(Canvas canvas, Dice dice) {
        Shot shot = new Shot(
                new Vec(dice.around(0.8f), dice.between(1, 1.6f), -3),
                new Vec(0, 0.25f, 0.1f),
                dice.between(1.6f, 2),
                new Vec(dice.sign() * 0.7f, 0.7f, -0.35f).unit(),
                new Rgb(1, 0.93f, 0.8f),
                new Rgb(0.38f, 0.42f, 0.5f),
                Rgb.grey(0.5f),
                0,
                3.1f,
                10);
        RayMarcher.render(new StillLife(dice), shot, canvas);
        return "a mug and a ring on a table";
    }

    private float mug(float x, float y, float z) {
        float outer = Solid.cylinder(x, y - 0.42f, z, 0.36f, 0.4f) - 0.02f;
        float inner = Solid.cylinder(x, y - 0.55f, z, 0.31f, 0.45f);
        float dx = x + 0.42f;
        float handle = Solid.torus(dx, z, y - 0.42f, 0.22f, 0.05f);
        return Math.min(Math.max(outer, -inner), Math.max(handle, -Solid.cylinder(x, y - 0.42f, z, 0.33f, 0.6f)));
    }

    private float ring(float x, float y, float z) {
        return Solid.torus(x - ringX, y - 0.13f, z + 0.35f, 0.3f, 0.13f);
    }

    private float fruit(float x, float y, float z) {
        float dx = x - fruitX;
        float dz = z + 0.3f;
        float dent = 0.06f / (1 + 60 * (dx * dx + dz * dz));
        float flesh = Solid.ball(dx, y - 0.27f + dent, dz, 0.28f);
        float stalk = Solid.cylinder(dx - (y - 0.55f) * 0.3f, y - 0.55f, dz, 0.018f, 0.1f);
        return Math.min(flesh * 0.9f, stalk);
    }

    private float block(float x, float y, float z) {
        float cos = 0.8f;
        float sin = 0.6f;
        float dx = x - blockX;
        float dz = z - 0.95f;
        return Solid.block(cos * dx + sin * dz, y - 0.5f, cos * dz - sin * dx, 0.25f, 0.5f, 0.25f, 0.02f);
    }

    private static float surroundings(float x, float y, float z) {
        float table = Solid.block(x, y + 0.1f, z - 0.2f, 2.2f, 0.1f, 1.5f, 0.03f);
        return Math.min(Math.min(table, 3.2f - z), y + 1.6f);
    }

    @Override
    public float distance(float x, float y, float z) {
        float things = Math.min(Math.min(mug(x, y, z), ring(x, y, z)), Math.min(fruit(x, y, z), block(x, y, z)));
        return Math.min(things, surroundings(x, y, z));
    }

    @Override
    public void colour(float x, float y, float z, float[] rgb) {
        float around = surroundings(x, y, z);
        float mugs = mug(x, y, z);
        float rings = ring(x, y, z);
        float fruits = fruit(x, y, z);
        float nearest = Math.min(Math.min(around, mugs), Math.min(rings, Math.min(fruits, block(x, y, z))));
        Rgb tone = block;
        if (nearest == around) {
            if (y > -0.3f && z < 3) {
                wood.at(x, z, rgb);
            } else {
                backdrop.at(x, y, rgb);
            }
            return;
        }
        if (nearest == mugs) {
            tone = y > 0.3f && y < 0.5f ? mug.mix(Rgb.WHITE, 0.8f) : mug;
        } else if (nearest == rings) {
            tone = ring;
        } else if (nearest == fruits) {
            tone = y > 0.5f ? new Rgb(0.25f, 0.17f, 0.08f) : fruit;
        }
        rgb[0] = tone.r();
        rgb[1] = tone.g();
        rgb[2] = tone.b();
    }
}
