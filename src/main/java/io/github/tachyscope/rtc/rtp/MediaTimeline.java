package io.github.tachyscope.rtc.rtp;

/**
 * Dates pictures by the media clock: spaced by their RTP timestamps (90 kHz), anchored to the arrival of the first.
 *
 * <p>Sender clocks drift, so a lasting difference to our clock is worked off in small steps. Timestamps that jump
 * (a new encoder, a peer that woke up) drop the anchor. Times always grow.
 */
final class MediaTimeline {
    /** Farther from our clock than this the timestamps are no longer those we anchored. */
    private static final long MAX_ERROR_MICROS = 1_000_000;

    /** Below this, a difference is jitter and not drift. */
    private static final long TOLERATED_MICROS = 50_000;

    /** Most correction per picture: too small to be seen. */
    private static final long STEP_MICROS = 200;

    private static final double SMOOTHING = 1 / 64.0;

    private boolean anchored;
    private long lastTimestamp;
    private long ticksSinceAnchor;
    private long anchorMicros;
    private long lastMicros = Long.MIN_VALUE;
    private double error;

    long micros(long timestamp, long nowMicros) {
        int ticks = (int) (timestamp - lastTimestamp);
        lastTimestamp = timestamp;
        ticksSinceAnchor += ticks;
        long micros = anchorMicros + ticksSinceAnchor * 100 / 9;
        if (!anchored || ticks <= 0 || Math.abs(nowMicros - micros) > MAX_ERROR_MICROS) {
            anchored = true;
            ticksSinceAnchor = 0;
            error = 0;
            anchorMicros = Math.max(lastMicros + 1, nowMicros);
            micros = anchorMicros;
        } else {
            error += (nowMicros - micros - error) * SMOOTHING;
            if (Math.abs(error) > TOLERATED_MICROS) {
                long step = error > 0 ? STEP_MICROS : -STEP_MICROS;
                anchorMicros += step;
                error -= step;
                micros = Math.max(lastMicros + 1, micros + step);
            }
        }
        lastMicros = micros;
        return micros;
    }
}
