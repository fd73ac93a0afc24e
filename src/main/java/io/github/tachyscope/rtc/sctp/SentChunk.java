package io.github.tachyscope.rtc.sctp;

/** A DATA chunk that was sent and is not acknowledged cumulatively yet. */
final class SentChunk {
    /** Where it stands; only {@code IN_FLIGHT} counts against the windows. */
    enum State {
        /** Sent, no word yet. */
        IN_FLIGHT,
        /** To be sent again. */
        LOST,
        /** Acknowledged by a gap block. */
        ACKED,
        /** Given up; FORWARD-TSN will skip it. */
        ABANDONED
    }

    final long tsn;
    final OutgoingMessage message;
    final DataChunk data;
    final int bytes;
    State state = State.IN_FLIGHT;
    int transmissions = 1;
    long sentAtMicros;
    int misses;
    /** Number of the latest SACK that covered it, to notice a receiver that takes its word back. */
    long coveredBySack;

    SentChunk(long tsn, OutgoingMessage message, DataChunk data, long nowMicros) {
        this.tsn = tsn;
        this.message = message;
        this.data = data;
        this.bytes = bytes(data.payload().length);
        this.sentAtMicros = nowMicros;
    }

    /** What a payload costs in flight: chunk header and padding count, so that tiny messages are not free. */
    static int bytes(int payloadBytes) {
        return DataChunk.OVERHEAD_BYTES + (payloadBytes + 3 & ~3);
    }
}
