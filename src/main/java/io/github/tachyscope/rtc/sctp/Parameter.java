package io.github.tachyscope.rtc.sctp;

import io.github.tachyscope.wire.ByteReader;
import io.github.tachyscope.wire.ByteWriter;
import io.github.tachyscope.wire.MalformedPacket;
import java.util.ArrayList;
import java.util.List;

/**
 * A type-length-value field inside a chunk: a parameter of INIT, INIT-ACK and RE-CONFIG (RFC 9260 section 3.2.1) or an
 * error cause of ABORT and ERROR (section 3.3.10), which share the shape.
 *
 * <pre>
 *   type (16) | length (16, header and value, without padding) | value | padding to 4
 * </pre>
 */
record Parameter(int type, byte[] value) {
    private static final int HEADER_BYTES = 4;

    /** Most fields in one chunk; a chunk with more is refused. Real ones have fewer than ten. */
    private static final int MAX_PER_CHUNK = 64;

    static List<Parameter> readAll(ByteReader in) {
        List<Parameter> parameters = new ArrayList<>();
        while (in.remaining() >= HEADER_BYTES) {
            if (parameters.size() == MAX_PER_CHUNK) {
                throw new MalformedPacket("more than " + MAX_PER_CHUNK + " parameters");
            }
            int type = in.u16();
            int length = in.u16();
            if (length < HEADER_BYTES) {
                throw new MalformedPacket("parameter length " + length);
            }
            parameters.add(new Parameter(type, in.bytes(length - HEADER_BYTES)));
            in.skip(Math.min(in.remaining(), -length & 3));
        }
        return List.copyOf(parameters);
    }

    static void writeAll(List<Parameter> parameters, ByteWriter out) {
        for (Parameter parameter : parameters) {
            // Padding goes before the next one: that of the last belongs to the chunk and is not in its length.
            out.padTo(4);
            parameter.write(out);
        }
    }

    void write(ByteWriter out) {
        out.u16(type).u16(HEADER_BYTES + value.length).bytes(value);
    }
}
