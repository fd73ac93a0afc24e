package io.github.tachyscope.rtc.sctp;

import io.github.tachyscope.wire.ByteWriter;

/** Confirms the state cookie: the association is up (RFC 9260 section 3.3.12). */
record CookieAckChunk() implements Chunk {
    static final int TYPE = 11;

    @Override
    public int type() {
        return TYPE;
    }

    @Override
    public void writeValue(ByteWriter out) {}
}
