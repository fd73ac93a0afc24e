package io.github.tachyscope.diffusion.tiny.style;

/** Pointwise operations of the styles: what happens to a pixel without looking at its neighbours. */
final class Tones {
    private Tones() {}

    /** Lifts shadows and middle tones gently, because rooms in front of a camera are darker than pictures should be. */
    static Canvas lifted(Canvas picture) {
        return picture.plus(picture.times(picture.inverted().squared()).times(0.6));
    }

    static Canvas saturated(Canvas picture, double factor) {
        Canvas luma = picture.luma();
        return luma.plus(picture.minus(luma).times(factor)).clip();
    }

    /**
     * A continuous staircase: n treads at (k + 1/2) / n, with rises as steep as the hardness says; 0 and 1 stay.
     */
    static Canvas posterised(Canvas values, int levels, double hardness) {
        double end = 1 / (1 + Math.exp(hardness / 2));
        Canvas scaled = values.times(levels).plus(-0.5);
        Canvas whole = scaled.floor();
        Canvas rise = scaled.minus(whole).plus(-0.5).times(hardness).sigmoid();
        Canvas soft = rise.plus(-end).times(1 / (1 - 2 * end));
        return whole.plus(soft).plus(0.5).times(1.0 / levels);
    }

    /** Posterises the luma and keeps the hue. */
    static Canvas posterisedLuma(Canvas picture, int levels, double hardness) {
        Canvas luma = picture.luma();
        Canvas ratio = posterised(luma, levels, hardness).plus(0.02).over(luma.plus(0.02));
        return picture.times(ratio).clip();
    }

    /** Cubic step from 0 at low to 1 at high; falls when low is above high. */
    static Canvas smooth(Canvas values, double low, double high) {
        Canvas t = values.plus(-low).times(1 / (high - low)).clip();
        return t.squared().times(t.times(-2).plus(3));
    }
}
