package io.github.tachyscope.rtc.sctp;

import io.github.tachyscope.wire.ByteWriter;
import java.util.List;

/** Reports errors that do not end the association (RFC 9260 section 3.3.10). */
record ErrorChunk(List<Parameter> causes) implements Chunk {
    static final int TYPE = 9;
    static final int STALE_COOKIE = 3;
    static final int UNRECOGNIZED_CHUNK = 6;

    @Override
    public int type() {
        return TYPE;
    }

    @Override
    public void writeValue(ByteWriter out) {
        Parameter.writeAll(causes, out);
    }
}
