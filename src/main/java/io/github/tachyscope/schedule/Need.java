package io.github.tachyscope.schedule;

import io.github.tachyscope.diffusion.Lane;
import java.util.Arrays;

/** What one chunk takes of each lane: a running mean. */
final class Need {
    private static final double WEIGHT_OF_NEWEST = 0.1;

    private final double[] micros = new double[Lane.values().length];
    private final long[] underWay = new long[Lane.values().length];
    private long chunks;

    /** A step for the chunks under way has run. */
    void ran(Lane lane, long shareMicros) {
        underWay[lane.ordinal()] += shareMicros;
    }

    /** A chunk is finished. */
    void finished() {
        for (int lane = 0; lane < micros.length; lane++) {
            micros[lane] =
                    chunks == 0 ? underWay[lane] : micros[lane] + WEIGHT_OF_NEWEST * (underWay[lane] - micros[lane]);
        }
        Arrays.fill(underWay, 0);
        chunks++;
    }

    /** The chunks under way are given up. */
    void dropped() {
        Arrays.fill(underWay, 0);
    }

    boolean known() {
        return chunks > 0;
    }

    double micros(Lane lane) {
        return micros[lane.ordinal()];
    }

    /** Of all lanes together. */
    long micros() {
        return (long) Arrays.stream(micros).sum();
    }
}
