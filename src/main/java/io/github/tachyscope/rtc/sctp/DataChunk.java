package io.github.tachyscope.rtc.sctp;

import io.github.tachyscope.wire.ByteReader;
import io.github.tachyscope.wire.ByteWriter;
import io.github.tachyscope.wire.MalformedPacket;

/**
 * User data, one fragment of a message (RFC 9260 section 3.3.1, I bit RFC 7053).
 *
 * <pre>
 *   flags: I immediate ack | U unordered | B beginning | E end
 *   TSN (32) | stream (16) | SSN (16) | payload protocol (32) | payload
 * </pre>
 */
record DataChunk(
        boolean immediate,
        boolean unordered,
        boolean beginning,
        boolean end,
        int tsn,
        int streamId,
        int ssn,
        long ppid,
        byte[] payload)
        implements Chunk {

    static final int TYPE = 0;
    /** Chunk header and fixed fields. */
    static final int OVERHEAD_BYTES = 16;

    static DataChunk read(int flags, ByteReader in) {
        int tsn = in.i32();
        int streamId = in.u16();
        int ssn = in.u16();
        long ppid = in.u32();
        if (in.remaining() == 0) {
            throw new MalformedPacket("DATA without user data");
        }
        return new DataChunk(
                (flags & 8) != 0,
                (flags & 4) != 0,
                (flags & 2) != 0,
                (flags & 1) != 0,
                tsn,
                streamId,
                ssn,
                ppid,
                in.rest());
    }

    @Override
    public int type() {
        return TYPE;
    }

    @Override
    public int flags() {
        return (immediate ? 8 : 0) | (unordered ? 4 : 0) | (beginning ? 2 : 0) | (end ? 1 : 0);
    }

    @Override
    public void writeValue(ByteWriter out) {
        out.u32(tsn).u16(streamId).u16(ssn).u32(ppid).bytes(payload);
    }
}
