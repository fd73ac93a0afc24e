package io.github.tachyscope.rtc.sctp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tachyscope.rtc.sctp.DataChannelEvent.AssociationDown;
import io.github.tachyscope.rtc.sctp.DataChannelEvent.AssociationUp;
import io.github.tachyscope.rtc.sctp.DataChannelEvent.Opened;
import io.github.tachyscope.testkit.LinkProfile;
import java.util.List;
import org.junit.jupiter.api.Test;

class HandshakeTest {
    private static final LinkProfile LAN = LinkProfile.perfect().withDelayMillis(5);

    @Test
    void comesUpInTwoRoundTrips() {
        SctpPair pair = new SctpPair(LAN, 1);
        long start = pair.now();
        pair.connected();
        assertEquals(20_000, pair.now() - start);
    }

    @Test
    void opensAChannelWithinThreeRoundTripsOnceAsked() {
        SctpPair pair = new SctpPair(LAN, 2);
        long start = pair.now();
        int id = pair.client.channels.open(ChannelOptions.reliable("chat"), pair.now());
        pair.connected();
        pair.require("open", 1, () -> pair.client.has(Opened.class));
        assertTrue(pair.now() - start <= 30_000);
        assertEquals(0, id);
        Opened opened = pair.server.all(Opened.class).get(0);
        assertEquals(id, opened.id());
        assertEquals("chat", opened.label());
    }

    @Test
    void serverChannelsHaveOddNumbers() {
        SctpPair pair = new SctpPair(LAN, 3).connected();
        assertEquals(1, pair.server.channels.open(ChannelOptions.reliable("a"), pair.now()));
        assertEquals(3, pair.server.channels.open(ChannelOptions.unreliable("b", 0), pair.now()));
        pair.require("both open", 1, () -> pair.client.all(Opened.class).size() == 2);
        assertEquals(
                ChannelOptions.unreliable("b", 0),
                pair.client.all(Opened.class).get(1).options());
    }

    @Test
    void survivesCollidingInits() {
        for (long seed = 10; seed < 40; seed++) {
            SctpPair pair = new SctpPair(LAN.withReorderMillis(20).withLoss(0.2), seed);
            pair.server.channels.start(pair.now());
            pair.connected();
            int id = pair.opened(ChannelOptions.reliable("x"));
            pair.client.channels.sendText(id, "hello", pair.now());
            pair.require("echo", 60, () -> pair.client.texts().equals(List.of("hello")));
            assertEquals(1, pair.client.all(AssociationUp.class).size(), "seed " + seed);
        }
    }

    @Test
    void repeatsInitAndCookieUntilTheyGetThrough() {
        for (long seed = 100; seed < 130; seed++) {
            new SctpPair(LAN.withLoss(0.5), seed).connected();
        }
    }

    @Test
    void keepsTryingThroughALongOutage() {
        SctpPair pair = new SctpPair(LAN.withLoss(1), 4);
        pair.client.channels.start(pair.now());
        pair.run(60_000);
        long sent = pair.net.leftToRight().sent();
        assertTrue(sent >= 20 && sent <= 30, "INITs sent: " + sent);
        pair.net.become(LAN);
        pair.require("handshake", 4, () -> pair.client.has(AssociationUp.class));
    }

    @Test
    void refusesAForgedCookie() {
        SctpPair pair = new SctpPair(LAN, 5);
        pair.client.channels.start(pair.now());
        pair.server.receive(pair.client.drain().get(0), pair.now());
        byte[] initAck = pair.server.drain().get(0);
        pair.client.receive(initAck, pair.now());
        byte[] echo = pair.client.drain().get(0);
        echo[echo.length - 1] ^= 1;
        pair.server.receive(SctpPacket.withChecksum(echo), pair.now());
        assertFalse(pair.server.has(AssociationUp.class));
        assertEquals(1, pair.server.channels.stats().dropped(DropReason.BAD_COOKIE));
    }

    @Test
    void refusesAStaleCookieAndTheClientStartsAgain() {
        SctpPair pair = new SctpPair(LAN, 6);
        pair.client.channels.start(pair.now());
        pair.server.receive(pair.client.drain().get(0), pair.now());
        pair.client.receive(pair.server.drain().get(0), pair.now());
        byte[] echo = pair.client.drain().get(0);
        pair.net.clock().advance(61 * SctpPair.SECOND);
        pair.server.receive(echo, pair.now());
        assertEquals(1, pair.server.channels.stats().dropped(DropReason.STALE_COOKIE));
        assertFalse(pair.server.has(AssociationUp.class));
        pair.require("second try", 5, () -> pair.client.has(AssociationUp.class));
    }

    @Test
    void anInitCostsNoMemoryAndAnswersWithItsExtensions() {
        DataChannels server = new DataChannels(SctpSettings.webRtc(false), 7);
        DataChannels client = new DataChannels(SctpSettings.webRtc(true), 8);
        client.start(0);
        byte[] init = client.drainPackets().get(0);
        server.receive(init, 0);
        SctpPacket answer = SctpPacket.read(server.drainPackets().get(0));
        InitAckChunk initAck = (InitAckChunk) answer.chunks().get(0);
        PeerInit peer = PeerInit.of(initAck.fields(), initAck.parameters());
        assertTrue(peer.forwardTsn() && peer.reconfig());
        assertEquals(65_535, peer.inboundStreams());
        assertTrue(server.nextDeadlineMicros().isEmpty());
    }

    @Test
    void takesDataThatRidesWithTheCookieAndAnswersInOnePacket() {
        DataChannels server = new DataChannels(SctpSettings.webRtc(false), 7);
        RawPeer.connect(server, 0, true);
        assertEquals(
                List.of(new AssociationUp(), new Opened(0, ChannelOptions.reliable("early"))), server.drainEvents());
        List<byte[]> packets = server.drainPackets();
        assertEquals(1, packets.size());
        assertEquals(
                List.of(CookieAckChunk.class, SackChunk.class, DataChunk.class),
                SctpPacket.read(packets.get(0)).chunks().stream()
                        .map(Object::getClass)
                        .toList());
    }

    @Test
    void anAbortEndsBothSides() {
        SctpPair pair = new SctpPair(LAN, 9).connected();
        pair.client.channels.shutdown(pair.now());
        pair.client.react(pair.now());
        pair.require("down", 1, () -> pair.server.has(AssociationDown.class));
        assertTrue(pair.client.has(AssociationDown.class));
        assertTrue(pair.server.nextDeadlineMicros().isEmpty());
    }

    @Test
    void agreesToAnOrderlyShutdown() {
        SctpPair pair = new SctpPair(LAN, 10).connected();
        RawPeer raw = RawPeer.takingOver(pair);
        pair.server.receive(raw.packet(new ShutdownChunk(raw.serverTsn() - 1)), pair.now());
        assertEquals(
                List.of(new ShutdownAckChunk()),
                SctpPacket.read(pair.server.drain().get(0)).chunks());
        pair.server.receive(raw.packet(new ShutdownCompleteChunk(false)), pair.now());
        assertTrue(pair.server.has(AssociationDown.class));
    }
}
