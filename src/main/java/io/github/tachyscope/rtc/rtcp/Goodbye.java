package io.github.tachyscope.rtc.rtcp;

import io.github.tachyscope.wire.ByteReader;
import io.github.tachyscope.wire.ByteWriter;
import java.util.ArrayList;
import java.util.List;

/** Sources that end (RFC 3550 section 6.6, type 203). */
public record Goodbye(List<Long> ssrcs) implements RtcpPacket {
    public Goodbye {
        ssrcs = List.copyOf(ssrcs);
        if (ssrcs.size() > 31) {
            throw new IllegalArgumentException(ssrcs.size() + " sources do not fit into one goodbye");
        }
    }

    static Goodbye parse(int count, ByteReader in) {
        List<Long> ssrcs = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            ssrcs.add(in.u32());
        }
        return new Goodbye(ssrcs);
    }

    @Override
    public void write(ByteWriter out) {
        int start = Rtcp.begin(out, ssrcs.size(), Rtcp.GOODBYE);
        ssrcs.forEach(out::u32);
        Rtcp.end(out, start);
    }
}
