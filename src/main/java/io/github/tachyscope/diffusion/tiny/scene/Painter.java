package io.github.tachyscope.diffusion.tiny.scene;

/** Draws one family of scenes. */
@FunctionalInterface
interface Painter {
    /** Paints the whole canvas, which counts in pixels, and says what it shows. */
    String paint(Canvas canvas, Dice dice);
}
