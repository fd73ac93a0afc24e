package io.github.tachyscope.diffusion.tiny.style;

import static io.github.tachyscope.diffusion.tiny.style.Filters.blur;
import static io.github.tachyscope.diffusion.tiny.style.Filters.darkSide;
import static io.github.tachyscope.diffusion.tiny.style.Filters.edges;
import static io.github.tachyscope.diffusion.tiny.style.Filters.gradient;
import static io.github.tachyscope.diffusion.tiny.style.Filters.kuwahara;
import static io.github.tachyscope.diffusion.tiny.style.Filters.lines;
import static io.github.tachyscope.diffusion.tiny.style.Tones.lifted;
import static io.github.tachyscope.diffusion.tiny.style.Tones.posterised;
import static io.github.tachyscope.diffusion.tiny.style.Tones.posterisedLuma;
import static io.github.tachyscope.diffusion.tiny.style.Tones.saturated;
import static io.github.tachyscope.diffusion.tiny.style.Tones.smooth;

/** Looks with areas of paint. Window sizes are chosen so that eyes survive at 256 pixels. */
final class Painted {
    private Painted() {}

    /** Flat transparent washes, pigment gathering at their borders, white paper where it is light. */
    static Canvas watercolor(Canvas picture) {
        Canvas light = lifted(picture);
        Canvas wash = kuwahara(kuwahara(light, 5), 3);
        Canvas colour =
                saturated(posterisedLuma(wash, 5, 10).mix(wash, 0.5), 1.7).power(0.75);
        Canvas rim = edges(wash.luma(), 1.2).times(4).atMost(1).times(-0.55).plus(1);
        Canvas drawing = darkSide(light.luma(), 0.8, 9, 0.015).times(-0.6).plus(1);
        Canvas paper = smooth(wash.luma(), 0.45, 0.95).times(0.78).plus(0.12);
        return colour.times(rim)
                .mix(picture.colour(1, 0.99, 0.97), paper)
                .times(drawing)
                .plus(Patterns.grain(picture).times(0.018));
    }

    /** Thick saturated paint under a warm varnish on canvas, lit from the upper left. */
    static Canvas oil(Canvas picture) {
        Canvas paint = saturated(kuwahara(kuwahara(lifted(picture), 5), 3), 1.7).power(1.15);
        Filters.Gradient slope = gradient(paint.luma());
        Canvas light = slope.x().plus(slope.y());
        Canvas strokes = Patterns.bristles(picture).times(0.038);
        return paint.times(light.times(1.2).plus(strokes).plus(1))
                .plus(light.times(0.2))
                .plus(Patterns.weave(picture).times(0.018))
                .times(picture.colour(1.08, 0.99, 0.84));
    }

    /** Few flat colours with black outlines. */
    static Canvas cartoon(Canvas picture) {
        Canvas flat = kuwahara(kuwahara(lifted(lifted(picture)), 5), 3);
        Canvas colour = saturated(flat.mix(posterisedLuma(flat, 4, 16), 0.85), 1.7);
        Canvas grey = picture.luma();
        Canvas ink = lines(edges(grey, 0.9), 18, 0.09).lighterOf(darkSide(grey, 1, 15, 0.014));
        return colour.times(ink.inverted());
    }

    /** Four tones of thinned ink on warm paper with brushed outlines. */
    static Canvas inkwash(Canvas picture) {
        Canvas grey = kuwahara(lifted(picture), 5).luma();
        Canvas tone = posterised(smooth(grey, -0.05, 0.9), 4, 9);
        Canvas faded = tone.mix(picture.colour(1, 1, 1).channel(0), smooth(grey, 0.45, 0.8));
        Canvas strokes = lines(edges(grey, 1), 20, 0.045).lighterOf(darkSide(picture.luma(), 1.3, 22, 0.008));
        Canvas ink = faded.inverted().times(0.95).lighterOf(strokes.times(0.9));
        Canvas bleeding = ink.mix(blur(ink, 1.5), 0.35);
        return picture.colour(0.98, 0.96, 0.90)
                .mix(picture.colour(0.04, 0.05, 0.08), bleeding)
                .plus(Patterns.grain(picture).times(0.012));
    }

    /** Four colours of a silk screen. */
    static Canvas popart(Canvas picture) {
        Canvas grey = picture.luma();
        Canvas flat = kuwahara(picture, 4).luma().power(0.8);
        Canvas strokes = darkSide(grey, 1, 14, 0.015).inverted();
        Canvas level = posterised(flat, 4, 24).plus(-0.125).times(4.0 / 3).times(strokes);
        return ColourMap.even(0x1A0E66, 0xF0148A, 0xFF8A1E, 0xFFE94A).paint(level);
    }
}
