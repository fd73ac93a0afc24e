package io.github.tachyscope.rtc.sctp;

import io.github.tachyscope.wire.ByteWriter;

/** Asks for an orderly end; acknowledges like a SACK without gaps (RFC 9260 section 3.3.8). */
record ShutdownChunk(int cumulativeTsn) implements Chunk {
    static final int TYPE = 7;

    @Override
    public int type() {
        return TYPE;
    }

    @Override
    public void writeValue(ByteWriter out) {
        out.u32(cumulativeTsn);
    }
}
