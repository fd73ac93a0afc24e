package io.github.tachyscope.rtc.sctp;

/**
 * Retransmission timeout from round-trip measurements (RFC 9260 section 6.3.1), between 200 ms and 3 s as data channels
 * want it: retries never end, because ICE decides about the death of the path.
 */
final class RetransmissionTimeout {
    private static final long INITIAL_MICROS = 500_000;
    private static final long MIN_MICROS = 200_000;
    private static final long MAX_MICROS = 3_000_000;

    private long smoothedMicros;
    private long variationMicros;
    private long timeoutMicros = INITIAL_MICROS;

    long micros() {
        return timeoutMicros;
    }

    /** Zero before the first measurement. */
    long smoothedMicros() {
        return smoothedMicros;
    }

    void measured(long rttMicros) {
        long rtt = Math.max(1, rttMicros);
        if (smoothedMicros == 0) {
            smoothedMicros = rtt;
            variationMicros = rtt / 2;
        } else {
            variationMicros += (Math.abs(smoothedMicros - rtt) - variationMicros) / 4;
            smoothedMicros = Math.max(1, smoothedMicros + (rtt - smoothedMicros) / 8);
        }
        timeoutMicros = bounded();
    }

    /** Data got through: the path lives, and what was measured before it failed counts again. */
    void progressed() {
        if (smoothedMicros > 0) {
            timeoutMicros = bounded();
        }
    }

    void backOff() {
        timeoutMicros = Math.min(MAX_MICROS, timeoutMicros * 2);
    }

    private long bounded() {
        return Math.min(MAX_MICROS, Math.max(MIN_MICROS, smoothedMicros + 4 * variationMicros));
    }
}
