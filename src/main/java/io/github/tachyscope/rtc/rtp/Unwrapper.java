package io.github.tachyscope.rtc.rtp;

/** Makes a counter of few bits endless: each value lands nearest to the highest so far. */
final class Unwrapper {
    private final int bits;
    private long highest = -1;

    Unwrapper(int bits) {
        this.bits = bits;
    }

    long unwrap(long value) {
        if (highest < 0) {
            // One round up, so that values of before the first one are positive too.
            highest = (1L << bits) + value;
            return highest;
        }
        long difference = (value - highest) << (Long.SIZE - bits) >> (Long.SIZE - bits);
        long unwrapped = highest + difference;
        highest = Math.max(highest, unwrapped);
        return unwrapped;
    }
}
