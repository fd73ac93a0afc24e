package io.github.tachyscope.rtc.sctp;

import io.github.tachyscope.wire.ByteWriter;

/** Agrees to end the association (RFC 9260 section 3.3.9). */
record ShutdownAckChunk() implements Chunk {
    static final int TYPE = 8;

    @Override
    public int type() {
        return TYPE;
    }

    @Override
    public void writeValue(ByteWriter out) {}
}
