package io.github.tachyscope.rtc.rtp;

import io.github.tachyscope.wire.ByteReader;
import io.github.tachyscope.wire.MalformedPacket;
import java.util.List;

/**
 * VP8 out of RTP (RFC 7741 section 4).
 *
 * <pre>
 *   X R N S R PID(3) | if X: I L T K RSV(4) | if I: M picture id (7 or 15) | if L: tl0picidx | if T or K: tid y keyidx
 *   first byte of the frame: size0 h ver(3) P, P = 0 for a key frame
 * </pre>
 */
final class Vp8Depacketizer implements Depacketizer {
    private static final int KEY_FRAME_HEADER = 10;

    @Override
    public boolean startsKeyFrame(RtpPacket packet) {
        if (packet.payloadLength() < 2) {
            return false;
        }
        try {
            int at = descriptor(packet);
            return startsFrame(packet) && (packet.bytes()[at] & 1) == 0;
        } catch (MalformedPacket e) {
            return false;
        }
    }

    @Override
    public Picture picture(List<RtpPacket> packets) {
        int size = 0;
        boolean first = true;
        for (RtpPacket packet : packets) {
            if (packet.payloadLength() == 0) {
                continue;
            }
            if (first && !startsFrame(packet)) {
                throw new MalformedPacket("VP8 picture without its beginning");
            }
            first = false;
            size += end(packet) - descriptor(packet);
        }
        byte[] data = new byte[size];
        int at = 0;
        for (RtpPacket packet : packets) {
            if (packet.payloadLength() > 0) {
                int from = descriptor(packet);
                System.arraycopy(packet.bytes(), from, data, at, end(packet) - from);
                at += end(packet) - from;
            }
        }
        if (size == 0) {
            throw new MalformedPacket("VP8 picture of no bytes");
        }
        boolean key = (data[0] & 1) == 0;
        if (key && !hasKeyFrameHeader(data)) {
            throw new MalformedPacket("VP8 key frame without its start code");
        }
        return new Picture(data, key);
    }

    /** RFC 6386 section 9.1: three bytes of tag, start code, width, height. */
    private static boolean hasKeyFrameHeader(byte[] data) {
        return data.length >= KEY_FRAME_HEADER
                && (data[3] & 0xFF) == 0x9D
                && (data[4] & 0xFF) == 0x01
                && (data[5] & 0xFF) == 0x2A;
    }

    private static boolean startsFrame(RtpPacket packet) {
        int first = packet.bytes()[packet.payloadOffset()] & 0xFF;
        return (first & 0x10) != 0 && (first & 0x07) == 0;
    }

    private static int end(RtpPacket packet) {
        return packet.payloadOffset() + packet.payloadLength();
    }

    /** Index of the first byte behind the descriptor; at least one byte follows. */
    private static int descriptor(RtpPacket packet) {
        ByteReader in = new ByteReader(packet.bytes(), packet.payloadOffset(), packet.payloadLength());
        if ((in.u8() & 0x80) != 0) {
            int flags = in.u8();
            if ((flags & 0x80) != 0 && (in.u8() & 0x80) != 0) {
                in.skip(1);
            }
            if ((flags & 0x40) != 0) {
                in.skip(1);
            }
            if ((flags & 0x30) != 0) {
                in.skip(1);
            }
        }
        in.peekU8();
        return in.position();
    }
}
