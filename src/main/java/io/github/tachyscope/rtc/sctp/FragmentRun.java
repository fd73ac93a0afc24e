package io.github.tachyscope.rtc.sctp;

import java.util.ArrayDeque;
import java.util.Deque;

/** Neighbouring fragments of one message that grow together as they arrive. */
final class FragmentRun {
    /** What a held fragment costs beside its payload; keeps one-byte fragments from filling the heap. */
    static final int OVERHEAD_BYTES = 64;

    private final int streamId;
    private final boolean unordered;
    private final int ssn;
    private Deque<byte[]> parts = new ArrayDeque<>();
    private long ppid;
    private long firstTsn;
    private long lastTsn;
    private boolean begins;
    private boolean ends;
    private int payloadBytes;
    private boolean tooLarge;

    FragmentRun(long tsn, DataChunk data) {
        streamId = data.streamId();
        unordered = data.unordered();
        ssn = data.ssn();
        ppid = data.ppid();
        firstTsn = tsn;
        lastTsn = tsn;
        begins = data.beginning();
        ends = data.end();
        parts.add(data.payload());
        payloadBytes = data.payload().length;
    }

    int streamId() {
        return streamId;
    }

    boolean unordered() {
        return unordered;
    }

    int ssn() {
        return ssn;
    }

    long firstTsn() {
        return firstTsn;
    }

    long lastTsn() {
        return lastTsn;
    }

    int payloadBytes() {
        return payloadBytes;
    }

    boolean tooLarge() {
        return tooLarge;
    }

    boolean complete() {
        return begins && ends;
    }

    int heldBytes() {
        return tooLarge ? OVERHEAD_BYTES : payloadBytes + OVERHEAD_BYTES * parts.size();
    }

    /** Whether the other run is the continuation of this one. */
    boolean continuesWith(FragmentRun next) {
        return next.firstTsn == lastTsn + 1
                && !ends
                && !next.begins
                && next.streamId == streamId
                && next.unordered == unordered
                && (unordered || next.ssn == ssn);
    }

    /**
     * Joins the continuation to this run and returns the result. The shorter side moves, so that a hostile order of
     * arrival costs little.
     */
    FragmentRun join(FragmentRun next) {
        payloadBytes = (int) Math.min(Integer.MAX_VALUE, (long) payloadBytes + next.payloadBytes);
        if (parts.size() >= next.parts.size()) {
            parts.addAll(next.parts);
        } else {
            while (!parts.isEmpty()) {
                next.parts.addFirst(parts.removeLast());
            }
            parts = next.parts;
        }
        lastTsn = next.lastTsn;
        ends = next.ends;
        if (tooLarge || next.tooLarge) {
            giveUp();
        }
        return this;
    }

    /** Lets go of the payload; the run goes on to know where the message ends. */
    void giveUp() {
        tooLarge = true;
        parts = new ArrayDeque<>();
    }

    InboundMessage toMessage() {
        if (tooLarge) {
            return new InboundMessage(streamId, ppid, new byte[0], true);
        }
        byte[] payload = new byte[payloadBytes];
        int offset = 0;
        for (byte[] part : parts) {
            System.arraycopy(part, 0, payload, offset, part.length);
            offset += part.length;
        }
        return new InboundMessage(streamId, ppid, payload, false);
    }
}
