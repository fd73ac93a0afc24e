package io.github.tachyscope.rtc.rtp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tachyscope.frame.VideoCodec;
import io.github.tachyscope.wire.MalformedPacket;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** VP8 and H.264 payloads against bytes written down from RFC 7741 and RFC 6184. */
class PayloadFormatTest {
    static final String VP8_KEY = "90808123 10000 0 9d012a 0002 0002 aabb";
    static final String VP8_ALL_FIELDS = "90f0 8123 05 61 10000 0 9d012a 0002 0002 aabb";
    static final String STAP_A = "78 0004 6742c01f 0002 68ce 0003 65b800";
    static final String FU_FIRST = "7c85 b8aa";
    static final String FU_LAST = "7c45 bb";

    static RtpPacket packet(String hex, boolean marker) {
        return packet(RtpPacketTest.hex(hex.replace(" ", "")), marker);
    }

    static RtpPacket packet(byte[] payload, boolean marker) {
        byte[] bytes = new byte[12 + payload.length];
        bytes[0] = (byte) 0x80;
        bytes[1] = (byte) (marker ? 0xE0 : 0x60);
        System.arraycopy(payload, 0, bytes, 12, payload.length);
        return RtpPacket.parse(bytes, bytes.length);
    }

    @Test
    void readsAVp8KeyFrameWithAnyDescriptor() {
        byte[] frame = RtpPacketTest.hex("1000009d012a00020002aabb");
        for (String hex : List.of(VP8_KEY, VP8_ALL_FIELDS)) {
            Vp8Depacketizer vp8 = new Vp8Depacketizer();
            assertTrue(vp8.startsKeyFrame(packet(hex, true)));
            Depacketizer.Picture picture = vp8.picture(List.of(packet(hex, true)));
            assertTrue(picture.keyFrame());
            assertArrayEquals(frame, picture.data());
        }
    }

    @Test
    void refusesTruncatedVp8() {
        byte[] whole = RtpPacketTest.hex(VP8_ALL_FIELDS.replace(" ", ""));
        for (int length = 0; length < 16; length++) {
            RtpPacket cut = packet(Arrays.copyOf(whole, length), true);
            assertThrows(MalformedPacket.class, () -> new Vp8Depacketizer().picture(List.of(cut)), "cut at " + length);
        }
        assertThrows(MalformedPacket.class, () -> new Vp8Depacketizer().picture(List.of(packet("8080812311", true))));
    }

    @Test
    void readsAggregatesAndFragments() {
        H264Depacketizer h264 = new H264Depacketizer();
        assertTrue(h264.startsKeyFrame(packet(STAP_A, true)));
        assertArrayEquals(
                RtpPacketTest.hex("00000001 6742c01f 00000001 68ce 00000001 65b800".replace(" ", "")),
                h264.picture(List.of(packet(STAP_A, true))).data());
        Depacketizer.Picture later = h264.picture(List.of(packet(FU_FIRST, false), packet(FU_LAST, true)));
        assertTrue(later.keyFrame());
        assertArrayEquals(
                RtpPacketTest.hex("00000001 6742c01f 00000001 68ce 00000001 65b8aabb".replace(" ", "")), later.data());
        assertFalse(h264.picture(List.of(packet("41 9a00", true))).keyFrame());
    }

    @Test
    void refusesBrokenH264() {
        List<List<RtpPacket>> broken = List.of(
                List.of(packet(FU_FIRST, true)),
                List.of(packet(FU_LAST, true)),
                List.of(packet(FU_FIRST, false), packet(FU_FIRST, true)),
                List.of(packet(FU_FIRST, false), packet("419a", true)),
                List.of(packet("65b800", true)),
                List.of(packet("78 0005 6742c01f", true)),
                List.of(packet("78 0000", true)),
                List.of(packet("7c", true)),
                List.of(packet("79 0001", true)));
        for (int i = 0; i < broken.size(); i++) {
            List<RtpPacket> packets = broken.get(i);
            assertThrows(MalformedPacket.class, () -> new H264Depacketizer().picture(packets), "case " + i);
        }
    }

    @Test
    void writesTheVp8DescriptorWithFifteenBitsOfPictureId() {
        Vp8Packetizer vp8 = new Vp8Packetizer(0x7FFF);
        assertArrayEquals(
                RtpPacketTest.hex("9080ffff"), vp8.payloads(new byte[10]).get(0).header());
        assertArrayEquals(
                RtpPacketTest.hex("90808000"), vp8.payloads(new byte[10]).get(0).header());
    }

    @ParameterizedTest
    @EnumSource(VideoCodec.class)
    void bringsBackPicturesOfEverySize(VideoCodec codec) {
        SyntheticVideo video = new SyntheticVideo(codec, 3);
        Packetizer packetizer = Packetizer.of(codec, 5);
        Depacketizer depacketizer = Depacketizer.of(codec);
        for (int size = 40; size < 5_000; size += 1) {
            byte[] frame = video.next(size % 2 == 0, size, 0).data();
            List<RtpPacket> packets = new ArrayList<>();
            for (Packetizer.Payload payload : packetizer.payloads(frame)) {
                byte[] bytes = new byte[payload.length()];
                payload.copyTo(bytes, 0);
                assertTrue(bytes.length <= Packetizer.MAX_PAYLOAD, bytes.length + " bytes");
                packets.add(packet(bytes, false));
            }
            Depacketizer.Picture picture = depacketizer.picture(packets);
            assertArrayEquals(frame, picture.data(), codec + " of " + size + " bytes");
            assertEquals(size % 2 == 0, picture.keyFrame());
        }
    }
}
