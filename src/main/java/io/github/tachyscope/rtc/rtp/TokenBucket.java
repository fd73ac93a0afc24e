package io.github.tachyscope.rtc.rtp;

/** Lets bytes through at a rate, with a burst. Full at first. */
final class TokenBucket {
    private double tokens = Double.MAX_VALUE;
    private long lastMicros;

    /** Fills up for the time since the last call. */
    void refill(double bytesPerSecond, int burst, long nowMicros) {
        double gained = Math.max(0, nowMicros - lastMicros) * bytesPerSecond / 1e6;
        tokens = Math.min(burst, tokens + gained);
        lastMicros = nowMicros;
    }

    /** Whether something may pass; the last packet may leave a debt. */
    boolean open() {
        return tokens > 0;
    }

    void take(int bytes) {
        tokens -= bytes;
    }

    /** Time until {@link #open} at this rate. */
    long waitMicros(double bytesPerSecond) {
        return open() ? 0 : (long) (-tokens * 1e6 / bytesPerSecond) + 1;
    }
}
