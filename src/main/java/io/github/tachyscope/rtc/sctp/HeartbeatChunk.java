package io.github.tachyscope.rtc.sctp;

import io.github.tachyscope.wire.ByteWriter;

/** Asks whether the path is alive (RFC 9260 section 3.3.5); the content is the sender's business. */
record HeartbeatChunk(byte[] info) implements Chunk {
    static final int TYPE = 4;

    @Override
    public int type() {
        return TYPE;
    }

    @Override
    public void writeValue(ByteWriter out) {
        out.bytes(info);
    }
}
