package io.github.tachyscope.rtc.sctp;

import io.github.tachyscope.wire.ByteReader;
import io.github.tachyscope.wire.ByteWriter;
import io.github.tachyscope.wire.MalformedPacket;

/**
 * The fixed part of INIT and INIT-ACK.
 *
 * <pre>
 *   initiate tag (32) | receive window (32) | outbound streams (16) | inbound streams (16) | initial TSN (32)
 * </pre>
 */
record InitFields(int tag, long receiveWindow, int outboundStreams, int inboundStreams, int initialTsn) {

    static InitFields read(ByteReader in) {
        InitFields fields = new InitFields(in.i32(), in.u32(), in.u16(), in.u16(), in.i32());
        if (fields.tag == 0 || fields.outboundStreams == 0 || fields.inboundStreams == 0) {
            throw new MalformedPacket("INIT with a zero tag or stream count");
        }
        return fields;
    }

    void write(ByteWriter out) {
        out.u32(tag).u32(receiveWindow).u16(outboundStreams).u16(inboundStreams).u32(initialTsn);
    }
}
