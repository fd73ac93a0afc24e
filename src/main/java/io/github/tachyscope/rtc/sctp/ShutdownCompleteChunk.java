package io.github.tachyscope.rtc.sctp;

import io.github.tachyscope.wire.ByteWriter;

/**
 * The last word of an orderly end (RFC 9260 section 3.3.13).
 *
 * @param reflected T bit: the verification tag is the receiver's own
 */
record ShutdownCompleteChunk(boolean reflected) implements Chunk {
    static final int TYPE = 14;

    static ShutdownCompleteChunk read(int flags) {
        return new ShutdownCompleteChunk((flags & 1) != 0);
    }

    @Override
    public int type() {
        return TYPE;
    }

    @Override
    public int flags() {
        return reflected ? 1 : 0;
    }

    @Override
    public void writeValue(ByteWriter out) {}
}
