package io.github.tachyscope.diffusion.tiny.scene;

/** Eyes, brows and glasses, in units of half a head height. */
final class Eyes {
    private final Canvas at;
    private final Dice dice;
    private final Person person;
    private final Pose pose;
    private final float pitch;
    private final Rgb skin;
    private final Rgb shadow;
    private final boolean dark;

    Eyes(Canvas at, Dice dice, Person person, Pose pose) {
        this.at = at;
        this.dice = dice;
        this.person = person;
        this.pose = pose;
        this.pitch = pose.pitch();
        this.skin = person.skin();
        this.shadow = person.shadow();
        this.dark = skin.g() < 0.45f;
    }

    void draw() {
        float open = dice.chance(0.06f) ? 0.012f : dice.between(0.06f, 0.1f);
        open *= person.kind() == Person.Kind.CHILD ? 1.25f : 1;
        float half = dice.between(0.145f, 0.18f);
        float gazeX = dice.around(0.05f);
        float gazeY = dice.around(0.02f);
        Rgb iris = dice.chance(0.33f)
                ? Rgb.hsv(dice.between(0.3f, 0.62f), dice.between(0.2f, 0.6f), dice.between(0.4f, 0.8f))
                : Rgb.hsv(0.07f, 0.7f, dice.between(0.15f, 0.45f));
        float browLift = dice.between(0.2f, 0.3f);
        float browTilt = dice.around(0.05f);
        float browThick = person.kind() == Person.Kind.MAN ? dice.between(0.035f, 0.06f) : dice.between(0.018f, 0.04f);
        Rgb brow = person.hair().mix(shadow, 0.25f).times(dark ? 0.35f : 0.75f);
        boolean make = person.kind() == Person.Kind.WOMAN && dice.chance(0.5f);
        for (int side = -1; side <= 1; side += 2) {
            float x = pose.x(side * 0.33f);
            float narrow = 1 - Math.abs(pose.yaw()) * (side * pose.yaw() > 0 ? 1.4f : 0.2f);
            float y = -0.08f + pitch;
            float w = half * narrow;
            eye(x, y, w, open, gazeX, gazeY, iris, make);
            brow(x - side * w * 1.05f, y - browLift, side * w, browTilt, browThick, Paint.flat(brow));
        }
    }

    /** An arch that starts at the nose and thins out. */
    private void brow(float x, float y, float w, float tilt, float thick, Paint hairs) {
        float top = x + w * 1.35f;
        at.fill(Shape.stroke(x, y + tilt, top, y - 0.05f, thick * 1.1f, thick), 0.02f, 0.95f, hairs);
        float end = y + 0.05f - tilt * 0.5f;
        at.fill(Shape.stroke(top, y - 0.05f, x + w * 2.3f, end, thick, thick * 0.4f), 0.02f, 0.95f, hairs);
    }

    private void eye(float x, float y, float w, float open, float gazeX, float gazeY, Rgb iris, boolean make) {
        Outline slit = Outline.from(x - w, y + 0.01f)
                .to(x - w * 0.55f, y - open)
                .to(x + w * 0.4f, y - open * 1.05f)
                .to(x + w, y)
                .to(x + w * 0.5f, y + open * 0.8f)
                .to(x - w * 0.5f, y + open * 0.8f)
                .closed()
                .smooth(2);
        Rgb white = Rgb.grey(0.93f).mix(skin, 0.12f);
        at.fill(slit, Paint.down(y - open, white.times(0.72f), y + open * 0.6f, white));
        float round = Math.min(0.082f, open * 1.02f);
        float ix = x + gazeX;
        float iy = y - 0.008f + gazeY;
        if (open > 0.03f) {
            at.fill(Shape.circle(ix, iy, round), iris.times(0.5f));
            at.fill(Shape.circle(ix, iy + 0.01f, round * 0.78f), iris);
            at.fill(Shape.circle(ix, iy, round * 0.48f), Rgb.grey(0.02f));
            at.fill(Shape.circle(ix - 0.03f, iy - 0.03f, 0.022f), Rgb.WHITE);
        }
        Rgb lash = dark ? Rgb.grey(0.02f) : shadow.times(make ? 0.15f : 0.45f);
        float thick = make ? 0.028f : 0.018f;
        float[] lid = {
            x - w * 1.04f, y + 0.01f, x - w * 0.5f, y - open, x + w * 0.4f, y - open * 1.05f, x + w * 1.04f, y
        };
        at.trace(lid, thick, Paint.flat(lash));
        float[] below = {x - w * 0.8f, y + open * 0.7f, x, y + open * 0.95f, x + w * 0.8f, y + open * 0.6f};
        at.trace(below, 0.008f, Paint.flat(shadow));
        at.fill(
                Shape.stroke(x - w * 0.8f, y - open - 0.06f, x + w * 0.8f, y - open - 0.065f, 0.006f, 0.006f),
                0.03f,
                0.5f,
                Paint.flat(shadow));
    }

    /** Drawn over the finished face. */
    void glasses() {
        if (person.glasses() == Person.Glasses.NONE) {
            return;
        }
        boolean sun = person.glasses() == Person.Glasses.DARK;
        Rgb frame = dice.chance(0.6f) ? Rgb.grey(0.05f) : Rgb.any(dice);
        float thick = dice.between(0.014f, 0.035f);
        float y = -0.05f + pitch;
        float radius = dice.between(0.21f, 0.26f);
        for (int side = -1; side <= 1; side += 2) {
            float x = pose.x(side * 0.34f);
            boolean round = person.glasses() == Person.Glasses.ROUND;
            float corner = round ? radius * 0.95f : 0.07f;
            float high = round ? radius : radius * 0.78f;
            Shape lens = Shape.rounded(x - radius, y - high, x + radius, y + high, corner);
            if (sun) {
                at.fill(
                        lens,
                        0,
                        0.93f,
                        Paint.down(y - high, Rgb.grey(0.04f), y + high, frame.mix(Rgb.grey(0.25f), 0.7f)));
            } else {
                at.fill(lens, 0, dice.between(0.03f, 0.15f), Paint.flat(Rgb.WHITE));
            }
            at.fill(new Shape.Rim(lens, thick), frame);
            at.fill(
                    Shape.stroke(x + side * radius, y - 0.04f, side * pose.wide() * 1.04f, y - 0.06f, thick, thick),
                    frame);
        }
        at.fill(
                Shape.stroke(pose.x(-0.34f) + radius, y - 0.03f, pose.x(0.34f) - radius, y - 0.03f, thick, thick),
                frame);
    }
}
