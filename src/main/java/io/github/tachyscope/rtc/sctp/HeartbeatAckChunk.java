package io.github.tachyscope.rtc.sctp;

import io.github.tachyscope.wire.ByteWriter;

/** Returns the content of a HEARTBEAT unchanged (RFC 9260 section 3.3.6). */
record HeartbeatAckChunk(byte[] info) implements Chunk {
    static final int TYPE = 5;

    @Override
    public int type() {
        return TYPE;
    }

    @Override
    public void writeValue(ByteWriter out) {
        out.bytes(info);
    }
}
