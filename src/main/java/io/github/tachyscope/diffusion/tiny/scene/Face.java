package io.github.tachyscope.diffusion.tiny.scene;

/** Ears, head, nose and mouth, in units of half a head height. */
final class Face {
    private final Canvas at;
    private final Dice dice;
    private final Person person;
    private final Light light;
    private final Pose pose;
    private final float wide;
    private final float pitch;
    private final Rgb skin;
    private final Rgb shadow;
    private final boolean dark;

    Face(Canvas at, Dice dice, Person person, Light light, Pose pose) {
        this.at = at;
        this.dice = dice;
        this.person = person;
        this.light = light;
        this.pose = pose;
        this.wide = pose.wide();
        this.pitch = pose.pitch();
        this.skin = person.skin();
        this.dark = skin.g() < 0.45f;
        this.shadow = person.shadow();
    }

    void draw() {
        ears();
        float jaw = wide * (person.kind() == Person.Kind.MAN ? dice.between(0.72f, 0.86f) : dice.between(0.6f, 0.74f));
        Outline form = Outline.from(0, -1.04f)
                .to(wide * 0.5f, -1.02f)
                .to(wide * 0.94f, -0.76f)
                .to(wide * 1.07f, -0.35f)
                .to(wide * 1.04f, 0.2f)
                .to(jaw, 0.72f)
                .to(0.26f, 1.03f)
                .to(0, 1.03f)
                .mirrored();
        Noise pores = new Noise(dice, 0.5f);
        Paint flesh = (x, y, rgb) -> {
            float tone = 0.94f + 0.12f * pores.at(x, y);
            rgb[0] = skin.r() * tone;
            rgb[1] = skin.g() * tone;
            rgb[2] = skin.b() * tone;
        };
        at.fill(form.smooth(3), flesh.lit(Box.around(0, 0, wide * 1.22f, 1.3f), light.glossy(dark ? 0.14f : 0.05f)));
        modelling();
        new Beards(at, dice, person, pose).draw();
        Eyes eyes = new Eyes(at, dice, person, pose);
        eyes.draw();
        nose();
        mouth();
        eyes.glasses();
    }

    private void ears() {
        float y = 0.02f + pitch;
        for (int side = -1; side <= 1; side += 2) {
            if (side * pose.yaw() > 0.12f) {
                continue;
            }
            float x = side * wide * 1.02f;
            at.fill(Shape.ellipse(x, y, 0.14f, 0.25f), skin.times(0.86f));
            at.fill(Shape.ellipse(x + side * 0.01f, y, 0.07f, 0.16f), 0.05f, 0.6f, Paint.flat(shadow));
        }
    }

    /** Cheeks, eye sockets and the shadow below the lower lip. */
    private void modelling() {
        Rgb blush = new Rgb(skin.r() * 1.02f, skin.g() * 0.72f, skin.b() * 0.72f);
        float rosy = dice.between(0.1f, 0.45f);
        for (int side = -1; side <= 1; side += 2) {
            at.fill(Shape.ellipse(pose.x(side * 0.42f), 0.3f + pitch, 0.2f, 0.16f), 0.25f, rosy, Paint.flat(blush));
            at.fill(Shape.ellipse(pose.x(side * 0.33f), -0.1f + pitch, 0.2f, 0.13f), 0.16f, 0.35f, Paint.flat(shadow));
        }
        at.fill(Shape.ellipse(pose.x(0), 0.76f + pitch, 0.2f, 0.05f), 0.1f, 0.4f, Paint.flat(shadow));
        if (dice.chance(0.25f)) {
            for (int i = 0; i < 3; i++) {
                float y = -0.62f + i * 0.1f + pitch;
                at.fill(
                        Shape.stroke(pose.x(-0.3f), y, pose.x(0.3f), y, 0.008f, 0.008f),
                        0.03f,
                        0.4f,
                        Paint.flat(shadow));
            }
        }
    }

    private void nose() {
        float tip = 0.27f + pitch;
        float side = light.x() > 0 ? -1 : 1;
        float ahead = pose.x(0) + pose.yaw() * 0.35f;
        float half = dice.between(0.1f, 0.16f);
        Outline shade = Outline.from(pose.x(side * 0.05f), -0.15f + pitch)
                .to(ahead + side * 0.06f, tip - 0.1f)
                .to(ahead + side * half * 1.2f, tip + 0.05f)
                .to(pose.x(side * 0.14f), 0)
                .closed();
        at.fill(shade.smooth(2), 0.38f, Paint.flat(shadow));
        at.fill(
                Shape.stroke(pose.x(0) - side * 0.02f, -0.12f + pitch, ahead - side * 0.02f, tip - 0.05f, 0.03f, 0.05f),
                0.06f,
                0.35f,
                Paint.flat(skin.times(1.3f)));
        at.fill(
                Shape.ellipse(ahead, tip, half, 0.085f),
                0.05f,
                0.8f,
                Paint.flat(skin.times(0.96f)).lit(Box.around(ahead, tip - 0.02f, half * 1.3f, 0.16f), light));
        at.fill(Shape.ellipse(ahead, tip + 0.075f, half * 0.9f, 0.03f), 0.05f, 0.55f, Paint.flat(shadow));
        for (int nostril = -1; nostril <= 1; nostril += 2) {
            at.fill(
                    Shape.ellipse(ahead + nostril * half * 0.5f, tip + 0.055f, 0.032f, 0.02f),
                    0.02f,
                    0.9f,
                    Paint.flat(shadow.times(0.45f)));
        }
    }

    private void mouth() {
        float y = 0.57f + pitch;
        float w = dice.between(0.2f, 0.28f);
        float curl = person.smiling() ? dice.between(0.03f, 0.09f) : dice.around(0.025f);
        float open = dice.chance(0.3f) ? dice.between(0.02f, 0.13f) : 0;
        float full = dice.between(0.035f, 0.075f);
        Rgb lip = person.kind() == Person.Kind.WOMAN && dice.chance(0.5f)
                ? Rgb.hsv(dice.between(0.92f, 1.02f), dice.between(0.4f, 0.8f), dice.between(0.45f, 0.85f))
                : new Rgb(skin.r() * 0.86f, skin.g() * 0.6f, skin.b() * 0.62f);
        float left = pose.x(-w);
        float right = pose.x(w);
        float mid = pose.x(0) + pose.yaw() * 0.15f;
        Outline outer = Outline.from(left, y - curl)
                .to((left + mid) / 2, y - full - curl * 0.2f)
                .to(mid, y - full * 0.75f)
                .to((right + mid) / 2, y - full - curl * 0.2f)
                .to(right, y - curl)
                .to((right + mid) / 2, y + full * 1.2f + open)
                .to(mid, y + full * 1.5f + open)
                .to((left + mid) / 2, y + full * 1.2f + open)
                .closed();
        at.fill(outer.smooth(2), Paint.down(y - full, lip.times(0.82f), y + full * 2 + open, lip.times(1.12f)));
        if (open > 0) {
            Outline gap = Outline.from(left + 0.04f, y - curl * 0.8f)
                    .to(mid, y - 0.01f)
                    .to(right - 0.04f, y - curl * 0.8f)
                    .to((right + mid) / 2, y + open * 0.9f)
                    .to((left + mid) / 2, y + open * 0.9f)
                    .closed();
            at.fill(gap.smooth(2), Rgb.hsv(0.98f, 0.6f, 0.16f));
            Outline teeth = Outline.from(left + 0.09f, y - curl * 0.5f)
                    .to(right - 0.09f, y - curl * 0.5f)
                    .to((right + mid) / 2, y + open * 0.45f)
                    .to((left + mid) / 2, y + open * 0.45f)
                    .closed();
            at.fill(teeth.smooth(1), Rgb.grey(0.9f));
        } else {
            float[] line = Outline.from(left, y - curl)
                    .to((left + mid) / 2, y + curl * 0.35f)
                    .to(mid, y + curl * 0.5f)
                    .to((right + mid) / 2, y + curl * 0.35f)
                    .to(right, y - curl)
                    .line();
            at.trace(line, 0.014f, Paint.flat(shadow.times(0.55f)));
        }
    }
}
