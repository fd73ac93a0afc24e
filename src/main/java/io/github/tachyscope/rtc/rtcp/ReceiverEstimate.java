package io.github.tachyscope.rtc.rtcp;

import io.github.tachyscope.wire.ByteReader;
import io.github.tachyscope.wire.ByteWriter;
import io.github.tachyscope.wire.MalformedPacket;
import java.util.ArrayList;
import java.util.List;

/**
 * What the receiver thinks the path can carry (REMB, draft-alvestrand-rmcat-remb-03, type 206 format 15).
 *
 * <pre>
 *   sender ssrc | 0 | "REMB" | n (8) | exponent (6) mantissa (18) | n ssrcs
 * </pre>
 */
public record ReceiverEstimate(long sender, long bitsPerSecond, List<Long> ssrcs) implements RtcpPacket {
    static final int FORMAT = 15;
    private static final long NAME = 0x5245_4D42L;
    private static final int MANTISSA_BITS = 18;

    public ReceiverEstimate {
        ssrcs = List.copyOf(ssrcs);
        if (bitsPerSecond < 0 || ssrcs.size() > 255) {
            throw new IllegalArgumentException(bitsPerSecond + " bit/s for " + ssrcs.size() + " sources");
        }
    }

    static ReceiverEstimate parse(ByteReader in) {
        long sender = in.u32();
        in.skip(4);
        if (in.u32() != NAME) {
            throw new MalformedPacket("application feedback that is no REMB");
        }
        int count = in.u8();
        int exponent = in.peekU8() >>> 2;
        long mantissa = in.u24() & (1 << MANTISSA_BITS) - 1;
        long rate = exponent > Long.SIZE - MANTISSA_BITS - 2 ? Long.MAX_VALUE : mantissa << exponent;
        List<Long> ssrcs = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            ssrcs.add(in.u32());
        }
        return new ReceiverEstimate(sender, rate, ssrcs);
    }

    @Override
    public void write(ByteWriter out) {
        int start = Rtcp.begin(out, FORMAT, Rtcp.PAYLOAD_FEEDBACK);
        int exponent = Math.max(0, Long.SIZE - Long.numberOfLeadingZeros(bitsPerSecond) - MANTISSA_BITS);
        out.u32(sender).u32(0).u32(NAME).u8(ssrcs.size());
        out.u24(exponent << MANTISSA_BITS | (int) (bitsPerSecond >>> exponent));
        ssrcs.forEach(out::u32);
        Rtcp.end(out, start);
    }
}
