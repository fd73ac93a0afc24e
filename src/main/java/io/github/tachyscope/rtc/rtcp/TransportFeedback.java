package io.github.tachyscope.rtc.rtcp;

import io.github.tachyscope.wire.ByteReader;
import io.github.tachyscope.wire.ByteWriter;
import io.github.tachyscope.wire.MalformedPacket;
import java.util.Arrays;

/**
 * When which packets arrived (draft-holmer-rmcat-transport-wide-cc-extensions-01, type 205 format 15).
 *
 * <pre>
 *   sender ssrc | media ssrc | base sequence (16) count (16) | reference time (24) feedback number (8)
 *   status chunks (16 each): 0 s s run(13)  or  1 0 14 x 1 bit  or  1 1 7 x 2 bits
 *   deltas of the arrived packets: 1 byte (small) or 2 bytes signed (large), in 250 us
 * </pre>
 *
 * @param referenceTime in 64 ms, signed 24 bits
 * @param arrivals per packet from {@code baseSequence} on: 250 us ticks after the reference time, or {@link #LOST}
 */
public record TransportFeedback(
        long sender, long media, int baseSequence, int referenceTime, int number, int[] arrivals)
        implements RtcpPacket {
    /** Stands in {@link #arrivals} for a packet that did not arrive. */
    public static final int LOST = Integer.MIN_VALUE;

    /** Most packets in one message; run-length coding would let 20 bytes claim 65,535. More are malformed. */
    public static final int MAX_PACKETS = 8192;

    public static final int TICK_MICROS = 250;
    public static final int TICKS_PER_REFERENCE = 256;

    static final int FORMAT = 15;
    private static final int NOT_RECEIVED = 0;
    private static final int SMALL = 1;
    private static final int LARGE = 2;
    private static final int MAX_RUN = 0x1FFF;
    private static final int SYMBOLS = 7;

    public TransportFeedback {
        if (arrivals.length < 1 || arrivals.length > MAX_PACKETS) {
            throw new IllegalArgumentException(arrivals.length + " packets; allowed are 1 to " + MAX_PACKETS);
        }
    }

    static TransportFeedback parse(ByteReader in) {
        long sender = in.u32();
        long media = in.u32();
        int base = in.u16();
        int count = in.u16();
        int reference = in.u24() << 8 >> 8;
        int number = in.u8();
        if (count < 1 || count > MAX_PACKETS) {
            throw new MalformedPacket("feedback for " + count + " packets");
        }
        int[] arrivals = new int[count];
        for (int i = 0; i < count; ) {
            i = statuses(in.u16(), arrivals, i);
        }
        int ticks = 0;
        for (int i = 0; i < count; i++) {
            if (arrivals[i] == NOT_RECEIVED) {
                arrivals[i] = LOST;
            } else {
                ticks += arrivals[i] == SMALL ? in.u8() : (short) in.u16();
                arrivals[i] = ticks;
            }
        }
        return new TransportFeedback(sender, media, base, reference, number, arrivals);
    }

    private static int statuses(int chunk, int[] into, int from) {
        if ((chunk & 0x8000) == 0) {
            int end = Math.min(into.length, from + (chunk & MAX_RUN));
            if (end == from) {
                throw new MalformedPacket("empty run of packet statuses");
            }
            Arrays.fill(into, from, end, known(chunk >>> 13 & 3));
            return end;
        }
        int bits = (chunk & 0x4000) == 0 ? 1 : 2;
        int at = from;
        for (int shift = 14 - bits; shift >= 0 && at < into.length; shift -= bits) {
            into[at++] = known(chunk >>> shift & (1 << bits) - 1);
        }
        return at;
    }

    private static int known(int status) {
        if (status > LARGE) {
            throw new MalformedPacket("reserved packet status");
        }
        return status;
    }

    /** Successive arrivals must lie within 8 s of each other; whoever builds the message sees to it. */
    @Override
    public void write(ByteWriter out) {
        int start = Rtcp.begin(out, FORMAT, Rtcp.TRANSPORT_FEEDBACK);
        out.u32(sender).u32(media).u16(baseSequence).u16(arrivals.length);
        out.u24(referenceTime).u8(number);
        int[] statuses = new int[arrivals.length];
        int previous = 0;
        for (int i = 0; i < arrivals.length; i++) {
            if (arrivals[i] != LOST) {
                int delta = arrivals[i] - previous;
                statuses[i] = delta >= 0 && delta <= 0xFF ? SMALL : LARGE;
                previous = arrivals[i];
            }
        }
        for (int i = 0; i < statuses.length; ) {
            i = writeChunk(out, statuses, i);
        }
        previous = 0;
        for (int i = 0; i < arrivals.length; i++) {
            if (statuses[i] == SMALL) {
                out.u8(arrivals[i] - previous);
            } else if (statuses[i] == LARGE) {
                out.u16(arrivals[i] - previous);
            }
            previous = statuses[i] == NOT_RECEIVED ? previous : arrivals[i];
        }
        out.padTo(4);
        Rtcp.end(out, start);
    }

    private static int writeChunk(ByteWriter out, int[] statuses, int from) {
        int run = from + 1;
        while (run < statuses.length && run - from < MAX_RUN && statuses[run] == statuses[from]) {
            run++;
        }
        if (run - from >= SYMBOLS || run == statuses.length) {
            out.u16(statuses[from] << 13 | run - from);
            return run;
        }
        int chunk = 0xC000;
        int at = from;
        for (int shift = 12; shift >= 0 && at < statuses.length; shift -= 2) {
            chunk |= statuses[at++] << shift;
        }
        out.u16(chunk);
        return at;
    }
}
