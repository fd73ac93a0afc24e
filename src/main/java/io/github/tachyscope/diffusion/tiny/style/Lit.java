package io.github.tachyscope.diffusion.tiny.style;

import static io.github.tachyscope.diffusion.tiny.style.Filters.blur;
import static io.github.tachyscope.diffusion.tiny.style.Filters.edges;
import static io.github.tachyscope.diffusion.tiny.style.Filters.gradient;
import static io.github.tachyscope.diffusion.tiny.style.Filters.moved;
import static io.github.tachyscope.diffusion.tiny.style.Tones.lifted;
import static io.github.tachyscope.diffusion.tiny.style.Tones.saturated;
import static io.github.tachyscope.diffusion.tiny.style.Tones.smooth;

/** Looks made by light, lenses and screens. */
final class Lit {
    private Lit() {}

    /** Glowing tubes along the edges of a dark picture. */
    static Canvas neon(Canvas picture) {
        Canvas bright = lifted(picture);
        Filters.Gradient slope = gradient(blur(bright.luma(), 1.1));
        Canvas strength = slope.magnitude();
        Canvas tube = strength.times(5).atMost(1).power(1.2);
        Canvas cosine = slope.x().over(strength.plus(1e-4));
        Canvas sine = slope.y().over(strength.plus(1e-4));
        Canvas wheel = Canvas.ofColours(
                hue(cosine, sine, 0), hue(cosine, sine, 2 * Math.PI / 3), hue(cosine, sine, 4 * Math.PI / 3));
        Canvas colour = pure(wheel.mix(pure(saturated(bright, 2)), 0.5));
        Canvas light = tube.times(colour);
        Canvas glow = blur(light, 3).times(0.9);
        return light.plus(glow).plus(bright.times(0.1)).plus(picture.colour(0.02, 0.01, 0.06));
    }

    /** Heat camera. */
    static Canvas thermal(Canvas picture) {
        Canvas heat = blur(lifted(picture).luma(), 2).power(0.9);
        return ColourMap.even(0x02020F, 0x2A0A7A, 0x8A0FA0, 0xE02A2A, 0xFF8C10, 0xFFE640, 0xFFFFFF)
                .paint(heat.clip());
    }

    /** Image intensifier: green, blooming, with scan lines. */
    static Canvas night(Canvas picture) {
        Canvas grey = picture.luma();
        Canvas bloom = blur(smooth(grey, 0.55, 1), 3).times(0.5);
        Canvas light = grey.power(0.6)
                .times(0.95)
                .plus(bloom)
                .plus(edges(grey, 1).times(0.35))
                .times(Patterns.scanLines(picture).times(0.18).plus(0.82))
                .clip();
        Canvas rest = light.power(2).times(0.35);
        return Canvas.ofColours(rest, light, rest);
    }

    /** Pink and cyan of an old video tape with its colours out of register. */
    static Canvas vapor(Canvas picture) {
        Canvas toned = ColourMap.even(0x1B0838, 0x5A1A9A, 0xE0209A, 0xFF7AC8, 0x5CE8F0, 0xF4FCFF)
                .paint(lifted(picture).luma().clip());
        return Canvas.ofColours(moved(toned.channel(0), 3), toned.channel(1), moved(toned.channel(2), -3))
                .times(Patterns.scanLines(picture).times(0.05).plus(0.97));
    }

    /** High contrast black and white film. */
    static Canvas noir(Canvas picture) {
        Canvas contrast = lifted(picture).luma().plus(-0.47).times(11).sigmoid();
        Canvas bloom = blur(smooth(contrast, 0.7, 1), 3).times(0.22);
        return contrast.times(0.96).plus(bloom).times(picture.colour(1, 1, 1));
    }

    /** Everything burns: bright at edges. */
    static Canvas fire(Canvas picture) {
        Canvas grey = lifted(picture).luma();
        Canvas flame = blur(edges(grey, 1), 1).times(1.8);
        Canvas heat = blur(grey, 1.2).power(1.3).times(0.75).plus(flame);
        return ColourMap.even(0x050000, 0x8C0800, 0xFF6A00, 0xFFD83A, 0xFFFBD8).paint(heat.clip());
    }

    /** Frozen: white frost at edges, blue depth. */
    static Canvas ice(Canvas picture) {
        Canvas grey = lifted(picture).luma();
        Canvas frost = grey.times(0.8).plus(edges(grey, 1).times(2.4));
        return ColourMap.even(0x04103A, 0x1450A8, 0x5AB0E8, 0xC4ECFA, 0xFFFFFF).paint(frost.clip());
    }

    /** A broken transmission: colours far apart and hard scan lines. */
    static Canvas glitch(Canvas picture) {
        Canvas still = saturated(lifted(picture), 1.4);
        Canvas band = Patterns.tiled(picture, 16, (x, y) -> y >= 8 && y < 12 ? 1 : 0);
        Canvas vivid = still.mix(moved(still, 8), band);
        return Canvas.ofColours(moved(vivid.channel(0), 4), vivid.channel(1), moved(vivid.channel(2), -4))
                .times(Patterns.hardScanLines(picture).times(0.15).plus(0.85))
                .times(picture.colour(1.06, 0.92, 1.14));
    }

    private static Canvas hue(Canvas cosine, Canvas sine, double phase) {
        return cosine.times(0.5 * Math.cos(phase))
                .plus(sine.times(0.5 * Math.sin(phase)))
                .plus(0.5);
    }

    /** The same hue at full value, with most of the white taken out. */
    private static Canvas pure(Canvas colour) {
        Canvas red = colour.channel(0);
        Canvas green = colour.channel(1);
        Canvas blue = colour.channel(2);
        Canvas low = red.darkerOf(green).darkerOf(blue).times(0.8);
        Canvas high = red.lighterOf(green).lighterOf(blue);
        return colour.minus(low).over(high.minus(low).plus(0.02));
    }
}
