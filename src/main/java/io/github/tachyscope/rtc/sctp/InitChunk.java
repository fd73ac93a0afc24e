package io.github.tachyscope.rtc.sctp;

import io.github.tachyscope.wire.ByteReader;
import io.github.tachyscope.wire.ByteWriter;
import java.util.List;

/** Asks for an association (RFC 9260 section 3.3.2); travels alone, with verification tag zero. */
record InitChunk(InitFields fields, List<Parameter> parameters) implements Chunk {
    static final int TYPE = 1;

    static InitChunk read(ByteReader in) {
        return new InitChunk(InitFields.read(in), Parameter.readAll(in));
    }

    @Override
    public int type() {
        return TYPE;
    }

    @Override
    public void writeValue(ByteWriter out) {
        fields.write(out);
        Parameter.writeAll(parameters, out);
    }
}
