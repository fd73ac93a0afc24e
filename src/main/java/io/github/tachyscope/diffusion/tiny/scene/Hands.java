package io.github.tachyscope.diffusion.tiny.scene;

/** Raised hands with five fingers, at times holding something. */
final class Hands {
    private Hands() {}

    /** Draws what the hands do, often nothing; says it as the end of a caption. */
    static String draw(Canvas body, Dice dice, Person person, Light light) {
        float what = dice.unit();
        if (what > 0.34f) {
            return "";
        }
        float side = dice.sign();
        Canvas own = side > 0 ? body : body.flipped();
        float x = dice.between(1.1f, 1.9f);
        float y = dice.between(-0.1f, 1.4f);
        float turn = dice.around(0.45f);
        Canvas hand = own.placed(x, y, dice.between(0.5f, 0.68f), turn);
        sleeve(own, dice, person, x - turn * 0.3f, y);
        if (what < 0.2f) {
            open(hand, dice, person, light, 0.5f);
            return dice.chance(0.7f) ? " waving" : " raising a hand";
        }
        if (what < 0.25f) {
            gesture(hand, dice, person, light, new float[] {0, 1, 1, 0, 0});
            return " making a peace sign";
        }
        if (what < 0.29f) {
            gesture(hand, dice, person, light, new float[] {1, 0, 0, 0, 0});
            return " giving a thumbs up";
        }
        return hold(hand, dice, person, light);
    }

    private static void sleeve(Canvas own, Dice dice, Person person, float x, float y) {
        Rgb skin = person.skin();
        boolean bare = dice.chance(0.5f);
        Paint arm = bare
                ? Paint.gradient(x - 0.3f, 0, skin.times(1.02f), x + 0.3f, 0, skin.times(0.65f))
                : Textures.cloth(dice, 0.6f, Rgb.any(dice));
        own.fill(Shape.stroke(x, y + 0.7f, x + 0.25f, 5, 0.26f, 0.5f), arm);
        own.fill(
                Shape.stroke(x, y + 0.4f, x, y + 0.8f, 0.23f, 0.26f),
                Paint.gradient(x - 0.3f, 0, skin.times(1.02f), x + 0.3f, 0, skin.times(0.65f)));
    }

    private static void open(Canvas hand, Dice dice, Person person, Light light, float spread) {
        gesture(hand, dice, person, light, new float[] {1, 1, 1, 1, 1, spread * dice.between(0.3f, 1.2f)});
    }

    /** The palm with thumb first; 1 is a stretched finger, 0 a folded one; a sixth number spreads them. */
    private static void gesture(Canvas hand, Dice dice, Person person, Light light, float[] stretch) {
        Rgb skin = person.skin().times(1.03f);
        Rgb edge = skin.times(0.45f);
        float spread = stretch.length > 5 ? stretch[5] : 0.25f;
        Box palm = Box.around(0, 0.1f, 0.62f, 0.75f);
        thumb(hand, skin, edge, stretch[0], spread);
        Outline form = Outline.of(-0.5f, -0.4f, 0.5f, -0.38f, 0.56f, 0.2f, 0.36f, 0.85f, -0.36f, 0.85f, -0.55f, 0.2f)
                .smooth(2);
        hand.fill(form, Paint.flat(skin).lit(palm, light));
        for (int finger = 0; finger < 4; finger++) {
            float base = -0.38f + finger * 0.255f;
            float length = new float[] {0.8f, 0.95f, 0.88f, 0.66f}[finger];
            float lean = (finger - 1.5f) * spread * 0.5f;
            if (stretch[finger + 1] > 0) {
                float tipX = base + length * Curve.sin(lean);
                float tipY = -0.4f - length * Curve.cos(lean);
                stroke(hand, base, -0.25f, tipX, tipY, 0.13f, skin, edge);
                hand.fill(
                        Shape.ellipse(tipX - lean * 0.1f, tipY, 0.07f, 0.09f),
                        0.04f,
                        0.35f,
                        Paint.flat(skin.times(1.25f)));
            } else {
                stroke(hand, base, -0.42f, base * 0.95f, 0, 0.15f, skin.times(0.94f), edge);
            }
        }
        Paint crease = Paint.flat(edge);
        hand.fill(Shape.stroke(-0.4f, 0.05f, 0.3f, -0.1f, 0.015f, 0.015f), 0.04f, 0.5f, crease);
        hand.fill(Shape.stroke(-0.3f, -0.05f, -0.1f, 0.6f, 0.015f, 0.015f), 0.04f, 0.5f, crease);
    }

    private static void thumb(Canvas hand, Rgb skin, Rgb edge, float stretch, float spread) {
        if (stretch > 0) {
            stroke(hand, -0.35f, 0.4f, -0.85f - spread * 0.2f, -0.25f, 0.15f, skin, edge);
        } else {
            stroke(hand, -0.4f, 0.35f, -0.15f, 0.1f, 0.15f, skin, edge);
        }
    }

    private static void stroke(Canvas hand, float x0, float y0, float x1, float y1, float radius, Rgb skin, Rgb edge) {
        hand.fill(Shape.stroke(x0, y0, x1, y1, radius * 1.16f, radius), edge.mix(skin, 0.35f));
        hand.fill(
                Shape.stroke(x0, y0, x1, y1, radius, radius * 0.86f),
                Paint.gradient(x0 - radius, y0, skin.times(1.04f), x0 + radius, y0, skin.times(0.8f)));
    }

    private static String hold(Canvas hand, Dice dice, Person person, Light light) {
        Rgb colour = Rgb.any(dice);
        boolean mug = dice.chance(0.5f);
        if (mug) {
            hand.fill(Shape.ring(0.62f, -0.1f, 0.3f, 0.08f), colour.times(0.8f));
            hand.fill(
                    Shape.rounded(-0.6f, -0.7f, 0.6f, 0.6f, 0.1f),
                    Paint.gradient(-0.6f, 0, colour.times(1.15f), 0.6f, 0, colour.times(0.5f)));
            hand.fill(Shape.ellipse(0, -0.68f, 0.6f, 0.13f), colour.times(0.4f));
        } else {
            hand.fill(Shape.rounded(-0.5f, -1.2f, 0.5f, 0.8f, 0.12f), Rgb.grey(0.06f));
            hand.fill(
                    Shape.rounded(-0.43f, -1.08f, 0.43f, 0.7f, 0.05f),
                    Paint.down(-1, Rgb.vivid(dice), 0.7f, Rgb.any(dice)));
        }
        Rgb skin = person.skin();
        for (int finger = 0; finger < 4; finger++) {
            float y = -0.25f + finger * 0.25f;
            stroke(hand, -0.75f, y + 0.05f, 0.25f, y, 0.13f, skin, skin.times(0.45f));
        }
        Box palm = Box.around(-0.6f, 0.3f, 0.4f, 0.7f);
        hand.fill(Shape.ellipse(-0.66f, 0.25f, 0.26f, 0.55f), Paint.flat(skin).lit(palm, light));
        return mug ? " holding a mug" : " holding a phone";
    }
}
