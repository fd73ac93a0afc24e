package io.github.tachyscope.diffusion.tiny.scene;

/** People as a webcam sees them: mostly head and shoulders, at times very near, at times two of them. */
final class Portraits {
    private Portraits() {}

    static String paint(Canvas canvas, Dice dice) {
        int size = canvas.width();
        float where = dice.unit();
        if (where < 0.72f) {
            Backdrop.indoors(canvas, dice);
        } else if (where < 0.86f) {
            Backdrop.studio(canvas, dice);
        } else {
            Backdrop.outdoors(canvas, dice);
        }
        Light light = Light.any(dice, 0).softer(0.26f);
        if (dice.chance(0.1f)) {
            float each = dice.between(26, 44);
            for (int i = 0; i < 2; i++) {
                float x = (i == 0 ? dice.between(0.18f, 0.36f) : dice.between(0.62f, 0.82f)) * size;
                Person person = Person.any(dice);
                place(
                        canvas,
                        dice,
                        person,
                        light,
                        x,
                        dice.between(0.35f, 0.55f) * size,
                        each * dice.between(0.85f, 1.15f));
            }
            return "two people";
        }
        boolean near = dice.chance(0.2f);
        float half = near ? dice.between(78, 135) : dice.between(32, 78);
        float sway = near ? 0.3f : 0.22f;
        float x = (0.5f + dice.around(sway)) * size;
        float lowest = Math.max(0.42f, 0.62f - 0.1f * half / 64);
        float y = dice.between(0.34f, lowest) * size;
        Person person = Person.any(dice);
        String doing = place(canvas, dice, person, light, x, y, half);
        return person.words(dice) + doing;
    }

    /** Draws body, head and hands; says what the hands do. */
    private static String place(Canvas canvas, Dice dice, Person person, Light light, float x, float y, float half) {
        float tilt = dice.around(0.16f);
        Pose pose = Pose.any(dice, person);
        Canvas body = canvas.placed(x, y, half, tilt * 0.2f);
        Canvas head = canvas.placed(x, y, half, tilt);
        Hair hair = new Hair(head, dice, person, light, pose);
        hair.behind();
        new Torso(body, dice, person, light).draw();
        new Face(head, dice, person, light, pose).draw();
        hair.front();
        new Headwear(head, dice, person, pose).draw();
        return Hands.draw(body, dice, person, light);
    }
}
