package io.github.tachyscope.rtc.sctp;

/**
 * How much may be in flight (RFC 9260 section 7.2).
 *
 * <pre>
 *   slow start --cwnd over ssthresh--> avoidance
 *   any --three miss indications--> fast recovery (halved) --exit point acknowledged--> avoidance
 *   any --T3 expired--> slow start from one packet
 * </pre>
 */
final class CongestionWindow {
    private static final long NOT_RECOVERING = Long.MIN_VALUE;

    /** Ceiling of the window; more than our send buffer can fill, and it keeps the arithmetic in an int. */
    private static final int MAX_BYTES = 16 << 20;

    private final int packetBytes;
    private int window;
    private int slowStartThreshold;
    private int partialBytesAcked;
    private long recoveryExitTsn = NOT_RECOVERING;

    CongestionWindow(int packetBytes, long peerWindow) {
        this.packetBytes = packetBytes;
        this.window = Math.min(4 * packetBytes, Math.max(2 * packetBytes, 4404));
        this.slowStartThreshold = (int) Math.min(MAX_BYTES, Math.max(window, peerWindow));
    }

    int bytes() {
        return window;
    }

    boolean recovering() {
        return recoveryExitTsn != NOT_RECOVERING;
    }

    /** The cumulative TSN moved on. */
    void acknowledged(long cumulativeTsn, int ackedBytes, int flightBefore) {
        if (recovering()) {
            if (cumulativeTsn >= recoveryExitTsn) {
                recoveryExitTsn = NOT_RECOVERING;
            }
            return;
        }
        boolean full = flightBefore >= window;
        if (window <= slowStartThreshold) {
            if (full) {
                grow(Math.min(ackedBytes, packetBytes));
            }
            return;
        }
        partialBytesAcked += ackedBytes;
        if (partialBytesAcked >= window) {
            if (full) {
                partialBytesAcked -= window;
                grow(packetBytes);
            } else {
                partialBytesAcked = window;
            }
        }
    }

    /** Three miss indications; counts once until all that was sent by then is acknowledged. */
    void lost(long highestSentTsn) {
        if (recovering()) {
            return;
        }
        halve();
        window = slowStartThreshold;
        recoveryExitTsn = highestSentTsn;
    }

    void timedOut() {
        halve();
        window = packetBytes;
        recoveryExitTsn = NOT_RECOVERING;
    }

    /** Nothing was in flight for a retransmission timeout: the window tells little about the path by now. */
    void idled() {
        window = Math.max(window / 2, Math.min(window, 4 * packetBytes));
    }

    /** Nothing is in flight any more. */
    void drained() {
        partialBytesAcked = 0;
    }

    private void halve() {
        slowStartThreshold = Math.max(window / 2, 4 * packetBytes);
        partialBytesAcked = 0;
    }

    private void grow(int more) {
        window = Math.min(MAX_BYTES, window + more);
    }
}
