package io.github.tachyscope.rtc.sctp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tachyscope.rtc.sctp.DataChannelEvent.Opened;
import io.github.tachyscope.rtc.sctp.DataChannelEvent.Text;
import io.github.tachyscope.rtc.sctp.ReconfigParameter.OtherRequest;
import io.github.tachyscope.rtc.sctp.ReconfigParameter.OutgoingReset;
import io.github.tachyscope.rtc.sctp.ReconfigParameter.Response;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Whatever an authenticated but hostile peer does, memory stays bounded and the association goes on. */
class HostilePeerTest {
    private static final int WINDOW = 1 << 20;
    private static final ChannelOptions CHAT = ChannelOptions.reliable("chat");

    private DataChannels server;
    private RawPeer peer;

    @BeforeEach
    void connect() {
        server = new DataChannels(SctpSettings.webRtc(false), 1);
        peer = RawPeer.connect(server, 0);
        server.drainEvents();
    }

    @Test
    void holesInTheNumbersAreCapped() {
        int first = peer.nextTsn();
        for (int i = 1; i < 20_000; i++) {
            give(new DataChunk(false, true, true, false, first + 2 * i, 0, 0, 51, new byte[1]));
        }
        assertTrue(server.stats().dropped(DropReason.TOO_FAR_AHEAD) >= 19_000);
        assertTrue(server.stats().heldBytes() <= ReceivedTsns.MAX_RANGES * 65);
        give(new ForwardTsnChunk(first + 60_000, List.of()));
        assertEquals(0, server.stats().heldBytes());
    }

    @Test
    void unfinishedMessagesAreCappedByTheWindow() {
        for (int i = 0; i < 20_000; i++) {
            give(new DataChunk(false, true, true, false, peer.takeTsn(), i % 100, 0, 51, new byte[1000]));
        }
        assertTrue(server.stats().heldBytes() <= 2 * WINDOW);
        assertTrue(server.stats().dropped(DropReason.WINDOW_FULL) > 0);
    }

    @Test
    void oneByteFragmentsCostTheirOverhead() {
        give(new DataChunk(false, true, true, false, peer.takeTsn(), 0, 0, 51, new byte[1]));
        for (int i = 0; i < 100_000; i++) {
            give(new DataChunk(false, true, false, false, peer.takeTsn(), 0, 0, 51, new byte[1]));
        }
        assertTrue(server.stats().heldBytes() <= 2 * WINDOW);
        assertTrue(server.stats().dropped(DropReason.WINDOW_FULL) > 0);
    }

    @Test
    void messagesThatWaitForAMissingOneAreCapped() {
        for (int i = 1; i < 20_000; i++) {
            give(peer.data(0, i, 51, new byte[1000]));
        }
        assertTrue(server.stats().heldBytes() <= 2 * WINDOW);
    }

    @Test
    void messagesThatNobodyFetchesAreCapped() {
        give(peer.open(0, CHAT));
        for (int i = 0; i < 5_000; i++) {
            give(peer.data(0, i + 1, 51, new byte[1000]));
        }
        assertTrue(server.stats().heldBytes() <= 2 * WINDOW);
        assertTrue(server.drainEvents().size() > 900);
        assertEquals(0, server.stats().heldBytes());
    }

    @Test
    void streamsWithStateAreCapped() {
        for (int id = 0; id < 65_536; id++) {
            give(peer.data(id, 0, 51, new byte[1]));
        }
        assertEquals(65_536 - Reassembly.MAX_STREAMS, server.stats().dropped(DropReason.TOO_MANY_STREAMS));
        assertEquals(Reassembly.MAX_STREAMS, server.stats().dropped(DropReason.NO_CHANNEL));
    }

    @Test
    void channelsAreCappedAndTheSurplusIsReset() {
        for (int i = 0; i < 1000; i++) {
            give(peer.open(2 * i, CHAT));
        }
        assertEquals(256, server.stats().openChannels());
        assertEquals(
                256,
                server.drainEvents().stream().filter(Opened.class::isInstance).count());
        assertEquals(744, server.stats().dropped(DropReason.BAD_DCEP));
    }

    @Test
    void aChannelOfTheWrongParityIsReset() {
        server.receive(peer.packet(peer.open(1, CHAT)), 0);
        OutgoingReset reset = (OutgoingReset) reconfigs().get(0).parameters().get(0);
        assertEquals(List.of(1), reset.streamIds());
        assertEquals(List.of(), server.drainEvents());
    }

    @Test
    void everyResetRequestGetsOneAnswerAndARepetitionTheSame() {
        int request = peer.takeRequest();
        ReconfigChunk ask = new ReconfigChunk(List.of(new OutgoingReset(request, 0, peer.nextTsn() - 1, List.of())));
        for (int i = 0; i < 3; i++) {
            server.receive(peer.packet(ask), 0);
            assertEquals(
                    List.of(new Response(request, Response.PERFORMED)),
                    reconfigs().get(0).parameters());
        }
        ReconfigChunk wild = new ReconfigChunk(List.of(new OutgoingReset(request + 77, 0, 0, List.of())));
        server.receive(peer.packet(wild), 0);
        assertEquals(
                List.of(new Response(request + 77, Response.BAD_REQUEST_NUMBER)),
                reconfigs().get(0).parameters());
        int other = peer.takeRequest();
        server.receive(peer.packet(new ReconfigChunk(List.of(new OtherRequest(17, other)))), 0);
        assertEquals(
                List.of(new Response(other, Response.DENIED)),
                reconfigs().get(0).parameters());
    }

    @Test
    void aResetAheadOfItsDataIsAskedToWait() {
        give(peer.open(0, CHAT));
        int request = peer.takeRequest();
        int lastTsn = peer.nextTsn();
        ReconfigChunk ask = new ReconfigChunk(List.of(new OutgoingReset(request, 0, lastTsn, List.of(0))));
        server.receive(peer.packet(ask), 0);
        assertEquals(
                List.of(new Response(request, Response.IN_PROGRESS)),
                reconfigs().get(0).parameters());
        give(peer.data(0, 1, 51, "last".getBytes(StandardCharsets.UTF_8)));
        server.receive(peer.packet(ask), 0);
        assertEquals(
                new Response(request, Response.PERFORMED),
                reconfigs().get(0).parameters().get(0));
        assertTrue(server.drainEvents().contains(new Text(0, "last")));
    }

    @Test
    void anAcknowledgementOfUnsentDataIsDropped() {
        give(new SackChunk(peer.serverTsn() + 10, WINDOW, List.of(), List.of()));
        assertEquals(1, server.stats().dropped(DropReason.UNEXPECTED));
        give(new SackChunk(peer.serverTsn() - 1, WINDOW, List.of(new SackChunk.Gap(1, 65_535)), List.of()));
        give(peer.open(0, CHAT));
        assertEquals(1, server.stats().openChannels());
    }

    @Test
    void aPeerThatNeverAcknowledgesFillsOnlyTheSendBuffer() {
        give(peer.open(0, CHAT));
        long now = 0;
        int refused = 0;
        for (int i = 0; i < 1000; i++) {
            try {
                server.sendBinary(0, new byte[10_000], now);
            } catch (SendRefused full) {
                refused++;
            }
            now += 100_000;
            server.tick(now);
            server.drainPackets();
        }
        assertTrue(refused > 500);
        assertTrue(server.stats().bufferedBytes() <= 4 << 20);
    }

    @Test
    void aClosedWindowIsProbedWithOneChunk() {
        give(peer.open(0, CHAT));
        give(new SackChunk(peer.serverTsn(), 0, List.of(), List.of()));
        server.sendBinary(0, new byte[10_000], 1);
        List<DataChunk> sent = DataChannelsTest.chunks(server.drainPackets(), DataChunk.class);
        assertEquals(1, sent.size());
        server.receive(peer.packet(new SackChunk(sent.get(0).tsn(), WINDOW, List.of(), List.of())), 2);
        assertTrue(
                DataChannelsTest.chunks(server.drainPackets(), DataChunk.class).size() > 1);
    }

    @Test
    void unknownChunksFollowTheirHighBits() {
        DataChunk open = peer.open(0, CHAT);
        server.receive(peer.packet(new UnknownChunk(0x3F, 0, new byte[4]), open), 0);
        assertEquals(List.of(), server.drainPackets());
        server.receive(peer.packet(new UnknownChunk(0x7F, 0, new byte[4]), open), 0);
        assertEquals(
                1,
                DataChannelsTest.chunks(server.drainPackets(), ErrorChunk.class).size());
        assertEquals(2, server.stats().dropped(DropReason.UNKNOWN_CHUNK));
        assertEquals(0, server.stats().openChannels());
        server.receive(peer.packet(new UnknownChunk(0xFF, 0, new byte[4]), open), 0);
        assertEquals(
                1,
                DataChannelsTest.chunks(server.drainPackets(), ErrorChunk.class).size());
        assertEquals(1, server.stats().openChannels());
    }

    @Test
    void answersAHeartbeatWithItsContent() {
        server.receive(peer.packet(new HeartbeatChunk(new byte[] {0, 1, 0, 6, 7, 8})), 0);
        HeartbeatAckChunk answer = DataChannelsTest.chunks(server.drainPackets(), HeartbeatAckChunk.class)
                .get(0);
        assertEquals(6, answer.info().length);
        server.receive(peer.packet(new HeartbeatChunk(new byte[60_000])), 0);
        assertEquals(List.of(), server.drainPackets());
    }

    @Test
    void anInitOnALiveAssociationChangesNothing() {
        InitFields fields = new InitFields(99, WINDOW, 1, 1, 1);
        server.receive(peer.packetWithTag(0, new InitChunk(fields, List.of())), 0);
        assertEquals(List.of(), server.drainPackets());
        give(peer.open(0, CHAT));
        assertEquals(1, server.stats().openChannels());
    }

    @Test
    void lateDataIsAcknowledgedAfterADelayAndEverySecondPacketAtOnce() {
        server.receive(peer.packet(peer.open(0, CHAT)), 0);
        server.drainPackets();
        server.receive(peer.packet(new SackChunk(peer.serverTsn(), WINDOW, List.of(), List.of())), 1);
        server.receive(peer.packet(peer.data(0, 1, 51, new byte[1])), 1000);
        assertEquals(List.of(), server.drainPackets());
        long due = server.nextDeadlineMicros().orElseThrow();
        assertTrue(due > 1000 && due <= 500_000);
        server.tick(due);
        assertEquals(
                1,
                DataChannelsTest.chunks(server.drainPackets(), SackChunk.class).size());
        server.receive(peer.packet(peer.data(0, 2, 51, new byte[1])), 600_000);
        server.receive(peer.packet(peer.data(0, 3, 51, new byte[1])), 600_000);
        assertFalse(server.drainPackets().isEmpty());
    }

    private void give(Chunk chunk) {
        server.receive(peer.packet(chunk), 0);
        server.drainPackets();
    }

    private List<ReconfigChunk> reconfigs() {
        return DataChannelsTest.chunks(server.drainPackets(), ReconfigChunk.class);
    }
}
