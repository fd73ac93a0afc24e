package io.github.tachyscope.rtc.rtcp;

import io.github.tachyscope.wire.ByteReader;
import io.github.tachyscope.wire.ByteWriter;

/** Asks for a key frame (PLI, RFC 4585 section 6.3.1, type 206 format 1). */
public record PictureLoss(long sender, long media) implements RtcpPacket {
    static final int FORMAT = 1;

    static PictureLoss parse(ByteReader in) {
        return new PictureLoss(in.u32(), in.u32());
    }

    @Override
    public void write(ByteWriter out) {
        int start = Rtcp.begin(out, FORMAT, Rtcp.PAYLOAD_FEEDBACK);
        out.u32(sender).u32(media);
        Rtcp.end(out, start);
    }
}
