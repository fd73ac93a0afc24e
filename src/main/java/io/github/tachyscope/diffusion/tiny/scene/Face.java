package io.github.tachyscope.diffusion.tiny.scene;

/**
 * Ears, head and features, in units of half a head height. A turn of the head moves the features to one side and
 * narrows the far half.
 */
final class Face {
    private final Canvas at;
    private final Dice dice;
    private final Person person;
    private final Light light;
    private final float yaw;
    private final float pitch;
    private final float wide;
    private final Rgb skin;
    private final Rgb shadow;
    private final boolean dark;

    Face(Canvas at, Dice dice, Person person, Light light, float yaw) {
        this.at = at;
        this.dice = dice;
        this.person = person;
        this.light = light;
        this.yaw = yaw * 0.22f;
        this.pitch = dice.around(0.07f);
        this.wide = dice.between(0.68f, 0.8f) + (person.kind() == Person.Kind.CHILD ? 0.06f : 0);
        this.skin = person.skin();
        this.dark = skin.g() < 0.45f;
        this.shadow = skin.times(0.5f).times(new Rgb(1.08f, 0.95f, 0.92f));
    }

    /** Where a feature of the frontal face ends up. */
    private float x(float frontal) {
        return frontal * (1 - Math.abs(yaw) * (frontal * yaw > 0 ? 0.9f : 0.1f)) + yaw;
    }

    void draw() {
        ears();
        float jaw = wide * (person.kind() == Person.Kind.MAN ? dice.between(0.72f, 0.86f) : dice.between(0.6f, 0.74f));
        Outline form = Outline.mirrored(
                0,
                -1,
                wide * 0.75f,
                -0.96f,
                wide * 1.06f,
                -0.45f,
                wide * 1.04f,
                0.2f,
                jaw,
                0.72f,
                0.26f,
                1.03f,
                0,
                1.03f);
        Noise pores = new Noise(dice, 0.5f);
        Paint flesh = (x, y, rgb) -> {
            float tone = 0.94f + 0.12f * pores.at(x, y);
            rgb[0] = skin.r() * tone;
            rgb[1] = skin.g() * tone;
            rgb[2] = skin.b() * tone;
        };
        at.fill(form.smooth(3), flesh.lit(Box.around(0, 0, wide * 1.22f, 1.3f), light.glossy(dark ? 0.14f : 0.05f)));
        modelling();
        beard();
        eyes();
        nose();
        mouth();
        glasses();
    }

    private void ears() {
        float y = 0.02f + pitch;
        for (int side = -1; side <= 1; side += 2) {
            if (side * yaw > 0.12f) {
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
            at.fill(Shape.ellipse(x(side * 0.42f), 0.3f + pitch, 0.2f, 0.16f), 0.25f, rosy, Paint.flat(blush));
            at.fill(Shape.ellipse(x(side * 0.33f), -0.1f + pitch, 0.2f, 0.13f), 0.16f, 0.35f, Paint.flat(shadow));
        }
        at.fill(Shape.ellipse(x(0), 0.76f + pitch, 0.2f, 0.05f), 0.1f, 0.4f, Paint.flat(shadow));
        if (dice.chance(0.25f)) {
            for (int i = 0; i < 3; i++) {
                float y = -0.62f + i * 0.1f + pitch;
                at.fill(Shape.stroke(x(-0.3f), y, x(0.3f), y, 0.008f, 0.008f), 0.03f, 0.4f, Paint.flat(shadow));
            }
        }
    }

    private void eyes() {
        float open = dice.chance(0.06f) ? 0.012f : dice.between(0.06f, 0.1f);
        open *= person.kind() == Person.Kind.CHILD ? 1.25f : 1;
        float half = dice.between(0.145f, 0.18f);
        float gazeX = dice.around(0.05f);
        float gazeY = dice.around(0.02f);
        Rgb iris = switch (dice.below(3)) {
            case 0 -> Rgb.hsv(dice.between(0.3f, 0.62f), dice.between(0.2f, 0.6f), dice.between(0.4f, 0.8f));
            default -> Rgb.hsv(0.07f, 0.7f, dice.between(0.15f, 0.45f));
        };
        float browLift = dice.between(0.2f, 0.3f);
        float browTilt = dice.around(0.05f);
        float browThick = person.kind() == Person.Kind.MAN ? dice.between(0.035f, 0.06f) : dice.between(0.018f, 0.04f);
        Rgb brow = person.hair().mix(shadow, 0.25f).times(dark ? 0.35f : 0.75f);
        boolean make = person.kind() == Person.Kind.WOMAN && dice.chance(0.5f);
        for (int side = -1; side <= 1; side += 2) {
            float x = x(side * 0.33f);
            float narrow = 1 - Math.abs(yaw) * (side * yaw > 0 ? 1.4f : 0.2f);
            float y = -0.08f + pitch;
            float w = half * narrow;
            eye(x, y, w, open, gazeX, gazeY, iris, make);
            float[] arch = {
                x - side * w * 1.05f,
                y - browLift + browTilt,
                x + side * w * 0.3f,
                y - browLift - 0.05f,
                x + side * w * 1.25f,
                y - browLift + 0.05f - browTilt * 0.5f,
            };
            at.fill(
                    Shape.stroke(arch[0], arch[1], arch[2], arch[3], browThick * 1.1f, browThick),
                    0.02f,
                    0.95f,
                    Paint.flat(brow));
            at.fill(
                    Shape.stroke(arch[2], arch[3], arch[4], arch[5], browThick, browThick * 0.4f),
                    0.02f,
                    0.95f,
                    Paint.flat(brow));
        }
    }

    private void eye(float x, float y, float w, float open, float gazeX, float gazeY, Rgb iris, boolean make) {
        Outline slit = Outline.of(
                        x - w,
                        y + 0.01f,
                        x - w * 0.55f,
                        y - open,
                        x + w * 0.4f,
                        y - open * 1.05f,
                        x + w,
                        y,
                        x + w * 0.5f,
                        y + open * 0.8f,
                        x - w * 0.5f,
                        y + open * 0.8f)
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

    private void nose() {
        float tip = 0.27f + pitch;
        float side = light.x() > 0 ? -1 : 1;
        float ahead = x(0) + yaw * 0.35f;
        float half = dice.between(0.1f, 0.16f);
        Outline shade = Outline.of(
                x(side * 0.05f),
                -0.15f + pitch,
                ahead + side * 0.06f,
                tip - 0.1f,
                ahead + side * half * 1.2f,
                tip + 0.05f,
                x(side * 0.14f),
                0);
        at.fill(shade.smooth(2), 0.38f, Paint.flat(shadow));
        at.fill(
                Shape.stroke(x(0) - side * 0.02f, -0.12f + pitch, ahead - side * 0.02f, tip - 0.05f, 0.03f, 0.05f),
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
        float left = x(-w);
        float right = x(w);
        float mid = x(0) + yaw * 0.15f;
        Outline outer = Outline.of(
                left,
                y - curl,
                (left + mid) / 2,
                y - full - curl * 0.2f,
                mid,
                y - full * 0.75f,
                (right + mid) / 2,
                y - full - curl * 0.2f,
                right,
                y - curl,
                (right + mid) / 2,
                y + full * 1.2f + open,
                mid,
                y + full * 1.5f + open,
                (left + mid) / 2,
                y + full * 1.2f + open);
        at.fill(outer.smooth(2), Paint.down(y - full, lip.times(0.82f), y + full * 2 + open, lip.times(1.12f)));
        if (open > 0) {
            Outline gap = Outline.of(
                    left + 0.04f,
                    y - curl * 0.8f,
                    mid,
                    y - 0.01f,
                    right - 0.04f,
                    y - curl * 0.8f,
                    (right + mid) / 2,
                    y + open * 0.9f,
                    (left + mid) / 2,
                    y + open * 0.9f);
            at.fill(gap.smooth(2), Rgb.hsv(0.98f, 0.6f, 0.16f));
            Outline teeth = Outline.of(
                    left + 0.09f,
                    y - curl * 0.5f,
                    right - 0.09f,
                    y - curl * 0.5f,
                    (right + mid) / 2,
                    y + open * 0.45f,
                    (left + mid) / 2,
                    y + open * 0.45f);
            at.fill(teeth.smooth(1), Rgb.grey(0.9f));
        } else {
            float[] line = {
                left,
                y - curl,
                (left + mid) / 2,
                y + curl * 0.35f,
                mid,
                y + curl * 0.5f,
                (right + mid) / 2,
                y + curl * 0.35f,
                right,
                y - curl
            };
            at.trace(line, 0.014f, Paint.flat(shadow.times(0.55f)));
        }
    }

    private void beard() {
        if (person.beard() == Person.Beard.NONE) {
            return;
        }
        Noise strands = new Noise(dice, 0.1f, 0.3f);
        Rgb tone = person.hair();
        Paint hairs = (x, y, rgb) -> {
            float shade = 0.5f + strands.at(x, y);
            rgb[0] = tone.r() * shade;
            rgb[1] = tone.g() * shade;
            rgb[2] = tone.b() * shade;
        };
        float m = x(0);
        Outline jaw = Outline.mirrored(
                        0,
                        0.42f,
                        0.3f,
                        0.42f,
                        wide * 0.75f,
                        0.3f,
                        wide * 1.02f,
                        0.05f,
                        wide * 1.02f,
                        0.4f,
                        wide * 0.8f,
                        0.85f,
                        0.35f,
                        1.15f,
                        0,
                        dice.between(1.12f, 1.5f))
                .smooth(2)
                .moved(m * 0.3f, pitch);
        switch (person.beard()) {
            case FULL -> at.fill(jaw, 0.95f, hairs);
            case STUBBLE -> at.fill(jaw, 0.3f, hairs);
            case GOATEE ->
                at.fill(
                        Outline.mirrored(0, 0.66f, 0.18f, 0.66f, 0.24f, 0.9f, 0.12f, 1.12f, 0, 1.16f)
                                .smooth(2)
                                .moved(m, pitch),
                        0.95f,
                        hairs);
            default -> {}
        }
        if (person.beard() != Person.Beard.STUBBLE) {
            Outline moustache = Outline.mirrored(0, 0.4f, 0.2f, 0.42f, 0.34f, 0.6f, 0.18f, 0.53f, 0, 0.5f);
            at.fill(moustache.smooth(1).moved(m, pitch), 0.92f, hairs);
        }
    }

    private void glasses() {
        if (person.glasses() == Person.Glasses.NONE) {
            return;
        }
        boolean sun = person.glasses() == Person.Glasses.DARK;
        Rgb frame = dice.chance(0.6f) ? Rgb.grey(0.05f) : Rgb.any(dice);
        float thick = dice.between(0.014f, 0.035f);
        float y = -0.05f + pitch;
        float radius = dice.between(0.21f, 0.26f);
        for (int side = -1; side <= 1; side += 2) {
            float x = x(side * 0.34f);
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
            at.fill(Shape.stroke(x + side * radius, y - 0.04f, side * wide * 1.04f, y - 0.06f, thick, thick), frame);
        }
        at.fill(Shape.stroke(x(-0.34f) + radius, y - 0.03f, x(0.34f) - radius, y - 0.03f, thick, thick), frame);
    }
}
