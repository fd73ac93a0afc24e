package io.github.tachyscope.diffusion.tiny.scene;

/** A modelled person who waves in a room. */
final class WavingFigure implements Solid {
    private static final float WALL = 2.2f;
    private static final float SIDE = -2.6f;
    /** Beyond this distance a body part counts as the ball around it; nearer, shadows would show the ball. */
    private static final float FAR = 0.7f;

    private static final float FLOOR = -2.4f;

    private final Rgb skin;
    private final Rgb hair;
    private final Rgb shirt;
    private final Rgb wall;
    private final Rgb ground;
    private final Rgb sofa;
    private final Paint picture;
    private final float side;
    private final boolean longHair;
    private final Bone upperArm;
    private final Bone lowerArm;
    private final Bone[] fingers = new Bone[5];
    private final Bone restingArm;
    private final Bone neck = new Bone(new Vec(0, -0.35f, 0), new Vec(0, 0.05f, 0), 0.15f, 0.14f);
    private final Bone shoulders = new Bone(new Vec(-0.42f, -0.55f, 0.03f), new Vec(0.42f, -0.55f, 0.03f), 0.2f, 0.2f);
    private final float handX;
    private final float handY;

    private WavingFigure(Dice dice, Rgb skin, Rgb hair) {
        this.skin = skin;
        this.hair = hair;
        shirt = Rgb.hsv(dice.unit(), dice.between(0.4f, 0.8f), dice.between(0.35f, 0.8f));
        wall = Rgb.hsv(dice.unit(), dice.between(0.05f, 0.3f), dice.between(0.5f, 0.85f));
        ground = Rgb.hsv(0.08f, 0.4f, 0.5f);
        sofa = Rgb.hsv(dice.unit(), 0.5f, 0.5f);
        picture = Textures.marble(dice, 0.5f, Rgb.vivid(dice), Rgb.any(dice));
        side = dice.sign();
        longHair = dice.chance(0.5f);
        handX = side * dice.between(0.78f, 0.95f);
        handY = dice.between(0.02f, 0.28f);
        Vec elbow = new Vec(side * 0.82f, -0.72f, -0.16f);
        upperArm = new Bone(new Vec(side * 0.48f, -0.55f, 0), elbow, 0.16f, 0.13f);
        lowerArm = new Bone(elbow, new Vec(handX, handY - 0.14f, -0.25f), 0.12f, 0.075f);
        restingArm = new Bone(new Vec(-side * 0.5f, -0.58f, 0), new Vec(-side * 0.68f, -1.5f, -0.1f), 0.16f, 0.12f);
        float sway = dice.around(0.3f);
        for (int i = 0; i < 5; i++) {
            float lean = (i - 2) * 0.28f + sway;
            float length = i == 0 || i == 4 ? 0.17f : 0.22f;
            float x = handX + (i - 2) * 0.045f;
            fingers[i] = new Bone(
                    new Vec(x, handY, -0.25f),
                    new Vec(x + length * Curve.sin(lean), handY + length * Curve.cos(lean), -0.27f),
                    0.036f,
                    0.028f);
        }
    }

    static String render(Canvas canvas, Dice dice, Rgb skin, Rgb hair) {
        Shot shot = new Shot(
                new Vec(dice.around(0.5f), dice.between(0, 0.3f), -3.1f),
                new Vec(dice.around(0.25f), -0.1f, 0),
                dice.between(2.1f, 2.8f),
                new Vec(dice.between(-0.1f, 0.7f), 0.6f, -0.6f).unit(),
                new Rgb(0.95f, 0.88f, 0.78f),
                new Rgb(0.5f, 0.54f, 0.6f),
                Rgb.grey(0.5f),
                0,
                3.1f,
                8);
        RayMarcher.render(new WavingFigure(dice, skin, hair), shot, canvas);
        return "a person waving in a room";
    }

    private float hand(float x, float y, float z) {
        float hand = Solid.ellipsoid(x - handX, y - handY + 0.04f, z + 0.25f, 0.11f, 0.13f, 0.05f);
        for (Bone finger : fingers) {
            hand = Solid.blend(hand, finger.distance(x, y, z), 0.03f);
        }
        return Solid.blend(hand, lowerArm.distance(x, y, z), 0.05f);
    }

    private float head(float x, float y, float z) {
        float skull = Solid.ellipsoid(x, y - 0.3f, z, 0.31f, 0.4f, 0.34f);
        float nose = Solid.ellipsoid(x, y - 0.25f, z + 0.35f, 0.05f, 0.09f, 0.075f);
        float ears = Solid.ellipsoid(Math.abs(x) - 0.31f, y - 0.27f, z - 0.02f, 0.045f, 0.09f, 0.06f);
        float brows = Solid.ellipsoid(Math.abs(x) - 0.12f, y - 0.41f, z + 0.3f, 0.09f, 0.016f, 0.03f);
        float lips = Solid.ellipsoid(x, y - 0.08f, z + 0.29f, 0.1f, 0.035f, 0.05f);
        float face = Solid.blend(Math.min(Solid.blend(skull, nose, 0.06f), ears), lips, 0.03f);
        return Solid.blend(Solid.blend(face, brows, 0.02f), neck.distance(x, y, z), 0.08f);
    }

    private float hair(float x, float y, float z) {
        float cap = Solid.ellipsoid(x, y - 0.36f, z - 0.04f, 0.35f, 0.41f, 0.38f);
        float opening = 0.48f - y - 0.5f * z - 0.25f * Math.abs(x);
        float top = Math.max(cap, (z < 0.1f ? opening : opening - (z - 0.1f) * 2) * 0.6f);
        if (!longHair) {
            return top;
        }
        float mane = Solid.block(x, y + 0.1f, z - 0.22f, 0.36f, 0.5f, 0.12f, 0.1f);
        return Solid.blend(top, mane, 0.1f);
    }

    private float clothes(float x, float y, float z) {
        float chest = Solid.ellipsoid(x, y + 1.4f, z - 0.02f, 0.5f, 1.05f, 0.3f);
        float torso = Solid.blend(chest, shoulders.distance(x, y, z), 0.2f);
        return Solid.blend(Solid.blend(torso, upperArm.distance(x, y, z), 0.08f), restingArm.distance(x, y, z), 0.08f);
    }

    private float room(float x, float y, float z) {
        return Math.min(Math.min(WALL - z, x - SIDE), y - FLOOR);
    }

    private float furniture(float x, float y, float z) {
        float seat = Solid.block(x - 1.2f, y + 1.25f, z - 1.5f, 1, 0.4f, 0.5f, 0.12f);
        float back = Solid.block(x - 1.2f, y + 0.85f, z - 2, 1, 0.6f, 0.18f, 0.12f);
        float frame = Solid.block(x + 1.1f, y - 0.7f, z - WALL, 0.5f, 0.4f, 0.05f, 0.01f);
        return Math.min(Math.min(seat, back), frame);
    }

    @Override
    public float distance(float x, float y, float z) {
        float rest = Math.min(room(x, y, z), furniture(x, y, z));
        float bound = Solid.block(x, y + 0.85f, z + 0.02f, 1.25f, 1.7f, 0.45f, 0.05f);
        if (bound > FAR) {
            return Math.min(rest, bound);
        }
        float top = Solid.ball(x, y - 0.3f, z, longHair ? 1.05f : 0.6f);
        if (top <= FAR) {
            top = Math.min(head(x, y, z), hair(x, y, z));
        }
        float hand = Solid.ball(x - handX, y - handY, z + 0.25f, 0.36f);
        hand = hand > FAR ? Math.min(hand, lowerArm.distance(x, y, z)) : hand(x, y, z);
        return Math.min(rest, Math.min(Math.min(top, hand), clothes(x, y, z)));
    }

    @Override
    public void colour(float x, float y, float z, float[] rgb) {
        float head = head(x, y, z);
        float hand = hand(x, y, z);
        float hairs = hair(x, y, z);
        float clothes = clothes(x, y, z);
        float furniture = furniture(x, y, z);
        float room = room(x, y, z);
        float nearest = Math.min(Math.min(Math.min(head, hand), Math.min(hairs, clothes)), Math.min(furniture, room));
        if (nearest == room) {
            put(rgb, y - FLOOR < 0.01f ? ground : y - FLOOR < 0.14f ? Rgb.grey(0.8f) : wall);
        } else if (nearest == furniture) {
            if (x < 0) {
                picture.at(x, y, rgb);
            } else {
                put(rgb, sofa);
            }
        } else if (nearest == clothes) {
            put(rgb, Curve.sin(y * 40) > 0.4f ? shirt.mix(Rgb.WHITE, 0.35f) : shirt);
        } else if (nearest == hairs) {
            put(rgb, hair.times(0.9f + 0.2f * Curve.sin(x * 60 + y * 8)));
        } else if (nearest == hand) {
            put(rgb, skin);
        } else {
            features(x, y, z, rgb);
        }
    }

    private void features(float x, float y, float z, float[] rgb) {
        put(rgb, skin);
        if (z > -0.12f) {
            return;
        }
        float ex = Math.abs(x) - 0.12f;
        float ey = y - 0.31f;
        float eye = (ex * ex) / (0.062f * 0.062f) + ey * ey / (0.036f * 0.036f);
        float iris = ex * ex + ey * ey;
        float mouthY = y - 0.08f + 0.8f * x * x;
        if (eye < 1) {
            put(
                    rgb,
                    iris < 0.00028f ? Rgb.grey(0.02f) : iris < 0.0009f ? new Rgb(0.25f, 0.16f, 0.1f) : Rgb.grey(0.95f));
        } else if (y > 0.39f && y < 0.418f && Math.abs(ex) < 0.08f) {
            put(rgb, hair.times(0.7f));
        } else if (Math.abs(x) < 0.1f && Math.abs(mouthY) < 0.03f) {
            put(rgb, Math.abs(mouthY) < 0.007f ? Rgb.grey(0.12f) : new Rgb(0.62f, 0.25f, 0.25f));
        }
    }

    private static void put(float[] rgb, Rgb colour) {
        rgb[0] = colour.r();
        rgb[1] = colour.g();
        rgb[2] = colour.b();
    }
}
