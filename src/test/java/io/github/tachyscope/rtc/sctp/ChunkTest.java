package io.github.tachyscope.rtc.sctp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tachyscope.wire.ByteReader;
import io.github.tachyscope.wire.MalformedPacket;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ChunkTest {
    @Test
    void everyTypeHasASample() {
        Set<Class<?>> sampled = new HashSet<>();
        ChunkSamples.BY_BYTES.values().forEach(chunk -> sampled.add(chunk.getClass()));
        assertEquals(Set.of(Chunk.class.getPermittedSubclasses()), sampled);
    }

    @Test
    void writesTheBytesOfTheSamples() {
        ChunkSamples.BY_BYTES.forEach((hex, chunk) -> assertArrayEquals(ChunkSamples.bytes(hex), chunk.encode(), hex));
    }

    @Test
    void readsTheSamplesBack() {
        ChunkSamples.BY_BYTES.forEach((hex, chunk) -> {
            ByteReader in = new ByteReader(ChunkSamples.bytes(hex));
            Chunk read = Chunk.read(in);
            assertEquals(chunk.getClass(), read.getClass(), hex);
            assertArrayEquals(chunk.encode(), read.encode(), hex);
            assertEquals(0, in.remaining(), hex);
        });
    }

    @Test
    void refusesEveryTruncation() {
        ChunkSamples.BY_BYTES.keySet().forEach(hex -> {
            byte[] whole = ChunkSamples.bytes(hex);
            int length = new ByteReader(whole).skip(2).u16();
            for (int cut = 0; cut < length; cut++) {
                byte[] part = Arrays.copyOf(whole, cut);
                assertThrows(
                        MalformedPacket.class, () -> Chunk.read(new ByteReader(part)), hex + " cut to " + part.length);
            }
        });
    }

    @Test
    void refusesFieldsThatCannotBe() {
        for (String hex : List.of(
                "00 03 00 10 00000007 0003 0004 00000033",
                "00 03 00 03",
                "01 00 00 14 00000000 00100000 ffff ffff 0a0b0c0d",
                "01 00 00 14 00000001 00100000 0000 ffff 0a0b0c0d",
                "03 00 00 10 00000009 00020000 ffff ffff",
                "82 00 00 04",
                "82 00 00 0c 00ff 0008 00000009",
                "0e 00 00 02")) {
            byte[] bytes = ChunkSamples.bytes(hex);
            assertThrows(MalformedPacket.class, () -> Chunk.read(new ByteReader(bytes)), hex);
        }
    }

    @Test
    void checksumIsCrc32cLittleEndian() {
        // CRC32c of "123456789" is e3069283; here over a header with one COOKIE-ACK, computed by bitwise division.
        byte[] packet = new SctpPacket(5000, 5000, 0x01020304, List.of(new CookieAckChunk())).encode();
        int crc = ~0;
        for (int i = 0; i < packet.length; i++) {
            crc ^= i >= 8 && i < 12 ? 0 : packet[i] & 0xFF;
            for (int bit = 0; bit < 8; bit++) {
                crc = (crc & 1) != 0 ? crc >>> 1 ^ 0x82F63B78 : crc >>> 1;
            }
        }
        crc = ~crc;
        for (int i = 0; i < 4; i++) {
            assertEquals((byte) (crc >>> 8 * i), packet[8 + i]);
        }
        assertTrue(SctpPacket.hasValidChecksum(packet));
        packet[13] ^= 1;
        assertFalse(SctpPacket.hasValidChecksum(packet));
        assertFalse(SctpPacket.hasValidChecksum(new byte[11]));
    }

    @Test
    void serialNumbersWrap() {
        assertEquals(0x1_0000_0001L, Serial.unwrap(1, 0xFFFF_FFF0L));
        assertEquals(0xFFFF_FFFFL, Serial.unwrap(-1, 0x1_0000_0005L));
        assertEquals(65_537, Serial.unwrap16(1, 65_530));
        assertEquals(65_535, Serial.unwrap16(65_535, 65_540));
    }
}
