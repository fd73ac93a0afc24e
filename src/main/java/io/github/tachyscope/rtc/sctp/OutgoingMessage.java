package io.github.tachyscope.rtc.sctp;

import java.util.Arrays;

/** A message on its way out, taken apart into fragments as they are sent. */
final class OutgoingMessage {
    /** What a queued message or a sent fragment costs beside its payload; keeps empty messages from being free. */
    static final int OVERHEAD_BYTES = 64;

    /** For {@code maxRetransmits}: try for ever. */
    static final int UNLIMITED = Integer.MAX_VALUE;

    private final int streamId;
    private final long ppid;
    private final byte[] payload;
    private final boolean ordered;
    private final int maxRetransmits;
    private final long expiresAtMicros;
    private int sentBytes;
    private int ssn;
    private boolean abandoned;

    OutgoingMessage(
            int streamId, long ppid, byte[] payload, boolean ordered, int maxRetransmits, long expiresAtMicros) {
        this.streamId = streamId;
        this.ppid = ppid;
        this.payload = payload;
        this.ordered = ordered;
        this.maxRetransmits = maxRetransmits;
        this.expiresAtMicros = expiresAtMicros;
    }

    int streamId() {
        return streamId;
    }

    boolean ordered() {
        return ordered;
    }

    int ssn() {
        return ssn;
    }

    int unsentBytes() {
        return payload.length - sentBytes;
    }

    boolean started() {
        return sentBytes > 0;
    }

    void assign(int newSsn) {
        ssn = newSsn;
    }

    /** Cuts off the next fragment. */
    DataChunk nextFragment(long tsn, int maxPayload, boolean immediate) {
        int length = Math.min(maxPayload, unsentBytes());
        byte[] part = Arrays.copyOfRange(payload, sentBytes, sentBytes + length);
        boolean beginning = sentBytes == 0;
        sentBytes += length;
        return new DataChunk(immediate, !ordered, beginning, unsentBytes() == 0, (int) tsn, streamId, ssn, ppid, part);
    }

    boolean abandoned() {
        return abandoned;
    }

    void abandon() {
        abandoned = true;
    }

    /** Whether partial reliability allows another transmission after so many. */
    boolean mayBeSentAgain(int transmissions, long nowMicros) {
        return !expired(nowMicros) && transmissions - 1 < maxRetransmits;
    }

    boolean expired(long nowMicros) {
        return nowMicros >= expiresAtMicros;
    }
}
