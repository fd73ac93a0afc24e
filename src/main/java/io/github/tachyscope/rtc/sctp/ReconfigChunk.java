package io.github.tachyscope.rtc.sctp;

import io.github.tachyscope.wire.ByteReader;
import io.github.tachyscope.wire.ByteWriter;
import io.github.tachyscope.wire.MalformedPacket;
import java.util.List;

/** One or two stream reconfiguration parameters (RFC 6525 section 3.1). */
record ReconfigChunk(List<ReconfigParameter> parameters) implements Chunk {
    static final int TYPE = 130;

    static ReconfigChunk read(ByteReader in) {
        List<Parameter> parameters = Parameter.readAll(in);
        if (parameters.isEmpty() || parameters.size() > 2) {
            throw new MalformedPacket("RE-CONFIG with " + parameters.size() + " parameters");
        }
        return new ReconfigChunk(
                parameters.stream().map(ReconfigParameter::read).toList());
    }

    @Override
    public int type() {
        return TYPE;
    }

    @Override
    public void writeValue(ByteWriter out) {
        Parameter.writeAll(
                parameters.stream().map(ReconfigParameter::toParameter).toList(), out);
    }
}
