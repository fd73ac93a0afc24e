package io.github.tachyscope.rtc.rtp;

import io.github.tachyscope.wire.ByteReader;
import io.github.tachyscope.wire.MalformedPacket;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * A view of a plain RTP packet (RFC 3550 section 5.1, RFC 8285); the bytes stay where they are.
 *
 * <pre>
 *   V=2 P X CC | M PT | sequence (16) | timestamp (32) | ssrc (32) | CC x csrc
 *   profile (16) words (16) elements     if X; profile 0xBEDE: id(4) length-1(4), 0x100n: id(8) length(8)
 *   payload | padding, the last byte is its length    if P
 * </pre>
 */
record RtpPacket(
        byte[] bytes,
        int payloadType,
        boolean marker,
        int sequence,
        long timestamp,
        long ssrc,
        int extensionProfile,
        int extensionOffset,
        int extensionEnd,
        int payloadOffset,
        int payloadLength) {
    static final int HEADER = 12;
    static final int ONE_BYTE_PROFILE = 0xBEDE;
    static final int TWO_BYTE_PROFILE = 0x1000;

    static RtpPacket parse(byte[] bytes, int length) {
        ByteReader in = new ByteReader(bytes, 0, length);
        int first = in.u8();
        if (first >>> 6 != 2) {
            throw new MalformedPacket("RTP version " + (first >>> 6));
        }
        int second = in.u8();
        int sequence = in.u16();
        long timestamp = in.u32();
        long ssrc = in.u32();
        in.skip(4 * (first & 0x0F));
        int profile = 0;
        int extension = 0;
        int extensionEnd = 0;
        if ((first & 0x10) != 0) {
            profile = in.u16();
            int extensionBytes = in.u16() * 4;
            extension = in.position();
            in.skip(extensionBytes);
            extensionEnd = in.position();
        }
        int payload = in.remaining();
        if ((first & 0x20) != 0) {
            int padding = payload == 0 ? 0 : bytes[length - 1] & 0xFF;
            if (padding < 1 || padding > payload) {
                throw new MalformedPacket("RTP padding of " + padding + " bytes in " + payload);
            }
            payload -= padding;
        }
        return new RtpPacket(
                bytes,
                second & 0x7F,
                second >>> 7 != 0,
                sequence,
                timestamp,
                ssrc,
                profile,
                extension,
                extensionEnd,
                in.position(),
                payload);
    }

    /** The packet that was retransmitted in this one (RFC 4588 section 4): two bytes of sequence, then its payload. */
    RtpPacket original(int originalPayloadType, long originalSsrc) {
        int originalSequence = new ByteReader(bytes, payloadOffset, payloadLength).u16();
        return new RtpPacket(
                bytes,
                originalPayloadType,
                marker,
                originalSequence,
                timestamp,
                originalSsrc,
                extensionProfile,
                extensionOffset,
                extensionEnd,
                payloadOffset + 2,
                payloadLength - 2);
    }

    /** The two-byte header extension {@code id}, or -1 without one. */
    int extensionU16(int id) {
        long found = find(id);
        int at = (int) found;
        return found >>> 32 == 2 ? (bytes[at] & 0xFF) << 8 | bytes[at + 1] & 0xFF : -1;
    }

    Optional<String> extensionText(int id) {
        long found = find(id);
        int length = (int) (found >>> 32);
        return length == 0
                ? Optional.empty()
                : Optional.of(new String(bytes, (int) found, length, StandardCharsets.UTF_8));
    }

    /** Length (upper half) and position (lower half) of an element, 0 without one: no allocation per packet. */
    private long find(int id) {
        boolean oneByte = extensionProfile == ONE_BYTE_PROFILE;
        if (!oneByte && extensionProfile >>> 4 != TWO_BYTE_PROFILE >>> 4) {
            return 0;
        }
        int at = extensionOffset;
        while (at < extensionEnd) {
            int element = bytes[at] & 0xFF;
            if (element == 0) {
                at++;
                continue;
            }
            int elementId = oneByte ? element >>> 4 : element;
            if (oneByte && elementId == 15 || !oneByte && at + 1 >= extensionEnd) {
                return 0;
            }
            int length = oneByte ? (element & 0x0F) + 1 : bytes[at + 1] & 0xFF;
            at += oneByte ? 1 : 2;
            if (at + length > extensionEnd) {
                return 0;
            }
            if (elementId == id) {
                return (long) length << 32 | at;
            }
            at += length;
        }
        return 0;
    }
}
