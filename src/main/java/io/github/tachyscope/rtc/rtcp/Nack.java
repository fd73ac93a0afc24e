package io.github.tachyscope.rtc.rtcp;

import io.github.tachyscope.wire.ByteReader;
import io.github.tachyscope.wire.ByteWriter;
import java.util.ArrayList;
import java.util.List;

/**
 * Asks for lost packets again (RFC 4585 section 6.2.1, type 205 format 1).
 *
 * @param sequences 16-bit sequence numbers, in ascending order modulo 2^16
 */
public record Nack(long sender, long media, List<Integer> sequences) implements RtcpPacket {
    static final int FORMAT = 1;
    private static final int BITS = 16;

    public Nack {
        sequences = List.copyOf(sequences);
    }

    static Nack parse(ByteReader in) {
        long sender = in.u32();
        long media = in.u32();
        List<Integer> sequences = new ArrayList<>();
        while (in.remaining() > 0) {
            int first = in.u16();
            int following = in.u16();
            sequences.add(first);
            for (int bit = 0; bit < BITS; bit++) {
                if ((following >> bit & 1) != 0) {
                    sequences.add(first + bit + 1 & 0xFFFF);
                }
            }
        }
        return new Nack(sender, media, sequences);
    }

    @Override
    public void write(ByteWriter out) {
        int start = Rtcp.begin(out, FORMAT, Rtcp.TRANSPORT_FEEDBACK);
        out.u32(sender).u32(media);
        for (int i = 0; i < sequences.size(); ) {
            int first = sequences.get(i++);
            int following = 0;
            while (i < sequences.size()) {
                int distance = sequences.get(i) - first & 0xFFFF;
                if (distance < 1 || distance > BITS) {
                    break;
                }
                following |= 1 << distance - 1;
                i++;
            }
            out.u16(first).u16(following);
        }
        Rtcp.end(out, start);
    }
}
