package io.github.tachyscope.diffusion.tiny.scene;

/** Hair behind and over the head, in units of half a head height. */
final class Hair {
    private final Canvas at;
    private final Dice dice;
    private final Person.HairCut cut;
    private final Paint strands;
    private final Light light;
    private final float yaw;

    Hair(Canvas at, Dice dice, Person person, Light light, Pose pose) {
        this.at = at;
        this.dice = dice;
        this.cut = person.cut();
        this.light = light;
        this.yaw = pose.yaw() * 0.7f;
        Rgb tone = person.hair();
        boolean curls = cut == Person.HairCut.CURLY;
        Noise noise = curls ? new Noise(dice, 0.2f) : new Noise(dice, 0.11f, 0.8f);
        this.strands = (x, y, rgb) -> {
            float shade = 0.45f + 1.1f * noise.at(curls ? x : x * (1.2f - 0.4f * y), y);
            rgb[0] = tone.r() * shade;
            rgb[1] = tone.g() * shade;
            rgb[2] = tone.b() * shade;
        };
    }

    private Paint lit(float halfX, float halfY) {
        return strands.lit(Box.around(0, -0.1f, halfX, halfY), light.glossy(0.1f));
    }

    void behind() {
        switch (cut) {
            case BALD, CROPPED, SHORT, PARTED -> {}
            case CURLY -> {
                float reach = dice.between(1, 1.35f);
                at.fill(
                        Outline.blob(dice, Box.around(0, -0.3f, reach, reach), 19, 0.1f)
                                .smooth(2),
                        lit(1.4f, 1.6f));
            }
            case BUN -> {
                at.fill(Shape.circle(yaw, -1.25f, 0.36f), strands.lit(Box.around(yaw, -1.25f, 0.4f, 0.4f), light));
                at.fill(Shape.ellipse(0, -0.2f, 0.9f, 0.98f), lit(1.1f, 1.2f));
            }
            case BOB, LONG -> {
                float low = cut == Person.HairCut.BOB ? dice.between(0.75f, 1.15f) : dice.between(1.5f, 2.9f);
                float flare = dice.between(0.95f, 1.3f);
                Outline mass = Outline.from(0, -1.18f)
                        .to(0.65f, -1.12f)
                        .to(1, -0.5f)
                        .to(flare, 0.3f)
                        .to(flare * 1.02f, low)
                        .to(flare * 0.5f, low + 0.05f)
                        .to(0, low)
                        .mirrored();
                at.fill(mass.smooth(2), lit(1.35f, 2.2f));
            }
        }
    }

    void front() {
        float line = -dice.between(0.5f, 0.72f);
        float part = dice.around(0.45f) + yaw;
        switch (cut) {
            case BALD -> {}
            case CROPPED -> at.fill(cap(line - 0.05f, 0, 0.82f, -1.03f), 0.75f, lit(1, 1.2f));
            case CURLY -> {
                Outline fringe = Outline.blob(dice, Box.around(0, -0.95f, 0.92f, 0.38f), 15, 0.2f)
                        .smooth(2);
                at.fill(fringe, lit(1.3f, 1.4f));
            }
            case SHORT -> {
                at.fill(cap(line, part, 0.86f, -1.12f - dice.between(0, 0.15f)), lit(1.05f, 1.3f));
                spikes(line);
            }
            case PARTED -> at.fill(sweep(line, part), lit(1.05f, 1.3f));
            case BUN -> at.fill(cap(line - 0.08f, 0, 0.84f, -1.1f), lit(1.05f, 1.3f));
            case BOB, LONG -> {
                if (dice.chance(0.5f)) {
                    at.fill(sweep(line, part), lit(1.1f, 1.4f));
                } else {
                    at.fill(cap(-dice.between(0.35f, 0.5f), 0, 0.9f, -1.14f), lit(1.1f, 1.4f));
                }
                for (int side = -1; side <= 1; side += 2) {
                    Canvas own = side > 0 ? at : at.flipped();
                    Outline lock =
                            Outline.of(0.62f, -0.9f, 0.98f, -0.5f, 1.02f, 0.6f, 0.86f, 0.85f, 0.76f, 0.3f, 0.7f, -0.4f);
                    own.fill(lock.smooth(2), lit(1.3f, 1.6f));
                }
            }
        }
    }

    /** Hair on the crown down to the hair line and the temples. */
    private Outline cap(float line, float part, float half, float top) {
        return Outline.from(-half, 0.02f)
                .to(-half - 0.06f, -0.5f)
                .to(-half * 0.9f, top * 0.76f)
                .to(-half * 0.56f, top * 0.97f)
                .to(0, top * 1.03f)
                .to(half * 0.56f, top * 0.97f)
                .to(half * 0.9f, top * 0.76f)
                .to(half + 0.06f, -0.5f)
                .to(half, 0.02f)
                .to(half * 0.88f, -0.35f)
                .to(half * 0.6f, line)
                .to(part, line - 0.06f)
                .to(-half * 0.6f, line)
                .to(-half * 0.88f, -0.35f)
                .closed()
                .smooth(3);
    }

    /** Hair combed to both sides of a parting. */
    private Outline sweep(float line, float part) {
        return Outline.from(-0.84f, 0.05f)
                .to(-0.93f, -0.5f)
                .to(-0.8f, -0.84f)
                .to(-0.5f, -1.12f)
                .to(part * 0.5f, -1.22f)
                .to(0.5f, -1.12f)
                .to(0.8f, -0.84f)
                .to(0.93f, -0.5f)
                .to(0.84f, 0.05f)
                .to(0.76f, -0.3f)
                .to(0.6f, line + 0.12f)
                .to(part, line - 0.3f)
                .to(-0.6f, line + 0.12f)
                .to(-0.76f, -0.3f)
                .closed()
                .smooth(3);
    }

    private void spikes(float line) {
        int count = dice.from(0, 7);
        for (int i = 0; i < count; i++) {
            float x = dice.around(0.55f);
            float lean = dice.around(0.25f);
            at.fill(
                    Outline.of(x - 0.14f, line - 0.12f, x + lean * 0.5f, line + 0.13f, x + 0.14f, line - 0.12f),
                    lit(1.05f, 1.3f));
        }
    }
}
