package io.github.tachyscope.rtc.rtp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tachyscope.wire.MalformedPacket;
import java.util.HexFormat;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RtpPacketTest {
    /** Marker, type 96, one contributing source, extensions 3 (two bytes), padding, 4 ("ab"), padding of 2. */
    static final byte[] ONE_BYTE =
            hex("b1e0 1234 00015f90 deadbeef 00000001 bede0002 31abcd00 41616200 0102030002".replace(" ", ""));

    static final byte[] TWO_BYTE = hex("9060ffff 00000000 00000001 10000003 0302abcd 10026162 00000000 55");

    static byte[] hex(String text) {
        return HexFormat.of().parseHex(text.replace(" ", ""));
    }

    @Test
    void readsOneByteExtensionsAndPadding() {
        RtpPacket packet = RtpPacket.parse(ONE_BYTE, ONE_BYTE.length);
        assertTrue(packet.marker());
        assertEquals(96, packet.payloadType());
        assertEquals(0x1234, packet.sequence());
        assertEquals(90_000, packet.timestamp());
        assertEquals(0xDEADBEEFL, packet.ssrc());
        assertEquals(0xABCD, packet.extensionU16(3));
        assertEquals(Optional.of("ab"), packet.extensionText(4));
        assertEquals(-1, packet.extensionU16(9));
        assertEquals(3, packet.payloadLength());
        assertEquals(1, ONE_BYTE[packet.payloadOffset()]);
    }

    @Test
    void readsTwoByteExtensions() {
        RtpPacket packet = RtpPacket.parse(TWO_BYTE, TWO_BYTE.length);
        assertEquals(0xABCD, packet.extensionU16(3));
        assertEquals(Optional.of("ab"), packet.extensionText(16));
        assertEquals(1, packet.payloadLength());
    }

    @Test
    void refusesTruncatedHeaders() {
        for (int length = 0; length < 28; length++) {
            int cut = length;
            assertThrows(MalformedPacket.class, () -> RtpPacket.parse(ONE_BYTE, cut), "cut at " + cut);
        }
    }

    @Test
    void refusesPaddingLargerThanThePacket() {
        byte[] packet = hex("a060 0001 00000000 00000001 0003");
        assertThrows(MalformedPacket.class, () -> RtpPacket.parse(packet, packet.length));
    }

    @Test
    void unwrapsARetransmission() {
        byte[] bytes = hex("80e1 0009 00000064 00000002 beef 5566");
        RtpPacket original = RtpPacket.parse(bytes, bytes.length).original(96, 1);
        assertEquals(0xBEEF, original.sequence());
        assertEquals(2, original.payloadLength());
        byte[] empty = hex("8061 0009 00000064 00000002 be");
        assertThrows(
                MalformedPacket.class,
                () -> RtpPacket.parse(empty, empty.length).original(96, 1));
    }
}
