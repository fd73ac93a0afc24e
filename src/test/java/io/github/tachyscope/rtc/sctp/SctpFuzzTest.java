package io.github.tachyscope.rtc.sctp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tachyscope.rtc.sctp.DataChannelEvent.AssociationDown;
import io.github.tachyscope.rtc.sctp.DataChannelEvent.Opened;
import io.github.tachyscope.rtc.sctp.DataChannelEvent.Text;
import io.github.tachyscope.testkit.LinkProfile;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SctpFuzzTest {
    private static final int INPUTS = 20_000;
    private static final long SEED = 20_261;

    /** Mutations with a right checksum and tag reach every chunk handler of a live association. */
    @Test
    void survivesMutatedPackets() {
        Random random = new Random(SEED);
        DataChannels server = new DataChannels(SctpSettings.webRtc(false), 1);
        RawPeer peer = RawPeer.connect(server, 0);
        List<byte[]> corpus = corpus(peer);
        long now = 0;
        int restarts = 0;
        for (int i = 0; i < INPUTS; i++) {
            now += 1000;
            byte[] input = mutate(corpus.get(random.nextInt(corpus.size())), random);
            String hint = "seed " + SEED + ", input " + i;
            try {
                server.receive(input, now);
                server.tick(now);
                if (i % 50 == 0) {
                    server.open(ChannelOptions.reliable("own"), now);
                }
            } catch (SendRefused full) {
                // The table is full of channels that the other side never answers.
            } catch (RuntimeException escaped) {
                throw new AssertionError(hint, escaped);
            }
            server.drainPackets();
            assertTrue(server.stats().heldBytes() <= 2 << 20, hint);
            assertTrue(server.stats().openChannels() <= 256, hint);
            boolean down = server.drainEvents().stream().anyMatch(AssociationDown.class::isInstance);
            // A fresh association now and then, because data that was seen once is only a duplicate.
            if (down || i % 100 == 99) {
                server = new DataChannels(SctpSettings.webRtc(false), i);
                peer = RawPeer.connect(server, now);
                corpus = corpus(peer);
                restarts += down ? 1 : 0;
            }
        }
        assertTrue(restarts < INPUTS / 4, "most inputs must meet a live association; restarts " + restarts);
    }

    @Test
    void worksAfterGarbageFromOutside() {
        Random random = new Random(SEED);
        SctpPair pair = new SctpPair(LinkProfile.perfect().withDelayMillis(1), SEED).connected();
        int id = pair.opened(ChannelOptions.reliable("x"));
        for (int i = 0; i < INPUTS; i++) {
            byte[] noise = new byte[random.nextInt(200)];
            random.nextBytes(noise);
            if (i % 2 == 0 && noise.length >= SctpPacket.HEADER_BYTES) {
                SctpPacket.withChecksum(noise);
            }
            pair.server.receive(noise, pair.now());
        }
        pair.client.channels.sendText(id, "alive", pair.now());
        pair.require("echo", 5, () -> pair.client.texts().equals(List.of("alive")));
        assertEquals(
                INPUTS,
                pair.server.channels.stats().dropped().values().stream()
                        .mapToLong(n -> n)
                        .sum());
    }

    @Test
    void ignoresBadChecksumsAndWrongTags() {
        DataChannels server = new DataChannels(SctpSettings.webRtc(false), 1);
        RawPeer peer = RawPeer.connect(server, 0);
        server.drainEvents();
        byte[] bad = peer.packet(peer.open(0, ChannelOptions.reliable("x")));
        bad[bad.length - 1] ^= 1;
        server.receive(bad, 0);
        server.receive(peer.packetWithTag(peer.serverTag() + 1, new AbortChunk(false, List.of())), 0);
        server.receive(peer.packetWithTag(0, new AbortChunk(false, List.of())), 0);
        server.receive(peer.packetWithTag(peer.clientTag() + 1, new AbortChunk(true, List.of())), 0);
        assertEquals(List.of(), server.drainEvents());
        assertEquals(List.of(), server.drainPackets());
        assertEquals(1, server.stats().dropped(DropReason.BAD_CHECKSUM));
        assertEquals(3, server.stats().dropped(DropReason.WRONG_TAG));
        server.receive(peer.packetWithTag(peer.clientTag(), new AbortChunk(true, List.of())), 0);
        assertTrue(server.drainEvents().get(0) instanceof AssociationDown);
    }

    private static List<byte[]> corpus(RawPeer peer) {
        List<byte[]> packets = new ArrayList<>();
        ChunkSamples.BY_BYTES.values().stream()
                .filter(chunk -> !(chunk instanceof AbortChunk) && !(chunk instanceof ShutdownAckChunk))
                .forEach(chunk -> packets.add(peer.packet(chunk)));
        for (int i = 0; i < 12; i++) {
            packets.add(peer.packet(
                    peer.open(2 * i, ChannelOptions.unreliable("fuzz", 3)),
                    peer.data(2 * i, 1, 51, new byte[40]),
                    new ForwardTsnChunk(peer.nextTsn() + 3, List.of(new ForwardTsnChunk.Skip(2 * i, 4)))));
            packets.add(peer.packet(
                    new DataChunk(false, i % 2 == 0, true, false, peer.takeTsn(), 2 * i, i, 53, new byte[900])));
        }
        packets.add(peer.packet(new SackChunk(peer.serverTsn(), 1 << 20, List.of(new SackChunk.Gap(2, 9)), List.of())));
        packets.add(peer.packet(new ReconfigChunk(List.of(
                new ReconfigParameter.OutgoingReset(peer.takeRequest(), 0, peer.nextTsn() - 1, List.of(0, 2))))));
        return packets;
    }

    private static byte[] mutate(byte[] original, Random random) {
        byte[] bytes = original.clone();
        int changes = random.nextInt(4);
        for (int i = 0; i < changes; i++) {
            // Bytes 0 to 7 are ports and tag, 8 to 11 the checksum: a change there is dropped at the door.
            int at = SctpPacket.HEADER_BYTES + random.nextInt(bytes.length - SctpPacket.HEADER_BYTES);
            bytes[at] = (byte) (random.nextBoolean() ? random.nextInt() : bytes[at] ^ 1 << random.nextInt(8));
        }
        if (random.nextInt(8) == 0) {
            bytes = Arrays.copyOf(bytes, SctpPacket.HEADER_BYTES + random.nextInt(bytes.length));
        }
        return SctpPacket.withChecksum(bytes);
    }

    @Test
    void theUnmutatedCorpusOpensChannels() {
        DataChannels server = new DataChannels(SctpSettings.webRtc(false), 1);
        RawPeer peer = RawPeer.connect(server, 0);
        server.receive(
                peer.packet(peer.open(4, ChannelOptions.reliable("x")), peer.data(4, 1, 51, new byte[] {'y'})), 0);
        List<DataChannelEvent> events = server.drainEvents();
        assertTrue(events.contains(new Opened(4, ChannelOptions.reliable("x"))));
        assertTrue(events.contains(new Text(4, "y")));
    }
}
