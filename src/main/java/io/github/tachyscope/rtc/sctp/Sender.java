package io.github.tachyscope.rtc.sctp;

import io.github.tachyscope.rtc.sctp.SentChunk.State;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The sending half: new data, retransmission (RFC 9260 section 6.3 and 7.2.4) and giving up (RFC 3758 section 3.5).
 *
 * <pre>
 *   queue --TSN assigned--> IN_FLIGHT --cumulative ack--> gone
 *   IN_FLIGHT --gap ack--> ACKED          IN_FLIGHT --3 misses or T3--> LOST --> IN_FLIGHT
 *   IN_FLIGHT or LOST --reliability limit--> ABANDONED --FORWARD-TSN acknowledged--> gone
 * </pre>
 */
final class Sender {
    private static final int MISSES_MEAN_LOST = 3;

    /** Streams named in one FORWARD-TSN, so that it fits a packet; the rest goes with the next. */
    private static final int MAX_SKIPS = 100;

    private final SendQueue queue;
    private final int maxPayload;
    private final boolean partialReliability;
    private final RetransmissionTimeout timeout;
    private final CongestionWindow congestion;
    private final Alarm t3 = new Alarm();
    private final TreeMap<Long, SentChunk> sent = new TreeMap<>();
    private long nextTsn;
    private long cumulativeAcked;
    private long advancedPoint;
    private long forwardedTo;
    private boolean repeatForward;
    private long peerWindow;
    private int flightBytes;
    private int unackedBytes;
    private int lostChunks;
    private int fastBudget;
    private long sackNumber;
    private long lastSentMicros;
    private long retransmissions;
    private long abandonedMessages;

    Sender(SendQueue queue, RetransmissionTimeout timeout, int maxPacket, long initialTsn, PeerInit peer) {
        this.queue = queue;
        this.timeout = timeout;
        this.maxPayload = maxPacket - SctpPacket.HEADER_BYTES - DataChunk.OVERHEAD_BYTES;
        this.partialReliability = peer.forwardTsn();
        this.congestion = new CongestionWindow(maxPacket, peer.receiveWindow());
        this.peerWindow = peer.receiveWindow();
        this.nextTsn = initialTsn;
        this.cumulativeAcked = initialTsn - 1;
        this.advancedPoint = cumulativeAcked;
        this.forwardedTo = cumulativeAcked;
    }

    long lastAssignedTsn() {
        return nextTsn - 1;
    }

    /** Whether everything was sent and acknowledged. */
    boolean idle() {
        return sent.isEmpty() && queue.isEmpty();
    }

    /** Sent but not acknowledged, overhead included. */
    int unackedBytes() {
        return unackedBytes;
    }

    int congestionWindow() {
        return congestion.bytes();
    }

    long retransmissions() {
        return retransmissions;
    }

    long abandonedMessages() {
        return abandonedMessages;
    }

    long deadlineMicros() {
        return t3.atMicros();
    }

    void tick(long nowMicros) {
        if (t3.rings(nowMicros) && !sent.isEmpty()) {
            timedOut(nowMicros);
        }
    }

    /** Whether {@link #fill} would send data now. */
    boolean wantsToSend(long nowMicros) {
        return lostChunks > 0 || mayStart(queue.next(nowMicros));
    }

    /** Sends what the windows allow. */
    void fill(PacketPacker out, long nowMicros) {
        retransmit(out, nowMicros);
        forward(out);
        sendNew(out, nowMicros);
        if (!sent.isEmpty() && !t3.isSet()) {
            t3.set(nowMicros + timeout.micros());
        }
    }

    /** Takes a SACK; false if it acknowledges what was never sent. */
    boolean acknowledge(SackChunk sack, long nowMicros) {
        long cumulative = Serial.unwrap(sack.cumulativeTsn(), cumulativeAcked);
        if (cumulative >= nextTsn) {
            return false;
        }
        if (cumulative < cumulativeAcked) {
            return true;
        }
        sackNumber++;
        int flightBefore = flightBytes;
        boolean advanced = cumulative > cumulativeAcked;
        Newly newly = new Newly();
        while (!sent.isEmpty() && sent.firstKey() <= cumulative) {
            SentChunk chunk = sent.pollFirstEntry().getValue();
            unackedBytes -= chunk.bytes + OutgoingMessage.OVERHEAD_BYTES;
            settle(chunk, newly);
        }
        cumulativeAcked = cumulative;
        advancedPoint = Math.max(advancedPoint, cumulative);
        repeatForward = advancedPoint > cumulative;
        long highestInGaps = settleGaps(sack, newly);
        if (newly.sampleSentAtMicros >= 0) {
            timeout.measured(nowMicros - newly.sampleSentAtMicros);
        } else if (advanced) {
            timeout.progressed();
        }
        countMisses(congestion.recovering() && advanced ? highestInGaps : newly.highestTsn, nowMicros);
        if (advanced) {
            congestion.acknowledged(cumulative, newly.bytes, flightBefore);
        }
        peerWindow = Math.max(0, sack.receiveWindow() - flightBytes);
        if (sent.isEmpty()) {
            t3.clear();
            congestion.drained();
        } else if (advanced) {
            t3.set(nowMicros + timeout.micros());
        }
        return true;
    }

    /** Takes the acknowledgement inside a SHUTDOWN, which names no window. */
    boolean acknowledge(ShutdownChunk shutdown, long nowMicros) {
        return acknowledge(
                new SackChunk(shutdown.cumulativeTsn(), peerWindow + flightBytes, List.of(), List.of()), nowMicros);
    }

    private long settleGaps(SackChunk sack, Newly newly) {
        long highest = cumulativeAcked;
        for (SackChunk.Gap gap : sack.gaps()) {
            long from = cumulativeAcked + gap.start();
            long to = Math.min(cumulativeAcked + gap.end(), nextTsn - 1);
            // Blocks that overlap or run backwards would let one packet cost a lot of time.
            if (from <= highest || to < from) {
                break;
            }
            for (SentChunk chunk : sent.subMap(from, true, to, true).values()) {
                settle(chunk, newly);
                if (chunk.state != State.ABANDONED) {
                    chunk.state = State.ACKED;
                    chunk.coveredBySack = sackNumber;
                }
            }
            highest = to;
        }
        return highest;
    }

    private void settle(SentChunk chunk, Newly newly) {
        boolean measurable = chunk.state == State.IN_FLIGHT && chunk.transmissions == 1;
        if (chunk.state == State.IN_FLIGHT) {
            flightBytes -= chunk.bytes;
        } else if (chunk.state == State.LOST) {
            lostChunks--;
        } else {
            return;
        }
        newly.bytes += chunk.bytes;
        newly.highestTsn = Math.max(newly.highestTsn, chunk.tsn);
        if (measurable) {
            newly.sampleSentAtMicros = Math.max(newly.sampleSentAtMicros, chunk.sentAtMicros);
        }
    }

    private void countMisses(long upToTsn, long nowMicros) {
        List<SentChunk> missing = new ArrayList<>();
        for (SentChunk chunk : sent.headMap(upToTsn).values()) {
            // What was sent again waits for T3: later numbers sent earlier say nothing about it.
            if (chunk.state == State.IN_FLIGHT && chunk.transmissions == 1 && ++chunk.misses >= MISSES_MEAN_LOST) {
                missing.add(chunk);
            }
        }
        missing.forEach(chunk -> lose(chunk, nowMicros));
        if (!missing.isEmpty()) {
            congestion.lost(nextTsn - 1);
            fastBudget = maxPayload + DataChunk.OVERHEAD_BYTES;
        }
    }

    private void timedOut(long nowMicros) {
        timeout.backOff();
        boolean lost = false;
        for (SentChunk chunk : List.copyOf(sent.values())) {
            boolean takenBack = chunk.state == State.ACKED && chunk.coveredBySack != sackNumber;
            if (chunk.state == State.IN_FLIGHT || takenBack) {
                lost = true;
                lose(chunk, nowMicros);
            }
        }
        if (lost) {
            congestion.timedOut();
        }
        repeatForward = true;
    }

    private void lose(SentChunk chunk, long nowMicros) {
        if (chunk.state != State.IN_FLIGHT && chunk.state != State.ACKED) {
            return;
        }
        if (chunk.state == State.IN_FLIGHT) {
            flightBytes -= chunk.bytes;
        }
        chunk.state = State.LOST;
        lostChunks++;
        if (givesUp(chunk, nowMicros)) {
            abandon(chunk);
        }
    }

    private boolean givesUp(SentChunk chunk, long nowMicros) {
        return partialReliability && !chunk.message.mayBeSentAgain(chunk.transmissions, nowMicros);
    }

    private void abandon(SentChunk any) {
        any.message.abandon();
        abandonedMessages++;
        long before = any.tsn;
        while (abandonIfPartOf(any.message, before)) {
            before--;
        }
        long after = any.tsn + 1;
        while (abandonIfPartOf(any.message, after)) {
            after++;
        }
    }

    private boolean abandonIfPartOf(OutgoingMessage message, long tsn) {
        SentChunk chunk = sent.get(tsn);
        if (chunk == null || chunk.message != message) {
            return false;
        }
        if (chunk.state == State.IN_FLIGHT) {
            flightBytes -= chunk.bytes;
        } else if (chunk.state == State.LOST) {
            lostChunks--;
        }
        chunk.state = State.ABANDONED;
        return true;
    }

    private void retransmit(PacketPacker out, long nowMicros) {
        if (lostChunks == 0) {
            return;
        }
        for (SentChunk chunk : sent.values()) {
            if (chunk.state != State.LOST) {
                continue;
            }
            if (givesUp(chunk, nowMicros)) {
                abandon(chunk);
                continue;
            }
            boolean fits = flightBytes == 0 || flightBytes + chunk.bytes <= congestion.bytes();
            if (!fits && fastBudget < chunk.bytes) {
                break;
            }
            fastBudget = Math.max(0, fastBudget - chunk.bytes);
            chunk.state = State.IN_FLIGHT;
            chunk.transmissions++;
            chunk.sentAtMicros = nowMicros;
            lostChunks--;
            flightBytes += chunk.bytes;
            retransmissions++;
            lastSentMicros = nowMicros;
            if (chunk.tsn == sent.firstKey()) {
                t3.set(nowMicros + timeout.micros());
            }
            out.add(chunk.data);
        }
        fastBudget = 0;
    }

    private void sendNew(PacketPacker out, long nowMicros) {
        if (sent.isEmpty() && lastSentMicros > 0 && nowMicros - lastSentMicros > timeout.micros()) {
            congestion.idled();
            lastSentMicros = nowMicros;
        }
        Optional<OutgoingMessage> next = queue.next(nowMicros);
        while (mayStart(next)) {
            OutgoingMessage message = next.get();
            boolean last = message.unsentBytes() <= maxPayload && queue.holdsOneMessage();
            DataChunk data = message.nextFragment(nextTsn, maxPayload, last);
            SentChunk chunk = new SentChunk(nextTsn, message, data, nowMicros);
            sent.put(nextTsn++, chunk);
            queue.sent(data.payload().length);
            flightBytes += chunk.bytes;
            unackedBytes += chunk.bytes + OutgoingMessage.OVERHEAD_BYTES;
            peerWindow = Math.max(0, peerWindow - chunk.bytes);
            lastSentMicros = nowMicros;
            out.add(data);
            next = queue.next(nowMicros);
        }
    }

    /** With nothing in flight one chunk may always go: it probes a closed window (RFC 9260 section 6.1 A). */
    private boolean mayStart(Optional<OutgoingMessage> next) {
        if (next.isEmpty() || lostChunks > 0) {
            return false;
        }
        int bytes = SentChunk.bytes(Math.min(maxPayload, next.get().unsentBytes()));
        return flightBytes == 0 || flightBytes < congestion.bytes() && bytes <= peerWindow;
    }

    private void forward(PacketPacker out) {
        advancePoint();
        boolean due = advancedPoint > forwardedTo || repeatForward;
        repeatForward = false;
        if (advancedPoint <= cumulativeAcked || !due) {
            return;
        }
        Map<Integer, Integer> skips = new HashMap<>();
        long upTo = cumulativeAcked;
        for (SentChunk chunk : sent.headMap(advancedPoint, true).values()) {
            OutgoingMessage message = chunk.message;
            if (message.ordered()) {
                if (skips.size() == MAX_SKIPS && !skips.containsKey(message.streamId())) {
                    break;
                }
                skips.put(message.streamId(), message.ssn());
            }
            upTo = chunk.tsn;
        }
        forwardedTo = upTo;
        out.add(new ForwardTsnChunk(
                (int) upTo,
                skips.entrySet().stream()
                        .map(skip -> new ForwardTsnChunk.Skip(skip.getKey(), skip.getValue()))
                        .toList()));
    }

    /**
     * Moves the point up to which nothing is expected any more. Unordered messages that have arrived may lie in
     * between: stopping at each would cost a round trip per lost message. An ordered one that waits for its
     * predecessor must not, some receivers would skip it too.
     */
    private void advancePoint() {
        for (SentChunk chunk : sent.tailMap(advancedPoint, false).values()) {
            if (chunk.state == State.ABANDONED) {
                advancedPoint = chunk.tsn;
            } else if (chunk.state != State.ACKED || chunk.message.ordered()) {
                return;
            }
        }
    }

    /** What one SACK acknowledged for the first time. */
    private static final class Newly {
        private int bytes;
        private long highestTsn = Long.MIN_VALUE;
        private long sampleSentAtMicros = -1;
    }
}
