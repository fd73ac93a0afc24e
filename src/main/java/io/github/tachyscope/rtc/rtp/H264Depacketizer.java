package io.github.tachyscope.rtc.rtp;

import io.github.tachyscope.wire.ByteReader;
import io.github.tachyscope.wire.ByteWriter;
import io.github.tachyscope.wire.MalformedPacket;
import java.util.List;

/**
 * H.264 out of RTP, packetization mode 1 (RFC 6184 sections 5.6 to 5.8), as an Annex B byte stream.
 *
 * <pre>
 *   F NRI(2) type(5) ...                    type 1..23: one NAL unit
 *   type 24, STAP-A: n x (size (16), NAL unit)
 *   type 28, FU-A:   S E R type(5), piece of a NAL unit
 * </pre>
 *
 * <p>Parameter sets are remembered and put before an IDR picture that comes without.
 */
final class H264Depacketizer implements Depacketizer {
    static final int IDR = 5;
    static final int SPS = 7;
    static final int PPS = 8;
    static final int STAP_A = 24;
    static final int FU_A = 28;
    private static final int LAST_SINGLE = 23;

    /** Largest parameter set remembered; real ones have some 30 bytes. */
    private static final int MAX_PARAMETER_SET_BYTES = 1024;

    private byte[] sps = new byte[0];
    private byte[] pps = new byte[0];

    @Override
    public boolean startsKeyFrame(RtpPacket packet) {
        if (packet.payloadLength() < 2) {
            return false;
        }
        byte[] bytes = packet.bytes();
        int at = packet.payloadOffset();
        int type = bytes[at] & 0x1F;
        if (type != STAP_A) {
            return type == SPS;
        }
        int end = at + packet.payloadLength();
        for (at++; at + 2 < end; ) {
            if ((bytes[at + 2] & 0x1F) == SPS) {
                return true;
            }
            at += 2 + ((bytes[at] & 0xFF) << 8 | bytes[at + 1] & 0xFF);
        }
        return false;
    }

    @Override
    public Picture picture(List<RtpPacket> packets) {
        int expected = 0;
        for (RtpPacket packet : packets) {
            expected += packet.payloadLength() + 8;
        }
        AccessUnit unit = new AccessUnit(expected);
        for (RtpPacket packet : packets) {
            if (packet.payloadLength() > 0) {
                ByteReader in = new ByteReader(packet.bytes(), packet.payloadOffset(), packet.payloadLength());
                unit.add(packet.bytes(), in);
            }
        }
        return unit.finish();
    }

    /** The NAL units of one picture as they come together. */
    private final class AccessUnit {
        private final ByteWriter out;
        private boolean inFragments;
        private boolean hasIdr;
        private boolean hasSps;
        private boolean hasPps;

        AccessUnit(int expectedSize) {
            out = new ByteWriter(expectedSize);
        }

        void add(byte[] bytes, ByteReader in) {
            int header = in.peekU8();
            int type = header & 0x1F;
            if (type == FU_A) {
                fragment(bytes, in);
                return;
            }
            if (inFragments) {
                throw new MalformedPacket("H.264 fragments without an end");
            }
            if (type == STAP_A) {
                in.skip(1);
                while (in.remaining() > 0) {
                    whole(bytes, in.slice(in.u16()));
                }
            } else {
                whole(bytes, in);
            }
        }

        private void whole(byte[] bytes, ByteReader in) {
            int type = in.peekU8() & 0x1F;
            if (type < 1 || type > LAST_SINGLE) {
                throw new MalformedPacket("H.264 payload of type " + type);
            }
            seen(type);
            if (type == SPS || type == PPS) {
                remember(type, bytes, in);
            }
            out.u32(1).bytes(bytes, in.position(), in.remaining());
        }

        private void fragment(byte[] bytes, ByteReader in) {
            int indicator = in.u8();
            int header = in.u8();
            boolean start = (header & 0x80) != 0;
            if (start == inFragments) {
                throw new MalformedPacket("H.264 fragment out of place");
            }
            if (start) {
                int type = header & 0x1F;
                if (type < 1 || type > LAST_SINGLE) {
                    throw new MalformedPacket("H.264 fragment of type " + type);
                }
                seen(type);
                out.u32(1).u8(indicator & 0xE0 | type);
            }
            out.bytes(bytes, in.position(), in.remaining());
            inFragments = (header & 0x40) == 0;
        }

        private void seen(int type) {
            hasIdr |= type == IDR;
            hasSps |= type == SPS;
            hasPps |= type == PPS;
        }

        private void remember(int type, byte[] bytes, ByteReader in) {
            if (in.remaining() > MAX_PARAMETER_SET_BYTES) {
                throw new MalformedPacket("H.264 parameter set of " + in.remaining() + " bytes");
            }
            byte[] copy = new byte[in.remaining()];
            System.arraycopy(bytes, in.position(), copy, 0, copy.length);
            if (type == SPS) {
                sps = copy;
            } else {
                pps = copy;
            }
        }

        Picture finish() {
            if (inFragments || out.size() == 0) {
                throw new MalformedPacket("H.264 picture without its end");
            }
            if (!hasIdr || hasSps && hasPps) {
                return new Picture(out.toBytes(), hasIdr);
            }
            if (sps.length == 0 || pps.length == 0) {
                throw new MalformedPacket("H.264 key frame without parameter sets");
            }
            byte[] picture = out.toBytes();
            ByteWriter whole = new ByteWriter(picture.length + sps.length + pps.length + 8);
            whole.u32(1).bytes(sps).u32(1).bytes(pps).bytes(picture);
            return new Picture(whole.toBytes(), true);
        }
    }
}
