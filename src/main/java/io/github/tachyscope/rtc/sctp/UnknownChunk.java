package io.github.tachyscope.rtc.sctp;

import io.github.tachyscope.wire.ByteWriter;

/** A chunk of a type that this package does not know; its two high bits say what to do (RFC 9260 section 3.2). */
record UnknownChunk(int type, int flags, byte[] value) implements Chunk {

    /** Whether the chunks after this one are still to be processed. */
    boolean skippable() {
        return (type & 0x80) != 0;
    }

    /** Whether the sender wants to hear of it. */
    boolean reportable() {
        return (type & 0x40) != 0;
    }

    @Override
    public void writeValue(ByteWriter out) {
        out.bytes(value);
    }
}
