package io.github.tachyscope.diffusion.tiny.scene;

/**
 * How a head is held: a turn moves the features to one side and narrows the far half of the face, a nod moves them up or
 * down.
 *
 * @param yaw shift of the features
 * @param pitch shift of the features downwards
 * @param wide half of the width of the head
 */
record Pose(float yaw, float pitch, float wide) {
    static Pose any(Dice dice, Person person) {
        float yaw = dice.chance(0.4f) ? 0 : dice.around(0.22f);
        float wide = dice.between(0.68f, 0.8f) + (person.kind() == Person.Kind.CHILD ? 0.06f : 0);
        return new Pose(yaw, dice.around(0.07f), wide);
    }

    /** Where a feature of the frontal face ends up. */
    float x(float frontal) {
        return frontal * (1 - Math.abs(yaw) * (frontal * yaw > 0 ? 0.9f : 0.1f)) + yaw;
    }
}
