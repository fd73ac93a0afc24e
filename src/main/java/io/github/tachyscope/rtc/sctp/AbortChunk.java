package io.github.tachyscope.rtc.sctp;

import io.github.tachyscope.wire.ByteReader;
import io.github.tachyscope.wire.ByteWriter;
import java.util.List;

/**
 * Ends the association at once (RFC 9260 section 3.3.7).
 *
 * @param reflected T bit: the verification tag is the receiver's own, because the sender knows no other
 */
record AbortChunk(boolean reflected, List<Parameter> causes) implements Chunk {
    static final int TYPE = 6;
    static final int USER_INITIATED = 12;

    static AbortChunk read(int flags, ByteReader in) {
        return new AbortChunk((flags & 1) != 0, Parameter.readAll(in));
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
    public void writeValue(ByteWriter out) {
        Parameter.writeAll(causes, out);
    }
}
