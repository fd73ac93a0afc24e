package io.github.tachyscope.diffusion.tiny.scene;

/** Cats and dogs that sit and look into the camera. */
final class Pets {
    private final Canvas at;
    private final Dice dice;
    private final boolean cat;
    private final Rgb coat;
    private final Rgb bib;
    private final Paint fur;
    private final Light light;

    private Pets(Canvas canvas, Dice dice) {
        this.dice = dice;
        int size = canvas.width();
        float head = dice.between(34, 75);
        at = canvas.placed(
                dice.between(0.35f, 0.65f) * size, dice.between(0.3f, 0.55f) * size, head, dice.around(0.12f));
        cat = dice.chance(0.5f);
        coat = switch (dice.below(4)) {
            case 0 -> Rgb.hsv(dice.between(0.05f, 0.1f), dice.between(0.4f, 0.8f), dice.between(0.45f, 0.95f));
            case 1 -> Rgb.grey(dice.between(0.1f, 0.3f));
            case 2 -> Rgb.hsv(0.09f, dice.between(0, 0.25f), dice.between(0.7f, 0.97f));
            default -> Rgb.hsv(dice.between(0.05f, 0.12f), dice.between(0.1f, 0.5f), dice.between(0.25f, 0.6f));
        };
        bib = coat.mix(Rgb.grey(0.95f), dice.between(0.3f, 0.9f));
        Paint hair = hair(coat);
        if (dice.chance(0.4f)) {
            Paint patches = Textures.contrast(dice, 0.9f, coat, dice.chance(0.5f) ? bib : coat.times(0.35f));
            fur = strands(patches);
        } else if (cat && dice.chance(0.5f)) {
            fur = strands(Textures.marble(dice, 0.35f, coat, coat.times(0.5f)));
        } else {
            fur = hair;
        }
        light = Light.any(dice, 0).softer(0.45f);
    }

    static String paint(Canvas canvas, Dice dice) {
        if (dice.chance(0.6f)) {
            Backdrop.indoors(canvas, dice);
        } else {
            Backdrop.outdoors(canvas, dice);
        }
        return new Pets(canvas, dice).draw();
    }

    private Paint hair(Rgb tone) {
        return strands(Paint.flat(tone));
    }

    private Paint strands(Paint base) {
        Noise strand = new Noise(dice, 0.12f, 0.5f);
        return (x, y, rgb) -> {
            base.at(x, y, rgb);
            float tone = 0.62f + 0.76f * strand.at(x, y);
            rgb[0] *= tone;
            rgb[1] *= tone;
            rgb[2] *= tone;
        };
    }

    private String draw() {
        body();
        if (cat) {
            catEars();
        }
        float wide = cat ? dice.between(0.95f, 1.1f) : dice.between(0.75f, 0.95f);
        Box box = Box.around(0, 0, wide, 0.88f);
        Outline head = Outline.from(0, -0.92f)
                .to(wide * 0.45f, -0.9f)
                .to(wide * 0.88f, -0.6f)
                .to(wide * 1.02f, -0.15f)
                .to(wide * 1.02f, 0.25f)
                .to(wide * 0.6f, 0.8f)
                .to(0, 0.9f)
                .mirrored();
        at.fill(Shape.ellipse(0, 0.5f, wide, 0.7f), 0.4f, 0.35f, Paint.flat(Rgb.BLACK));
        at.fill(head.smooth(3), fur.lit(box, light));
        if (!cat) {
            dogEars(wide);
        }
        muzzle();
        eyes();
        return (dice.chance(0.4f) ? coat.article() + " " : "a ") + (cat ? "cat" : "dog");
    }

    private void body() {
        float wide = dice.between(0.9f, 1.4f);
        Box box = Box.around(0, 2, wide, 1.9f);
        if (dice.chance(0.7f)) {
            float side = dice.sign();
            float[] tail = {side * wide * 0.7f, 3, side * (wide + 0.7f), 2.7f, side * (wide + 0.9f), 1.8f};
            at.trace(tail, 0.16f, fur);
        }
        Outline torso =
                Outline.mirrored(0, 0.2f, 0.55f, 0.4f, wide * 0.8f, 1.2f, wide, 2.4f, wide * 0.95f, 3.8f, 0, 3.9f);
        at.fill(torso.smooth(3), fur.lit(box, light));
        Outline chest = Outline.mirrored(0, 0.4f, 0.4f, 0.9f, 0.3f, 1.9f, 0, 2.2f);
        at.fill(chest.smooth(2), 0.8f, hair(bib));
        for (int side = -1; side <= 1; side += 2) {
            Box leg = Box.around(side * 0.42f, 2.6f, 0.32f, 1.2f);
            at.fill(Shape.ellipse(side * 0.42f, 2.6f, 0.32f, 1.2f), 0.08f, 1, fur.lit(leg, light));
            at.fill(Shape.ellipse(side * 0.45f, 3.7f, 0.36f, 0.22f), hair(bib));
        }
        if (dice.chance(0.4f)) {
            at.fill(Outline.mirrored(0, 0.9f, 0.5f, 0.72f, 0.52f, 0.86f, 0, 1.06f), Rgb.vivid(dice));
        }
    }

    private void catEars() {
        float spread = dice.between(0.5f, 0.7f);
        for (int side = -1; side <= 1; side += 2) {
            Canvas ear = (side > 0 ? at : at.flipped()).placed(spread, -0.55f, 1, 0.25f);
            ear.fill(Outline.of(-0.4f, 0.2f, -0.05f, -0.85f, 0.42f, 0.25f).smooth(1), fur);
            Rgb inner = Rgb.hsv(0.02f, 0.35f, 0.8f).mix(coat, 0.3f);
            ear.fill(Outline.of(-0.22f, 0.12f, -0.03f, -0.55f, 0.24f, 0.14f).smooth(1), inner);
        }
    }

    private void dogEars(float wide) {
        boolean hanging = dice.chance(0.7f);
        Paint ear = hair(coat.times(dice.between(0.5f, 1)));
        for (int side = -1; side <= 1; side += 2) {
            Canvas own = side > 0 ? at : at.flipped();
            Outline form = hanging
                    ? Outline.from(wide * 0.5f, -0.85f)
                            .to(wide, -0.7f)
                            .to(wide * 1.35f, 0)
                            .to(wide * 1.2f, 0.7f)
                            .to(wide * 0.95f, 0.4f)
                            .closed()
                    : Outline.of(wide * 0.35f, -0.7f, wide * 0.75f, -1.4f, wide * 1.1f, -0.4f);
            own.fill(form.smooth(2).moved(0.03f, 0.05f), 0.4f, Paint.flat(Rgb.BLACK));
            own.fill(form.smooth(2), ear);
        }
    }

    private void muzzle() {
        float wide = cat ? 0.42f : dice.between(0.4f, 0.52f);
        float y = cat ? 0.38f : 0.42f;
        Box box = Box.around(0, y, wide, cat ? 0.3f : 0.45f);
        at.fill(
                Shape.ellipse(0, y, wide, cat ? 0.3f : 0.45f),
                0.15f,
                0.9f,
                hair(bib).lit(box, light));
        Rgb nose = cat ? Rgb.hsv(0.0f, 0.35f, 0.75f) : Rgb.grey(0.06f);
        float half = cat ? 0.11f : 0.2f;
        float top = cat ? 0.18f : 0.08f;
        at.fill(
                Outline.mirrored(0, top, half, top, half * 0.9f, top + half * 0.6f, 0, top + half * 1.3f)
                        .smooth(2),
                nose);
        at.fill(Shape.circle(-half * 0.3f, top + half * 0.3f, half * 0.2f), nose.mix(Rgb.WHITE, 0.6f));
        Paint line = Paint.flat(Rgb.grey(0.08f));
        float low = y + (cat ? 0.16f : 0.2f);
        at.trace(new float[] {0, top + half, 0, low}, 0.02f, line);
        at.trace(
                new float[] {-0.24f, low - 0.02f, -0.12f, low + 0.07f, 0, low, 0.12f, low + 0.07f, 0.24f, low - 0.02f},
                0.02f,
                line);
        if (!cat && dice.chance(0.5f)) {
            at.fill(Shape.rounded(-0.13f, low + 0.05f, 0.13f, low + 0.4f, 0.13f), Rgb.hsv(0.97f, 0.5f, 0.85f));
        }
        if (cat) {
            Paint whisker = Paint.flat(Rgb.grey(coat.g() > 0.6f ? 0.35f : 0.92f));
            for (int i = -1; i <= 1; i++) {
                float tilt = i * 0.14f;
                at.fill(Shape.stroke(0.3f, y + tilt * 0.4f, 1.15f, y + tilt + 0.05f, 0.014f, 0.004f), whisker);
                at.fill(Shape.stroke(-0.3f, y + tilt * 0.4f, -1.15f, y + tilt + 0.05f, 0.014f, 0.004f), whisker);
            }
        }
    }

    private void eyes() {
        float apart = dice.between(0.36f, 0.48f);
        float radius = cat ? dice.between(0.17f, 0.24f) : dice.between(0.12f, 0.16f);
        Rgb iris = cat
                ? Rgb.hsv(dice.between(0.12f, 0.55f), dice.between(0.4f, 0.9f), dice.between(0.6f, 0.95f))
                : Rgb.hsv(0.07f, 0.7f, dice.between(0.2f, 0.45f));
        float gaze = dice.around(0.04f);
        for (int side = -1; side <= 1; side += 2) {
            float x = side * apart;
            at.fill(Shape.ellipse(x, -0.12f, radius * 1.18f, radius * 1.05f), Rgb.grey(0.05f));
            at.fill(Shape.ellipse(x, -0.12f, radius, radius * 0.9f), iris);
            at.fill(Shape.ellipse(x + gaze, -0.12f, radius * (cat ? 0.35f : 0.6f), radius * 0.75f), Rgb.grey(0.02f));
            at.fill(Shape.circle(x - radius * 0.3f, -0.12f - radius * 0.35f, radius * 0.22f), Rgb.WHITE);
        }
    }
}
