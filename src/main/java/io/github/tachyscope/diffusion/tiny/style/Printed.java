package io.github.tachyscope.diffusion.tiny.style;

import static io.github.tachyscope.diffusion.tiny.style.Filters.blocks;
import static io.github.tachyscope.diffusion.tiny.style.Filters.blur;
import static io.github.tachyscope.diffusion.tiny.style.Filters.darkSide;
import static io.github.tachyscope.diffusion.tiny.style.Filters.edges;
import static io.github.tachyscope.diffusion.tiny.style.Filters.enlarge;
import static io.github.tachyscope.diffusion.tiny.style.Filters.kuwahara;
import static io.github.tachyscope.diffusion.tiny.style.Filters.lines;
import static io.github.tachyscope.diffusion.tiny.style.Tones.lifted;
import static io.github.tachyscope.diffusion.tiny.style.Tones.posterised;
import static io.github.tachyscope.diffusion.tiny.style.Tones.posterisedLuma;
import static io.github.tachyscope.diffusion.tiny.style.Tones.saturated;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Looks made of cells on a fixed lattice. */
final class Printed {
    private static final int CELL = 8;
    private static final int PANE = 16;

    private Printed() {}

    /** Large square pixels of an early console: six levels for each colour. */
    static Canvas pixel(Canvas picture) {
        return posterised(blocks(saturated(lifted(picture), 1.4), CELL), 6, 40)
                .plus(-1.0 / 12)
                .times(1.2);
    }

    /** Bevelled square tiles with dark grout. */
    static Canvas mosaic(Canvas picture) {
        Canvas tiles = blocks(saturated(lifted(picture), 1.5), CELL);
        Canvas bevel = Patterns.tiled(picture, CELL, (x, y) -> {
            if (x == 7 || y == 7) {
                return 0;
            }
            return x == 0 || y == 0 ? 0.16 : x == 6 || y == 6 ? -0.14 : 0;
        });
        Canvas grout = Patterns.tiled(picture, CELL, (x, y) -> x == 7 || y == 7 ? 0.22 : 1);
        return tiles.plus(bevel).times(grout);
    }

    /** Diamond panes of one colour each, held by dark lead. */
    static Canvas stained(Canvas picture) {
        Canvas vivid = saturated(lifted(picture), 1.9);
        Canvas inner = Patterns.tiled(picture, PANE, (x, y) -> fromPane(x, y) <= 8 ? 1 : 0);
        Canvas panes = paneMeans(shifted(vivid, 8), 8, picture).mix(paneMeans(vivid, 0, picture), inner);
        Canvas glass = posterised(panes, 6, 12);
        Canvas glow = Patterns.tiled(picture, PANE, (x, y) -> 0.86 + 0.045 * Math.abs(fromPane(x, y) - 8));
        Canvas joint = Patterns.tiled(picture, PANE, (x, y) -> {
            double lead = 1.45 - Math.abs(fromPane(x, y) - 8);
            return Math.min(1, Math.max(0, lead));
        });
        Canvas contour = lines(edges(picture.luma(), 1.2), 14, 0.1);
        return glass.times(glow)
                .mix(picture.colour(0.03, 0.03, 0.04), joint.lighterOf(contour).times(0.92));
    }

    /** Round dots of pure colour on cream paper, two lattices over each other. */
    static Canvas dots(Canvas picture) {
        Canvas vivid = saturated(lifted(picture), 1.7);
        Canvas under = layer(picture.colour(0.97, 0.94, 0.86), blocks(vivid, CELL), 3.5);
        Canvas between = blocks(shifted(vivid, 4), CELL);
        Canvas over = new Canvas(between.pixels().narrow(2, 4, picture.height()).narrow(3, 4, picture.width()));
        return layer(under, over, -0.5);
    }

    /** Comic print: loud flat colours, outlines, and black dots that grow with the shadow. */
    static Canvas halftone(Canvas picture) {
        Canvas light = lifted(picture);
        Canvas flat = kuwahara(light, 4);
        Canvas colour = saturated(posterisedLuma(flat, 4, 14), 1.7).power(0.7);
        Canvas grey = light.luma();
        Canvas radius = blur(grey, 1.5).times(-7).plus(5.2).atLeast(0);
        Canvas ink =
                radius.minus(Patterns.distance(picture, 3.5, 3.5)).plus(0.5).clip();
        Canvas outline = lines(edges(grey, 1), 20, 0.07).lighterOf(darkSide(grey, 1.3, 16, 0.012));
        return colour.times(ink.times(0.92).lighterOf(outline).inverted());
    }

    /** Dots of period 8 whose middle lies at the given offset on both axes; dark colours make larger ones. */
    private static Canvas layer(Canvas ground, Canvas colour, double middle) {
        Canvas radius = colour.luma().times(-0.9).plus(3.3);
        Canvas cover = radius.minus(Patterns.distance(colour, middle, middle))
                .plus(0.5)
                .clip();
        return ground.mix(colour, cover);
    }

    /** City-block distance from the middle of a pane; 8 on its border. */
    private static double fromPane(int x, int y) {
        return Math.abs(x - 7.5) + Math.abs(y - 7.5);
    }

    /** The mean over the diamond inside each 16 x 16 block, painted over the block, without a border. */
    private static Canvas paneMeans(Canvas canvas, int border, Canvas like) {
        Canvas inside = Patterns.tiled(canvas, PANE, (x, y) -> fromPane(x, y) <= 8 ? 1 : 0);
        Canvas share = blocks(inside, PANE);
        Tensor sums = torch.avg_pool2d(canvas.times(inside).pixels(), PANE, PANE);
        Tensor means = enlarge(new Canvas(sums), PANE).over(share).pixels();
        return new Canvas(means.narrow(2, border, like.height()).narrow(3, border, like.width()));
    }

    private static Canvas shifted(Canvas canvas, int border) {
        return new Canvas(torch.reflection_pad2d(canvas.pixels(), border, border, border, border));
    }
}
