package io.github.tachyscope.rtc.sctp;

import java.util.List;
import java.util.Optional;

/** The receiving half: takes DATA and FORWARD-TSN, decides when to acknowledge (RFC 9260 section 6.2). */
final class Receiver {
    /** Longest wait with an acknowledgement; well below any peer's retransmission timeout. */
    private static final long ACK_DELAY_MICROS = 100_000;

    private static final int PACKETS_PER_ACK = 2;

    private final ReceivedTsns tsns;
    private final Reassembly reassembly;
    private final Drops drops;
    private final int window;
    private final Alarm ack = new Alarm();
    private int packetsToAck;
    private boolean dataInPacket;
    private boolean ackNow;

    Receiver(int window, int maxMessageSize, Drops drops, long peerInitialTsn) {
        this.window = window;
        this.drops = drops;
        this.tsns = new ReceivedTsns(peerInitialTsn);
        this.reassembly = new Reassembly(maxMessageSize, drops);
    }

    int heldBytes() {
        return reassembly.heldBytes();
    }

    /**
     * Takes a fragment and gives the messages that it completes.
     *
     * @param undeliveredBytes what the layer above has not fetched; it is not taken beyond the window either
     */
    List<InboundMessage> data(DataChunk data, int undeliveredBytes) {
        dataInPacket = true;
        ackNow |= data.immediate();
        long tsn = Serial.unwrap(data.tsn(), tsns.cumulative());
        ReceivedTsns.Verdict verdict = tsns.judge(tsn);
        if (verdict != ReceivedTsns.Verdict.NEW) {
            boolean duplicate = verdict == ReceivedTsns.Verdict.DUPLICATE;
            drops.count(duplicate ? DropReason.DUPLICATE_DATA : DropReason.TOO_FAR_AHEAD);
            ackNow = true;
            return List.of();
        }
        // The next one in line may go over the window: it can set free what fills it.
        boolean next = tsn == tsns.cumulative() + 1;
        long held = (long) heldBytes() + undeliveredBytes + data.payload().length + FragmentRun.OVERHEAD_BYTES;
        if (held > (next ? 2L * window : window)) {
            drops.count(DropReason.WINDOW_FULL);
            ackNow = true;
            return List.of();
        }
        tsns.add(tsn);
        return reassembly.add(tsn, data);
    }

    List<InboundMessage> forward(ForwardTsnChunk forward) {
        ackNow = true;
        long newCumulative = Serial.unwrap(forward.newCumulativeTsn(), tsns.cumulative());
        if (newCumulative <= tsns.cumulative()) {
            return List.of();
        }
        tsns.forwardTo(newCumulative);
        return reassembly.skip(newCumulative, forward.skips());
    }

    /** Whether everything up to a TSN has arrived. */
    boolean hasAllUpTo(int wireTsn) {
        return Serial.unwrap(wireTsn, tsns.cumulative()) <= tsns.cumulative();
    }

    void reset(List<Integer> streamIds, int lastTsn) {
        reassembly.reset(streamIds, Serial.unwrap(lastTsn, tsns.cumulative()));
    }

    /** All chunks of a packet were taken. */
    void packetEnded(long nowMicros) {
        if (dataInPacket) {
            dataInPacket = false;
            packetsToAck++;
            if (packetsToAck >= PACKETS_PER_ACK || tsns.hasGaps()) {
                ackNow = true;
            }
            ack.noLaterThan(nowMicros + ACK_DELAY_MICROS);
        }
    }

    void tick(long nowMicros) {
        ackNow |= ack.rings(nowMicros);
    }

    long deadlineMicros() {
        return ack.atMicros();
    }

    /** The acknowledgement if it is due, or if one is owed and a packet leaves anyway. */
    Optional<SackChunk> takeSack(boolean packetLeavesAnyway) {
        if (!ackNow && !(packetLeavesAnyway && packetsToAck > 0)) {
            return Optional.empty();
        }
        ackNow = false;
        packetsToAck = 0;
        ack.clear();
        return Optional.of(tsns.sack(Math.max(0, window - heldBytes())));
    }
}
