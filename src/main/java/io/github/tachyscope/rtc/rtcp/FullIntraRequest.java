package io.github.tachyscope.rtc.rtcp;

import io.github.tachyscope.wire.ByteReader;
import io.github.tachyscope.wire.ByteWriter;
import java.util.ArrayList;
import java.util.List;

/** Commands key frames (FIR, RFC 5104 section 4.3.1, type 206 format 4). */
public record FullIntraRequest(long sender, List<Entry> entries) implements RtcpPacket {
    static final int FORMAT = 4;

    /**
     * One source.
     *
     * @param number counts the commands to this source; a repetition keeps it
     */
    public record Entry(long ssrc, int number) {}

    public FullIntraRequest {
        entries = List.copyOf(entries);
    }

    static FullIntraRequest parse(ByteReader in) {
        long sender = in.u32();
        in.skip(4);
        List<Entry> entries = new ArrayList<>();
        while (in.remaining() > 0) {
            entries.add(new Entry(in.u32(), in.u8()));
            in.skip(3);
        }
        return new FullIntraRequest(sender, entries);
    }

    @Override
    public void write(ByteWriter out) {
        int start = Rtcp.begin(out, FORMAT, Rtcp.PAYLOAD_FEEDBACK);
        out.u32(sender).u32(0);
        entries.forEach(entry -> out.u32(entry.ssrc()).u8(entry.number()).u24(0));
        Rtcp.end(out, start);
    }
}
