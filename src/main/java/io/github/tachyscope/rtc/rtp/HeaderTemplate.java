package io.github.tachyscope.rtc.rtp;

import io.github.tachyscope.wire.ByteWriter;
import java.nio.charset.StandardCharsets;
import java.util.OptionalInt;

/**
 * The RTP header of all packets of a line with its extensions (RFC 8285); only sequence, timestamp, marker and the two
 * stamps of sending differ. Playout delay is always zero: frames are to be shown as they come.
 */
final class HeaderTemplate {
    private static final int MAX_ONE_BYTE_ID = 14;
    private static final int MAX_ONE_BYTE_LENGTH = 16;

    private final byte[] header;
    private final boolean oneByte;
    private int transportCcAt = -1;
    private int absSendTimeAt = -1;

    HeaderTemplate(VideoLineConfig line) {
        byte[] mid = line.midId().isPresent() ? line.mid().getBytes(StandardCharsets.UTF_8) : new byte[0];
        oneByte = fits(line.transportCcId())
                && fits(line.playoutDelayId())
                && fits(line.absSendTimeId())
                && fits(line.midId())
                && mid.length <= MAX_ONE_BYTE_LENGTH;
        ByteWriter out = new ByteWriter(48);
        out.u8(0x90).u8(line.payloadType()).u16(0).u32(0).u32(line.localSsrc());
        out.u16(oneByte ? RtpPacket.ONE_BYTE_PROFILE : RtpPacket.TWO_BYTE_PROFILE)
                .u16(0);
        int start = out.size();
        if (line.transportCcId().isPresent()) {
            element(out, line.transportCcId().getAsInt(), 2);
            transportCcAt = out.size();
            out.u16(0);
        }
        if (line.absSendTimeId().isPresent()) {
            element(out, line.absSendTimeId().getAsInt(), 3);
            absSendTimeAt = out.size();
            out.u24(0);
        }
        if (line.playoutDelayId().isPresent()) {
            element(out, line.playoutDelayId().getAsInt(), 3);
            out.u24(0);
        }
        if (mid.length > 0) {
            element(out, line.midId().getAsInt(), mid.length);
            out.bytes(mid);
        }
        out.padTo(4);
        out.setU16(start - 2, (out.size() - start) / 4);
        header = out.toBytes();
        if (out.size() == start) {
            header[0] = (byte) 0x80;
        }
    }

    int length() {
        return header[0] == (byte) 0x80 ? RtpPacket.HEADER : header.length;
    }

    void write(byte[] packet, boolean marker, int sequence, long timestamp) {
        System.arraycopy(header, 0, packet, 0, length());
        if (marker) {
            packet[1] |= (byte) 0x80;
        }
        packet[2] = (byte) (sequence >>> 8);
        packet[3] = (byte) sequence;
        for (int i = 0; i < 4; i++) {
            packet[4 + i] = (byte) (timestamp >>> 24 - 8 * i);
        }
    }

    /** Puts the stamps of the moment of sending into a plain packet. */
    void stamp(byte[] packet, SentLog log, long nowMicros) {
        if (transportCcAt >= 0) {
            int sequence = log.stamp(nowMicros);
            packet[transportCcAt] = (byte) (sequence >>> 8);
            packet[transportCcAt + 1] = (byte) sequence;
        }
        if (absSendTimeAt >= 0) {
            // Seconds in fixed point, 6 bits before and 18 behind the point.
            long time = (nowMicros << 18) / 1_000_000;
            packet[absSendTimeAt] = (byte) (time >>> 16);
            packet[absSendTimeAt + 1] = (byte) (time >>> 8);
            packet[absSendTimeAt + 2] = (byte) time;
        }
    }

    private void element(ByteWriter out, int id, int length) {
        if (oneByte) {
            out.u8(id << 4 | length - 1);
        } else {
            out.u8(id).u8(length);
        }
    }

    private static boolean fits(OptionalInt id) {
        return id.isEmpty() || id.getAsInt() <= MAX_ONE_BYTE_ID;
    }
}
