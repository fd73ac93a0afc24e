package io.github.tachyscope.diffusion.tiny.scene;

/** Draws the scenes that the model is trained on. Equal seeds give equal pictures. */
public final class TrainingScenes {
    public static final int SIZE = 256;

    private TrainingScenes() {}

    /** A scene of a family that the seed chooses by the shares of the mixture. */
    public static Scene scene(long seed) {
        return scene(family(seed), seed);
    }

    public static Scene scene(SceneFamily family, long seed) {
        Dice dice = new Dice(seed * 31 + family.ordinal());
        Canvas canvas = new Canvas(SIZE, SIZE);
        String content = family.painter().paint(canvas, dice);
        boolean mirrored = family != SceneFamily.SIGN && dice.chance(0.5f);
        return new Scene(CameraSimulation.take(canvas, dice, mirrored), content);
    }

    static SceneFamily family(long seed) {
        double left = new Dice(~seed).unit();
        for (SceneFamily family : SceneFamily.values()) {
            left -= family.share();
            if (left < 0) {
                return family;
            }
        }
        return SceneFamily.PORTRAIT;
    }
}
