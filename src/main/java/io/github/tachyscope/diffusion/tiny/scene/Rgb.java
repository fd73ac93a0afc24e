package io.github.tachyscope.diffusion.tiny.scene;

/** A colour; components beyond 0..1 are legal until the picture is finished. */
record Rgb(float r, float g, float b) {
    static final Rgb BLACK = grey(0);
    static final Rgb WHITE = grey(1);

    static Rgb grey(float value) {
        return new Rgb(value, value, value);
    }

    /** @param hue in turns: 0 red, 1/3 green, 2/3 blue */
    static Rgb hsv(float hue, float saturation, float value) {
        return new Rgb(
                channel(hue, 5, saturation, value),
                channel(hue, 3, saturation, value),
                channel(hue, 1, saturation, value));
    }

    private static float channel(float hue, int offset, float saturation, float value) {
        float k = (hue - Curve.floor(hue)) * 6 + offset;
        k -= k >= 6 ? 6 : 0;
        float ramp = Curve.clamp(Math.min(k, 4 - k));
        return value * (1 - saturation * ramp);
    }

    /** Any colour that things have: mostly muted, at times vivid. */
    static Rgb any(Dice dice) {
        float saturation = dice.chance(0.3f) ? dice.between(0.6f, 1) : dice.between(0.02f, 0.6f);
        return hsv(dice.unit(), saturation, dice.between(0.12f, 0.98f));
    }

    static Rgb vivid(Dice dice) {
        return hsv(dice.unit(), dice.between(0.65f, 1), dice.between(0.6f, 1));
    }

    Rgb mix(Rgb other, float share) {
        return new Rgb(Curve.mix(r, other.r, share), Curve.mix(g, other.g, share), Curve.mix(b, other.b, share));
    }

    Rgb times(float factor) {
        return new Rgb(r * factor, g * factor, b * factor);
    }

    Rgb times(Rgb light) {
        return new Rgb(r * light.r, g * light.g, b * light.b);
    }

    /** The same colour up to {@code reach} brighter or darker and a little shifted. */
    Rgb varied(Dice dice, float reach) {
        float factor = 1 + dice.around(reach);
        float shift = reach * 0.25f;
        return new Rgb(
                r * factor + dice.around(shift), g * factor + dice.around(shift), b * factor + dice.around(shift));
    }

    /** The word for this colour in a caption. */
    String word() {
        float high = Math.max(r, Math.max(g, b));
        float low = Math.min(r, Math.min(g, b));
        if (high < 0.18f) {
            return "black";
        }
        if (high - low < 0.25f * high) {
            return high > 0.78f ? "white" : "grey";
        }
        float span = high - low;
        float sixths = high == r ? (g - b) / span : high == g ? 2 + (b - r) / span : 4 + (r - g) / span;
        return hueWord(sixths < 0 ? sixths + 6 : sixths, high, span / high);
    }

    /** The word with its article. */
    String article() {
        String word = word();
        return (word.startsWith("o") ? "an " : "a ") + word;
    }

    private static String hueWord(float sixths, float value, float saturation) {
        if (sixths < 0.3f || sixths > 5.75f) {
            return saturation < 0.5f && value > 0.7f ? "pink" : "red";
        }
        if (sixths < 0.75f) {
            return value < 0.6f ? "brown" : "orange";
        }
        if (sixths < 1.2f) {
            return "yellow";
        }
        if (sixths < 2.7f) {
            return "green";
        }
        if (sixths < 3.3f) {
            return "cyan";
        }
        if (sixths < 4.3f) {
            return "blue";
        }
        return sixths < 5 ? "purple" : "pink";
    }
}
