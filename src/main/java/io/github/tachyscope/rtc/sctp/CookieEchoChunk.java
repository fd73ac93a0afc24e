package io.github.tachyscope.rtc.sctp;

import io.github.tachyscope.wire.ByteWriter;

/** Returns the state cookie of INIT-ACK (RFC 9260 section 3.3.11). */
record CookieEchoChunk(byte[] cookie) implements Chunk {
    static final int TYPE = 10;

    @Override
    public int type() {
        return TYPE;
    }

    @Override
    public void writeValue(ByteWriter out) {
        out.bytes(cookie);
    }
}
