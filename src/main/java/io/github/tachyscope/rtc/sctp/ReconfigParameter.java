package io.github.tachyscope.rtc.sctp;

import io.github.tachyscope.wire.ByteReader;
import io.github.tachyscope.wire.ByteWriter;
import io.github.tachyscope.wire.MalformedPacket;
import java.util.ArrayList;
import java.util.List;

/** What RE-CONFIG can carry (RFC 6525 section 4). */
sealed interface ReconfigParameter {

    Parameter toParameter();

    static ReconfigParameter read(Parameter parameter) {
        ByteReader in = new ByteReader(parameter.value());
        return switch (parameter.type()) {
            case OutgoingReset.TYPE -> OutgoingReset.read(in);
            case Response.TYPE -> Response.read(in);
            case 14, 15, 17, 18 -> new OtherRequest(parameter.type(), in.i32());
            default -> throw new MalformedPacket("RE-CONFIG parameter " + parameter.type());
        };
    }

    /**
     * The sender resets streams it sends on (section 4.1); no streams means all.
     *
     * <pre>
     *   request number (32) | response number (32) | last assigned TSN (32) | { stream (16) } ...
     * </pre>
     */
    record OutgoingReset(int request, int response, int lastTsn, List<Integer> streamIds) implements ReconfigParameter {
        static final int TYPE = 13;
        /** Everything in the parameter but the streams. */
        static final int OVERHEAD_BYTES = 16;

        static OutgoingReset read(ByteReader in) {
            int request = in.i32();
            int response = in.i32();
            int lastTsn = in.i32();
            List<Integer> streamIds = new ArrayList<>(in.remaining() / 2);
            while (in.remaining() > 0) {
                streamIds.add(in.u16());
            }
            return new OutgoingReset(request, response, lastTsn, List.copyOf(streamIds));
        }

        @Override
        public Parameter toParameter() {
            ByteWriter out = new ByteWriter(16).u32(request).u32(response).u32(lastTsn);
            streamIds.forEach(out::u16);
            return new Parameter(TYPE, out.toBytes());
        }
    }

    /** Answers a request (section 4.4); the optional TSNs of a TSN reset are not read, nobody asks for one. */
    record Response(int request, long result) implements ReconfigParameter {
        static final int TYPE = 16;
        static final long NOTHING_TO_DO = 0;
        static final long PERFORMED = 1;
        static final long DENIED = 2;
        static final long BAD_REQUEST_NUMBER = 5;
        static final long IN_PROGRESS = 6;

        static Response read(ByteReader in) {
            return new Response(in.i32(), in.u32());
        }

        @Override
        public Parameter toParameter() {
            return new Parameter(
                    TYPE, new ByteWriter(16).u32(request).u32(result).toBytes());
        }
    }

    /** A request that data channels never use (incoming reset, TSN reset, more streams); it is answered with a no. */
    record OtherRequest(int type, int request) implements ReconfigParameter {
        @Override
        public Parameter toParameter() {
            return new Parameter(type, new ByteWriter(16).u32(request).toBytes());
        }
    }
}
