package io.github.tachyscope.diffusion.tiny.scene;

import java.util.List;

/**
 * Pictures for judging the model: three-dimensional models, whose look no training scene shares. They never change, so
 * that numbers of different models can be compared.
 */
public final class HeldOutScenes {
    private HeldOutScenes() {}

    /** Nine pictures of families that are never used in training. */
    public static List<Scene> unseenFamilies() {
        return List.of(
                take(
                        11,
                        (canvas, dice) -> WavingFigure.render(
                                canvas, dice, new Rgb(0.92f, 0.7f, 0.57f), new Rgb(0.22f, 0.13f, 0.08f))),
                take(12, StillLife::render),
                take(13, FoggyTerrain::render),
                take(14, Gyroid::render),
                take(
                        15,
                        (canvas, dice) -> WavingFigure.render(
                                canvas, dice, new Rgb(0.4f, 0.25f, 0.17f), new Rgb(0.05f, 0.04f, 0.04f))),
                take(16, StillLife::render),
                take(17, FoggyTerrain::render),
                take(18, Gyroid::render),
                take(
                        19,
                        (canvas, dice) -> WavingFigure.render(
                                canvas, dice, new Rgb(0.7f, 0.5f, 0.36f), new Rgb(0.75f, 0.6f, 0.35f))));
    }

    private static Scene take(long seed, Painter painter) {
        Dice dice = new Dice(seed);
        Canvas canvas = new Canvas(TrainingScenes.SIZE, TrainingScenes.SIZE);
        String content = painter.paint(canvas, dice);
        return new Scene(CameraSimulation.take(canvas, dice, false), content);
    }
}
