package io.github.tachyscope.rtc.sctp;

import io.github.tachyscope.wire.ByteReader;
import io.github.tachyscope.wire.ByteWriter;
import java.util.ArrayList;
import java.util.List;

/**
 * Tells the receiver to stop waiting for data that was given up (RFC 3758 section 3.2).
 *
 * <pre>
 *   new cumulative TSN (32) | { stream (16) | last skipped SSN (16) } ...
 * </pre>
 */
record ForwardTsnChunk(int newCumulativeTsn, List<Skip> skips) implements Chunk {
    static final int TYPE = 192;

    record Skip(int streamId, int ssn) {}

    static ForwardTsnChunk read(ByteReader in) {
        int newCumulativeTsn = in.i32();
        List<Skip> skips = new ArrayList<>(in.remaining() / 4);
        while (in.remaining() > 0) {
            skips.add(new Skip(in.u16(), in.u16()));
        }
        return new ForwardTsnChunk(newCumulativeTsn, List.copyOf(skips));
    }

    @Override
    public int type() {
        return TYPE;
    }

    @Override
    public void writeValue(ByteWriter out) {
        out.u32(newCumulativeTsn);
        skips.forEach(skip -> out.u16(skip.streamId()).u16(skip.ssn()));
    }
}
