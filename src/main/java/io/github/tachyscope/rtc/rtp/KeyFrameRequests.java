package io.github.tachyscope.rtc.rtp;

/**
 * When to ask the sender for a key frame.
 *
 * <pre>
 *   content --want--> wanting --ask, then again every 200 ms--> wanting --key frame--> content
 * </pre>
 */
final class KeyFrameRequests {
    static final long INTERVAL_MICROS = 200_000;

    /** A stream silent for this long is paused or gone: asking starts again with its next packet. */
    private static final long SILENCE_MICROS = 1_000_000;

    private boolean wanting;
    private long lastAskedMicros = Long.MIN_VALUE / 2;
    private long lastPacketMicros = Long.MIN_VALUE / 2;

    void packet(long nowMicros) {
        lastPacketMicros = nowMicros;
    }

    void want(boolean wanted) {
        wanting = wanted;
    }

    /** True when a request is to be sent now. */
    boolean due(long nowMicros) {
        if (nowMicros < nextDeadlineMicros()) {
            return false;
        }
        lastAskedMicros = nowMicros;
        return true;
    }

    /** {@link Long#MAX_VALUE} while there is nothing to ask. */
    long nextDeadlineMicros() {
        long next = lastAskedMicros + INTERVAL_MICROS;
        return wanting && next - lastPacketMicros < SILENCE_MICROS ? next : Long.MAX_VALUE;
    }
}
