package io.github.tachyscope.rtc.sctp;

import io.github.tachyscope.wire.ByteReader;
import io.github.tachyscope.wire.ByteWriter;
import java.util.List;
import java.util.Optional;

/** Answers INIT and carries the state cookie (RFC 9260 section 3.3.3). */
record InitAckChunk(InitFields fields, List<Parameter> parameters) implements Chunk {
    static final int TYPE = 2;
    static final int STATE_COOKIE = 7;

    static InitAckChunk read(ByteReader in) {
        return new InitAckChunk(InitFields.read(in), Parameter.readAll(in));
    }

    Optional<byte[]> cookie() {
        return parameters.stream()
                .filter(parameter -> parameter.type() == STATE_COOKIE)
                .map(Parameter::value)
                .findFirst();
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
