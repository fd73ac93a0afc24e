package io.github.tachyscope.rtc.rtcp;

import io.github.tachyscope.wire.ByteReader;
import io.github.tachyscope.wire.ByteWriter;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Names one source (RFC 3550 section 6.5, type 202). Of a received one only the first chunk's CNAME is kept. */
public record SourceDescription(long ssrc, String cname) implements RtcpPacket {
    private static final int CNAME = 1;

    static SourceDescription parse(int count, ByteReader in) {
        if (count == 0) {
            return new SourceDescription(0, "");
        }
        long ssrc = in.u32();
        String cname = "";
        for (int item = in.u8(); item != 0; item = in.u8()) {
            String text = in.utf8(in.u8());
            if (item == CNAME) {
                cname = text;
            }
        }
        return new SourceDescription(ssrc, cname);
    }

    @Override
    public void write(ByteWriter out) {
        int start = Rtcp.begin(out, 1, Rtcp.SOURCE_DESCRIPTION);
        byte[] text = cname.getBytes(StandardCharsets.UTF_8);
        byte[] fitting = Arrays.copyOf(text, Math.min(255, text.length));
        out.u32(ssrc).u8(CNAME).u8(fitting.length).bytes(fitting).u8(0).padTo(4);
        Rtcp.end(out, start);
    }
}
