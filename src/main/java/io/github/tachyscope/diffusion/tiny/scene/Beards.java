package io.github.tachyscope.diffusion.tiny.scene;

/** Beards and moustaches, in units of half a head height. */
final class Beards {
    private final Canvas at;
    private final Dice dice;
    private final Person person;
    private final Pose pose;
    private final float wide;
    private final float pitch;

    Beards(Canvas at, Dice dice, Person person, Pose pose) {
        this.at = at;
        this.dice = dice;
        this.person = person;
        this.pose = pose;
        this.wide = pose.wide();
        this.pitch = pose.pitch();
    }

    void draw() {
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
        float m = pose.x(0);
        Outline jaw = Outline.from(0, 0.42f)
                .to(0.3f, 0.42f)
                .to(wide * 0.75f, 0.3f)
                .to(wide * 1.02f, 0.05f)
                .to(wide * 1.02f, 0.4f)
                .to(wide * 0.8f, 0.85f)
                .to(0.35f, 1.15f)
                .to(0, dice.between(1.12f, 1.5f))
                .mirrored()
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
}
