package io.github.tachyscope.rtc.sctp;

import java.util.Map;

/**
 * Figures of one association since its start.
 *
 * @param dropped what was dropped on receipt, by reason
 * @param packetsReceived packets handed in, good or bad
 * @param packetsSent packets made
 * @param retransmissions DATA chunks sent again
 * @param abandoned messages given up by partial reliability
 * @param rttMicros smoothed round-trip time; zero before the first measurement
 * @param congestionWindow bytes that may be in flight
 * @param bufferedBytes bytes queued or not acknowledged yet
 * @param heldBytes bytes received but not delivered yet
 * @param openChannels channels in the table, closing ones included
 */
public record SctpStats(
        Map<DropReason, Long> dropped,
        long packetsReceived,
        long packetsSent,
        long retransmissions,
        long abandoned,
        long rttMicros,
        int congestionWindow,
        int bufferedBytes,
        int heldBytes,
        int openChannels) {

    public SctpStats {
        dropped = Map.copyOf(dropped);
    }

    public long dropped(DropReason reason) {
        return dropped.getOrDefault(reason, 0L);
    }
}
