package io.github.tachyscope.rtc.sctp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tachyscope.rtc.sctp.DataChannelEvent.AssociationDown;
import io.github.tachyscope.rtc.sctp.DataChannelEvent.Binary;
import io.github.tachyscope.rtc.sctp.DataChannelEvent.ChannelClosed;
import io.github.tachyscope.rtc.sctp.DataChannelEvent.Opened;
import io.github.tachyscope.rtc.sctp.SendRefused.Reason;
import io.github.tachyscope.testkit.LinkProfile;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class DataChannelsTest {
    private static final LinkProfile LAN = LinkProfile.perfect().withDelayMillis(5);
    private static final ChannelOptions CHAT = ChannelOptions.reliable("chat");

    @Test
    void echoesAThousandMessagesInOrder() {
        SctpPair pair = new SctpPair(LAN, 1).connected();
        int id = pair.opened(CHAT);
        List<String> sent =
                IntStream.range(0, 1000).mapToObj(i -> "message " + i).toList();
        sent.forEach(text -> pair.client.channels.sendText(id, text, pair.now()));
        pair.require("echoes", 5, () -> pair.client.texts().size() == 1000);
        assertEquals(sent, pair.client.texts());
    }

    @Test
    void carriesLargeMessages() {
        SctpPair pair = new SctpPair(LAN, 2).connected();
        int id = pair.opened(CHAT);
        for (int size : new int[] {60_000, 200_000, 262_144, 1151, 1152, 1153, 1}) {
            byte[] sent = new byte[size];
            new Random(size).nextBytes(sent);
            int before = pair.client.all(Binary.class).size();
            pair.client.channels.sendBinary(id, sent, pair.now());
            pair.require(
                    size + " bytes", 10, () -> pair.client.all(Binary.class).size() > before);
            assertArrayEquals(sent, pair.client.all(Binary.class).get(before).bytes());
        }
        assertEquals(0, pair.server.channels.stats().heldBytes());
        assertEquals(0, pair.client.channels.stats().retransmissions());
    }

    @Test
    void carriesEmptyMessages() {
        SctpPair pair = new SctpPair(LAN, 3).connected();
        int id = pair.opened(CHAT);
        pair.client.channels.sendText(id, "", pair.now());
        pair.client.channels.sendBinary(id, new byte[0], pair.now());
        pair.require("echo", 1, () -> pair.client.has(Binary.class));
        assertEquals(List.of(""), pair.client.texts());
        assertEquals(0, pair.client.all(Binary.class).get(0).bytes().length);
    }

    @Test
    void carriesTextBeyondAscii() {
        SctpPair pair = new SctpPair(LAN, 4).connected();
        int id = pair.opened(ChannelOptions.reliable("kanał ☃"));
        pair.client.channels.sendText(id, "żółw 🐢", pair.now());
        pair.require("echo", 1, () -> pair.client.texts().equals(List.of("żółw 🐢")));
        assertEquals("kanał ☃", pair.server.all(Opened.class).get(0).label());
    }

    @Test
    void closesAndReopens() {
        for (long seed = 50; seed < 60; seed++) {
            SctpPair pair = new SctpPair(LAN.withLoss(0.15).withReorderMillis(5), seed).connected();
            for (int round = 0; round < 10; round++) {
                int id = pair.opened(CHAT);
                String text = "round " + round;
                pair.client.channels.sendText(id, text, pair.now());
                pair.require("echo", 60, () -> pair.client.texts().contains(text));
                int closed = round + 1;
                if (round % 2 == 0) {
                    pair.client.channels.close(id, pair.now());
                } else {
                    pair.server.channels.close(id, pair.now());
                }
                pair.require(
                        "close",
                        60,
                        () -> pair.client.all(ChannelClosed.class).size() == closed
                                && pair.server.all(ChannelClosed.class).size() == closed);
            }
            pair.require(
                    "empty tables",
                    60,
                    () -> pair.client.channels.stats().openChannels() == 0
                            && pair.server.channels.stats().openChannels() == 0);
        }
    }

    @Test
    void deliversWhatWasSentBeforeTheClose() {
        SctpPair pair = new SctpPair(LAN, 5).connected();
        int id = pair.opened(CHAT);
        pair.client.channels.sendBinary(id, new byte[200_000], pair.now());
        pair.client.channels.close(id, pair.now());
        assertRefused(Reason.CLOSED, () -> pair.client.channels.sendText(id, "late", pair.now()));
        pair.require("close", 10, () -> pair.client.has(ChannelClosed.class));
        assertEquals(200_000, pair.server.all(Binary.class).get(0).bytes().length);
    }

    @Test
    void takesAStreamThatThePeerReusesBeforeItsAnswerArrived() {
        DataChannels server = new DataChannels(SctpSettings.webRtc(false), 6);
        RawPeer peer = RawPeer.connect(server, 0);
        server.receive(peer.packet(peer.open(0, CHAT)), 0);
        server.receive(
                peer.packet(new ReconfigChunk(List.of(
                        new ReconfigParameter.OutgoingReset(peer.takeRequest(), 0, peer.nextTsn() - 1, List.of(0))))),
                0);
        // Our own reset request is out; its answer is lost, the new channel arrives.
        server.drainEvents();
        server.drainPackets();
        server.receive(peer.packet(peer.open(0, ChannelOptions.reliable("again"))), 0);
        assertEquals(List.of(new Opened(0, ChannelOptions.reliable("again"))), server.drainEvents());
        DataChunk ack = chunks(server.drainPackets(), DataChunk.class).get(0);
        assertEquals(0, ack.ssn());
        assertEquals(1, server.stats().openChannels());
    }

    @Test
    void refusesAMessageThatThePeerDoesNotTake() {
        SctpPair pair = new SctpPair(LAN, 7).connected();
        int id = pair.opened(CHAT);
        assertRefused(Reason.TOO_LARGE, () -> pair.client.channels.sendBinary(id, new byte[262_145], pair.now()));
        assertRefused(Reason.UNKNOWN_CHANNEL, () -> pair.client.channels.sendText(99, "x", pair.now()));
        pair.client.channels.sendText(id, "still fine", pair.now());
        pair.require("echo", 1, () -> pair.client.texts().equals(List.of("still fine")));
    }

    @Test
    void closesTheChannelOfAnOversizeMessageAndLives() {
        SctpSettings liar = SctpSettings.webRtc(true).withPeer(5000, 0);
        SctpPair pair = new SctpPair(
                        new ChannelEndpoint(liar, 1), ChannelEndpoint.echo(SctpSettings.webRtc(false), 2), LAN, 8)
                .connected();
        int bad = pair.opened(CHAT);
        int good = pair.opened(CHAT);
        pair.client.channels.sendBinary(bad, new byte[3_000_000], pair.now());
        pair.require("close", 30, () -> pair.client.has(ChannelClosed.class));
        assertEquals(bad, pair.client.all(ChannelClosed.class).get(0).id());
        assertEquals(1, pair.server.channels.stats().dropped(DropReason.MESSAGE_TOO_LARGE));
        assertFalse(pair.server.has(Binary.class));
        assertFalse(pair.server.has(AssociationDown.class));
        pair.client.channels.sendText(good, "alive", pair.now());
        pair.require("echo", 5, () -> pair.client.texts().equals(List.of("alive")));
        assertEquals(0, pair.server.channels.stats().heldBytes());
    }

    @Test
    void refusesMoreThanTheSendBufferHolds() {
        SctpPair pair = new SctpPair(LAN, 9).connected();
        int id = pair.opened(CHAT);
        assertRefused(Reason.BUFFER_FULL, () -> {
            for (int i = 0; i < 1000; i++) {
                pair.client.channels.sendBinary(id, new byte[100_000], pair.now());
            }
        });
        assertTrue(pair.client.channels.stats().bufferedBytes() <= 4 << 20);
        assertRefused(Reason.BUFFER_FULL, () -> {
            for (int i = 0; i < 1_000_000; i++) {
                pair.client.channels.sendText(id, "", pair.now());
            }
        });
        pair.require("drain", 60, () -> pair.client.channels.stats().bufferedBytes() == 0);
    }

    @Test
    void refusesOneChannelTooMany() {
        SctpPair pair = new SctpPair(LAN, 10).connected();
        for (int i = 0; i < 256; i++) {
            pair.client.channels.open(CHAT, pair.now());
        }
        assertRefused(Reason.TOO_MANY_CHANNELS, () -> pair.client.channels.open(CHAT, pair.now()));
        pair.require("all open", 5, () -> pair.client.all(Opened.class).size() == 256);
    }

    @Test
    void refusesToSendOnADeadAssociation() {
        SctpPair pair = new SctpPair(LAN, 11).connected();
        int id = pair.opened(CHAT);
        pair.client.channels.shutdown(pair.now());
        assertRefused(Reason.UNKNOWN_CHANNEL, () -> pair.client.channels.sendText(id, "x", pair.now()));
        assertRefused(Reason.CLOSED, () -> pair.client.channels.open(CHAT, pair.now()));
    }

    @Test
    void smallMessagesAreNotStuckBehindALargeOneOfAnotherChannel() {
        SctpPair pair = new SctpPair(LAN.withRate(2_000_000, 60_000), 12).connected();
        int bulk = pair.opened(CHAT);
        int chat = pair.opened(CHAT);
        for (int i = 0; i < 10; i++) {
            pair.client.channels.sendBinary(bulk, new byte[100_000], pair.now());
        }
        pair.client.channels.sendText(chat, "quick", pair.now());
        pair.require("text", 2, () -> pair.server.texts().contains("quick"));
        assertTrue(pair.server.all(Binary.class).size() <= 2);
    }

    static <C extends Chunk> List<C> chunks(List<byte[]> packets, Class<C> type) {
        List<C> found = new ArrayList<>();
        for (byte[] packet : packets) {
            assertTrue(SctpPacket.hasValidChecksum(packet));
            SctpPacket.read(packet).chunks().stream()
                    .filter(type::isInstance)
                    .map(type::cast)
                    .forEach(found::add);
        }
        return found;
    }

    private static void assertRefused(Reason reason, Runnable action) {
        assertEquals(reason, assertThrows(SendRefused.class, action::run).reason());
    }
}
