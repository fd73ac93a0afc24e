package io.github.tachyscope.diffusion.tiny.scene;

/** Neck, shoulders and clothes, in units of half a head height around the middle of the head. */
final class Torso {
    private final Canvas at;
    private final Dice dice;
    private final Person person;
    private final Light light;
    private final float shoulder;
    private final float drop;

    Torso(Canvas at, Dice dice, Person person, Light light) {
        this.at = at;
        this.dice = dice;
        this.person = person;
        this.light = light;
        shoulder = switch (person.kind()) {
            case MAN -> dice.between(1.9f, 2.5f);
            case WOMAN -> dice.between(1.6f, 2.05f);
            case CHILD -> dice.between(1.35f, 1.7f);
        };
        drop = dice.between(1.45f, 1.75f);
    }

    void draw() {
        Rgb colour = Rgb.any(dice);
        Paint cloth = folds(Textures.cloth(dice, dice.between(0.3f, 1), colour));
        float low = 9;
        Outline trunk = Outline.from(0, 1.05f)
                .to(0.42f, 1.1f)
                .to(shoulder * 0.62f, drop - 0.12f)
                .to(shoulder, drop + 0.25f)
                .to(shoulder * 1.12f, 2.6f)
                .to(shoulder * 1.2f, low)
                .to(0, low)
                .mirrored();
        Box round = Box.around(0, 3, shoulder * 1.35f, 3.2f);
        at.fill(trunk.smooth(3), cloth.lit(round, light));
        for (int side = -1; side <= 1; side += 2) {
            float x = side * shoulder * 0.82f;
            at.fill(Shape.stroke(x, drop + 1.3f, x * 1.02f, 9, 0.035f, 0.06f), 0.12f, 0.45f, Paint.flat(Rgb.BLACK));
        }
        neck();
        collar(colour, cloth);
    }

    private Paint folds(Paint cloth) {
        Noise folds = new Noise(dice, 0.6f, 1.8f);
        float depth = dice.between(0.2f, 0.7f);
        return (x, y, rgb) -> {
            cloth.at(x, y, rgb);
            float tone = 1 + depth * (folds.at(x, y) - 0.5f);
            rgb[0] *= tone;
            rgb[1] *= tone;
            rgb[2] *= tone;
        };
    }

    private void neck() {
        float half = person.kind() == Person.Kind.MAN ? 0.42f : 0.34f;
        Outline form = Outline.mirrored(half, 0.4f, half, 1.05f, half + 0.25f, 1.35f, 0.3f, 1.5f, 0, 1.6f);
        Rgb skin = person.skin();
        Box box = Box.around(0, 1, half * 1.5f, 1.5f);
        at.fill(
                form.smooth(2),
                Paint.down(0.75f, skin.times(0.62f), 1.35f, skin.times(0.98f)).lit(box, light));
    }

    private void collar(Rgb colour, Paint cloth) {
        Rgb dark = colour.times(0.7f);
        switch (dice.below(5)) {
            case 0 -> {
                Rgb shirt = dice.chance(0.5f) ? Rgb.grey(0.93f) : Rgb.any(dice);
                at.fill(Outline.mirrored(0, 1.3f, 0.35f, 1.2f, 0.5f, 1.5f, 0, 3.4f), shirt);
                if (dice.chance(0.7f)) {
                    Paint tie = Textures.any(dice, 0.2f, Rgb.any(dice), Rgb.any(dice));
                    at.fill(Outline.mirrored(0, 1.5f, 0.12f, 1.5f, 0.08f, 1.75f, 0.17f, 3, 0, 3.3f), tie);
                }
                for (int side = -1; side <= 1; side += 2) {
                    Canvas own = side > 0 ? at : at.flipped();
                    own.fill(
                            Outline.of(0.3f, 1.15f, 0.6f, 1.3f, 0.62f, 2.1f, 0.05f, 3.5f, 0.3f, 2),
                            cloth.times(Rgb.grey(0.75f)));
                }
            }
            case 1 -> {
                for (int side = -1; side <= 1; side += 2) {
                    Canvas own = side > 0 ? at : at.flipped();
                    own.fill(Outline.of(0.02f, 1.62f, 0.36f, 1.1f, 0.62f, 1.35f, 0.4f, 1.85f), colour.times(1.12f));
                }
                at.fill(Shape.stroke(0, 1.65f, 0, 9, 0.02f, 0.02f), dark);
                for (int i = 0; i < 4; i++) {
                    at.fill(Shape.circle(0.07f, 2 + i * 0.55f, 0.035f), dark.times(0.6f));
                }
            }
            case 2 -> {
                Outline hood = Outline.mirrored(0.3f, 0.85f, 0.75f, 0.8f, 0.85f, 1.35f, 0.45f, 1.75f, 0, 1.9f, 0, 1.6f);
                at.fill(hood.smooth(2), cloth.times(Rgb.grey(0.72f)));
                for (int side = -1; side <= 1; side += 2) {
                    at.fill(Shape.stroke(side * 0.2f, 1.75f, side * 0.22f, 2.6f, 0.025f, 0.025f), Rgb.grey(0.9f));
                }
            }
            case 3 -> {
                Rgb skin = person.skin();
                at.fill(
                        Outline.mirrored(0, 1.25f, 0.4f, 1.2f, 0.25f, 1.6f, 0, dice.between(1.8f, 2.4f)),
                        Paint.down(1.2f, skin.times(0.8f), 2, skin));
            }
            default -> {
                Outline band =
                        Outline.mirrored(0, 1.5f, 0.35f, 1.42f, 0.6f, 1.15f, 0.68f, 1.2f, 0.42f, 1.55f, 0, 1.66f);
                at.fill(band.smooth(1), dark);
            }
        }
        if (dice.chance(0.12f)) {
            Rgb metal = Rgb.hsv(0.12f, dice.between(0.1f, 0.7f), 0.9f);
            at.trace(
                    new float[] {-0.4f, 1.3f, -0.2f, 1.65f, 0, 1.78f, 0.2f, 1.65f, 0.4f, 1.3f},
                    0.025f,
                    Paint.flat(metal));
        }
    }
}
