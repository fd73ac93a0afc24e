package io.github.tachyscope.diffusion.sd.sampling;

/**
 * What may change between two calls of a {@link StreamBatch}; it acts on all rows in flight at once.
 *
 * @param guidance where the unconditional prediction comes from
 * @param scale guidance scale; at 1 or below there is no guidance
 * @param delta 0 to 1, weakens the virtual noise
 * @param addNoise whether rows are re-noised between steps
 */
public record StreamSettings(Guidance guidance, double scale, double delta, boolean addNoise) {
    /** Whether the unconditional prediction has any effect. */
    public boolean guided() {
        return scale > 1 && guidance != Guidance.NONE;
    }

    /** Whether the virtual noise is kept along. */
    boolean residual() {
        return guidance == Guidance.SELF || guidance == Guidance.INITIALIZE;
    }

    /** Rows of the network that run with the negative prompt when {@code rows} run with the prompt. */
    public int negativeRows(int rows, int frames) {
        if (!guided()) {
            return 0;
        }
        return switch (guidance) {
            case NONE, SELF -> 0;
            case INITIALIZE -> frames;
            case FULL -> rows;
        };
    }
}
