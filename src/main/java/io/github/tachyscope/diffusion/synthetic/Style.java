package io.github.tachyscope.diffusion.synthetic;

/** What a prompt embedding looks like: a palette, a mix of patterns, a speed, a line strength. All continuous in it. */
final class Style {
    /** Entries of the palette tables; it runs forth and back so that indices may wrap. */
    static final int PALETTE = 2048;

    private static final int STOPS = 5;
    private static final int PATTERNS = PromptEncoder.FEATURES;
    private static final int[] BRIGHTNESS = {30, 74, 124, 178, 222};
    private static final int[] CHROMA = {24, 52, 62, 46, 16};
    private static final int FIRST_HUE = 10;
    private static final int SECOND_HUE = 12;

    final byte[] luma = new byte[PALETTE];
    final byte[] blue = new byte[PALETTE];
    final byte[] red = new byte[PALETTE];
    /** How often the palette repeats over the range of a field, in 1/256. */
    final int frequency;
    /** Share of the fine octave, in 1/256. */
    final int detail;
    /** Darkness of outlines in video mode, in 1/256. */
    final int ink;
    /** Levels that the camera's brightness is cut into. */
    final int levels;

    private final float[] embedding;

    Style(float[] embedding) {
        this.embedding = embedding;
        fillPalette();
        frequency = (int) (160 + 420 * unit(2 * PromptEncoder.FEATURES));
        detail = (int) (20 + 110 * unit(2 * PromptEncoder.FEATURES + 1));
        ink = (int) (120 + 420 * unit(2 * PromptEncoder.FEATURES + 2));
        levels = 4 + (int) (8 * unit(2 * PromptEncoder.FEATURES + 3));
    }

    /** Share of pattern {@code k} in the chunk: turns slowly from each feature to the next. */
    float pattern(int k, double phase) {
        int base = PromptEncoder.FEATURES;
        double one = embedding[base + k % PATTERNS];
        double next = embedding[base + (k + 8) % PATTERNS];
        return (float) (one * StrictMath.cos(phase) + next * StrictMath.sin(phase));
    }

    private void fillPalette() {
        int half = PALETTE / 2;
        for (int i = 0; i < half; i++) {
            double place = (double) i * (STOPS - 1) / half;
            int stop = (int) place;
            double t = place - stop;
            t = t * t * (3 - 2 * t);
            int y = blend(stop, 0, t);
            int u = blend(stop, 1, t);
            int v = blend(stop, 2, t);
            set(i, y, u, v);
            set(PALETTE - 1 - i, y, u, v);
        }
    }

    private void set(int i, int y, int u, int v) {
        luma[i] = (byte) y;
        blue[i] = (byte) u;
        red[i] = (byte) v;
    }

    private int blend(int stop, int channel, double t) {
        double value = colour(stop, channel) * (1 - t) + colour(Math.min(stop + 1, STOPS - 1), channel) * t;
        return (int) Math.max(16, Math.min(235, value));
    }

    /** Two hues of the prompt: shadows take the first, lights the second; deep and pale tones are less coloured. */
    private double colour(int stop, int channel) {
        if (channel == 0) {
            return BRIGHTNESS[stop] + 12 * (2 * unit(stop) - 1);
        }
        double share = (double) stop / (STOPS - 1);
        double blue = (1 - share) * embedding[FIRST_HUE] + share * embedding[SECOND_HUE];
        double red = (1 - share) * embedding[FIRST_HUE + 1] + share * embedding[SECOND_HUE + 1];
        double length = Math.sqrt(0.05 + blue * blue + red * red);
        return 128 + CHROMA[stop] * (channel == 1 ? blue : red) / length;
    }

    private double unit(int feature) {
        double value = embedding[feature];
        return 0.5 + 0.5 * value / (1 + Math.abs(value));
    }
}
