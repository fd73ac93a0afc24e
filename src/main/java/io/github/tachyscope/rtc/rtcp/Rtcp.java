package io.github.tachyscope.rtc.rtcp;

import io.github.tachyscope.wire.ByteReader;
import io.github.tachyscope.wire.ByteWriter;
import io.github.tachyscope.wire.MalformedPacket;
import java.util.ArrayList;
import java.util.List;

/**
 * Compounds of RTCP messages (RFC 3550 section 6.1).
 *
 * <pre>
 *   V=2 P count/format (5) | type (8) | length in words less one (16) | body
 * </pre>
 */
public final class Rtcp {
    static final int SENDER_REPORT = 200;
    static final int RECEIVER_REPORT = 201;
    static final int SOURCE_DESCRIPTION = 202;
    static final int GOODBYE = 203;
    static final int TRANSPORT_FEEDBACK = 205;
    static final int PAYLOAD_FEEDBACK = 206;

    private static final int HEADER = 4;

    private Rtcp() {}

    /** All messages that we know, in order; others are skipped. Throws {@link MalformedPacket} only. */
    public static List<RtcpPacket> parse(byte[] bytes, int length) {
        ByteReader in = new ByteReader(bytes, 0, length);
        List<RtcpPacket> packets = new ArrayList<>();
        do {
            int first = in.u8();
            int type = in.u8();
            int body = in.u16() * 4;
            if (first >>> 6 != 2) {
                throw new MalformedPacket("RTCP version " + (first >>> 6));
            }
            if (body > in.remaining()) {
                throw new MalformedPacket("RTCP message of " + body + " bytes where " + in.remaining() + " are left");
            }
            int padding = (first & 0x20) == 0 || body == 0 ? 0 : bytes[in.position() + body - 1] & 0xFF;
            if (padding > body) {
                throw new MalformedPacket("RTCP padding of " + padding + " bytes in " + body);
            }
            parseOne(first & 0x1F, type, in.slice(body - padding), packets);
            in.skip(padding);
        } while (in.remaining() > 0);
        return packets;
    }

    /** The bytes of a compound. */
    public static byte[] write(List<? extends RtcpPacket> packets) {
        ByteWriter out = new ByteWriter(256);
        packets.forEach(packet -> packet.write(out));
        return out.toBytes();
    }

    private static void parseOne(int count, int type, ByteReader in, List<RtcpPacket> packets) {
        switch (type) {
            case SENDER_REPORT -> packets.add(SenderReport.parse(count, in));
            case RECEIVER_REPORT -> packets.add(ReceiverReport.parse(count, in));
            case SOURCE_DESCRIPTION -> packets.add(SourceDescription.parse(count, in));
            case GOODBYE -> packets.add(Goodbye.parse(count, in));
            case TRANSPORT_FEEDBACK -> {
                if (count == Nack.FORMAT) {
                    packets.add(Nack.parse(in));
                } else if (count == TransportFeedback.FORMAT) {
                    packets.add(TransportFeedback.parse(in));
                }
            }
            case PAYLOAD_FEEDBACK -> {
                if (count == PictureLoss.FORMAT) {
                    packets.add(PictureLoss.parse(in));
                } else if (count == FullIntraRequest.FORMAT) {
                    packets.add(FullIntraRequest.parse(in));
                } else if (count == ReceiverEstimate.FORMAT) {
                    packets.add(ReceiverEstimate.parse(in));
                }
            }
            default -> {}
        }
    }

    /** Writes a header without its length and returns where it starts. */
    static int begin(ByteWriter out, int count, int type) {
        int start = out.size();
        out.u8(0x80 | count).u8(type).u16(0);
        return start;
    }

    static void end(ByteWriter out, int start) {
        out.setU16(start + 2, (out.size() - start - HEADER) / 4);
    }
}
