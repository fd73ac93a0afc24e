package io.github.tachyscope.rtc.rtp;

import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * Figures of one {@link MediaSession} since it began.
 *
 * @param dropped datagrams that went nowhere
 * @param sources entries in the tables that the network fills: SRTP contexts and learned sources
 * @param targetBitrate of all lines together, in bits per second
 * @param roundTripMicros empty before the first report about us
 */
public record MediaStats(
        List<Line> lines, Map<DropReason, Long> dropped, int sources, int targetBitrate, OptionalLong roundTripMicros) {
    public MediaStats {
        lines = List.copyOf(lines);
        dropped = Map.copyOf(dropped);
    }

    public long dropped(DropReason reason) {
        return dropped.getOrDefault(reason, 0L);
    }

    /** Figures of one line. */
    public record Line(String mid, Received received, Sent sent) {}

    /**
     * @param lost packets that never came, by sequence numbers
     * @param recovered packets that came by retransmission or late after all
     * @param nacks packets asked for, repetitions included
     * @param plis key frames asked for, by PLI or FIR
     */
    public record Received(
            long packets,
            long bytes,
            long lost,
            long recovered,
            long frames,
            long keyFrames,
            long nacks,
            long plis,
            long jitterMicros) {}

    /**
     * @param retransmitted packets sent again
     * @param nacks packets that the other side asked for
     * @param plis key frames that the other side asked for
     * @param dropped frames not sent: no keys yet, no key frame yet, or the pacer was full
     * @param fractionLost as the other side last reported
     */
    public record Sent(
            long packets,
            long bytes,
            long frames,
            long keyFrames,
            long retransmitted,
            long nacks,
            long plis,
            long dropped,
            double fractionLost) {}
}
