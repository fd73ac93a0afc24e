package io.github.tachyscope.rtc.sctp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tachyscope.wire.MalformedPacket;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DcepFuzzTest {
    private static final long SEED = 8832;
    private static final ChannelOptions SAMPLE =
            new ChannelOptions("ab", "c", false, OptionalInt.of(5), OptionalInt.empty());
    private static final byte[] SAMPLE_BYTES = ChunkSamples.bytes("03 81 0100 00000005 0002 0001 61 62 63");

    @Test
    void opensHaveTheBytesOfTheRfc() {
        assertArrayEquals(SAMPLE_BYTES, new DcepMessage.Open(SAMPLE).encode());
        assertEquals(new DcepMessage.Open(SAMPLE), DcepMessage.read(SAMPLE_BYTES));
        assertArrayEquals(new byte[] {2}, new DcepMessage.Ack().encode());
        for (int cut = 0; cut < SAMPLE_BYTES.length; cut++) {
            byte[] part = Arrays.copyOf(SAMPLE_BYTES, cut);
            assertThrows(MalformedPacket.class, () -> DcepMessage.read(part));
        }
    }

    @Test
    void everyKindOfChannelSurvivesTheWire() {
        for (boolean ordered : new boolean[] {true, false}) {
            for (ChannelOptions options : List.of(
                    new ChannelOptions("l", "p", ordered, OptionalInt.empty(), OptionalInt.empty()),
                    new ChannelOptions("", "", ordered, OptionalInt.of(0), OptionalInt.empty()),
                    new ChannelOptions("ł", "", ordered, OptionalInt.empty(), OptionalInt.of(1500)))) {
                assertEquals(new DcepMessage.Open(options), DcepMessage.read(new DcepMessage.Open(options).encode()));
            }
        }
    }

    @Test
    void survivesMutatedMessages() {
        Random random = new Random(SEED);
        DataChannels server = new DataChannels(SctpSettings.webRtc(false), 1);
        RawPeer peer = RawPeer.connect(server, 0);
        for (int i = 0; i < 20_000; i++) {
            byte[] message = Arrays.copyOf(SAMPLE_BYTES, 1 + random.nextInt(SAMPLE_BYTES.length + 4));
            for (int change = random.nextInt(4); change > 0; change--) {
                message[random.nextInt(message.length)] = (byte) random.nextInt();
            }
            DataChunk data =
                    new DataChunk(false, true, true, true, peer.takeTsn(), random.nextInt(65_536), 0, 50, message);
            String hint = "seed " + SEED + ", input " + i;
            try {
                server.receive(peer.packet(data), i);
            } catch (RuntimeException escaped) {
                throw new AssertionError(hint, escaped);
            }
            server.drainPackets();
            server.drainEvents();
            assertTrue(server.stats().openChannels() <= 256, hint);
            assertTrue(server.stats().bufferedBytes() < 1 << 20, hint);
        }
        assertEquals(256, server.stats().openChannels());
    }
}
