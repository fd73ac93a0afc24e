package io.github.tachyscope.diffusion.tiny.style;

import static io.github.tachyscope.diffusion.tiny.style.Filters.blur;
import static io.github.tachyscope.diffusion.tiny.style.Filters.darkSide;
import static io.github.tachyscope.diffusion.tiny.style.Filters.edges;
import static io.github.tachyscope.diffusion.tiny.style.Filters.gradient;
import static io.github.tachyscope.diffusion.tiny.style.Filters.lines;
import static io.github.tachyscope.diffusion.tiny.style.Tones.lifted;
import static io.github.tachyscope.diffusion.tiny.style.Tones.smooth;

import java.util.List;

/** Looks made of strokes, and of relief that light draws. */
final class Drawn {
    private Drawn() {}

    /** Outlines and crossed hatching of graphite on white paper. */
    static Canvas pencil(Canvas picture) {
        Canvas grey = lifted(picture).luma();
        Canvas dodge = grey.plus(0.04).over(blur(grey, 3).plus(0.04)).atMost(1);
        Canvas outline = dodge.inverted().times(-2.2).plus(1).atLeast(0.12);
        Canvas light = hatch(Patterns.risingHatch(picture), smooth(grey, 0.62, 0.25), 0.5);
        Canvas deep = hatch(Patterns.fallingHatch(picture), smooth(grey, 0.33, 0.05), 0.6);
        return outline.times(light).times(deep).times(picture.colour(0.97, 0.96, 0.93));
    }

    /** Soft dark strokes and steep hatching on rough warm paper. */
    static Canvas charcoal(Canvas picture) {
        Canvas grey = lifted(picture).luma();
        Canvas soft = blur(grey, 1.5);
        Canvas tone = smooth(soft, -0.1, 0.8).times(0.78).plus(0.14);
        Canvas middle = smooth(soft, 0.08, 0.3).times(smooth(soft, 0.8, 0.5));
        Canvas strokes = lines(edges(grey, 1), 20, 0.05).lighterOf(darkSide(grey, 1.6, 16, 0.01));
        return tone.times(hatch(Patterns.steepHatch(picture), middle, 0.45))
                .times(strokes.times(-0.85).plus(1))
                .plus(Patterns.grain(picture).times(0.045))
                .times(picture.colour(1, 0.97, 0.92));
    }

    /** White lines on blue paper with a faint grid. */
    static Canvas blueprint(Canvas picture) {
        Canvas grey = lifted(picture).luma();
        Canvas paper =
                picture.colour(0.04, 0.17, 0.45).times(blur(grey, 3).times(0.7).plus(0.7));
        Canvas grid = Patterns.tiled(picture, 16, (x, y) -> x == 0 || y == 0 ? 0.16 : 0);
        Canvas line = lines(edges(grey, 0.9), 14, 0.03).lighterOf(darkSide(grey, 1.1, 14, 0.01));
        return paper.mix(picture.colour(0.6, 0.8, 1), grid).mix(picture.colour(0.93, 0.97, 1), line.times(0.95));
    }

    /** Carved stone. */
    static Canvas relief(Canvas picture) {
        Canvas height = light(lifted(picture).luma(), 3.1).plus(0.55);
        return ColourMap.even(0x14120F, 0x6E675C, 0xB5AD9D, 0xF4EFE4)
                .paint(height.plus(Patterns.grain(picture).times(0.025)).clip());
    }

    /** Cast gold: the relief of the picture under warm light. */
    static Canvas gold(Canvas picture) {
        Canvas grey = lifted(picture).luma();
        Canvas shine = light(grey, 2.2).plus(smooth(grey, 0, 0.95).times(0.68)).plus(0.06);
        return ColourMap.even(0x120A03, 0x5A3208, 0xB8780F, 0xF5D060, 0xFFFBE6).paint(shine.clip());
    }

    /** An old photograph: brown tones, locally sharpened. */
    static Canvas sepia(Canvas picture) {
        Canvas grey = lifted(picture).luma();
        Canvas sharp = grey.plus(grey.minus(blur(grey, 2)).times(0.8)).clip();
        return new ColourMap(List.of(
                        new ColourMap.Stop(0, 0.10, 0.05, 0.02),
                        new ColourMap.Stop(0.35, 0.42, 0.27, 0.14),
                        new ColourMap.Stop(0.68, 0.78, 0.62, 0.42),
                        new ColourMap.Stop(1, 1, 0.94, 0.80)))
                .paint(sharp);
    }

    private static Canvas light(Canvas grey, double strength) {
        Filters.Gradient slope = gradient(blur(grey, 1));
        return slope.x().plus(slope.y()).times(strength);
    }

    private static Canvas hatch(Canvas hatching, Canvas darkness, double depth) {
        return hatching.times(darkness).times(-depth).plus(1);
    }
}
