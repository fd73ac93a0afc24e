package io.github.tachyscope.rtc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tachyscope.frame.EncodedFrame;
import io.github.tachyscope.frame.MediaClock;
import io.github.tachyscope.frame.VideoCodec;
import io.github.tachyscope.rtc.sdp.Offer;
import io.github.tachyscope.rtc.sdp.UnacceptableOffer;
import io.github.tachyscope.testkit.LibWebRtcPeer;
import io.github.tachyscope.testkit.Offers;
import io.github.tachyscope.testkit.TestChannel;
import io.github.tachyscope.testkit.UdpRelay;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** However a session ends, it ends for a reason that is told, and leaves nothing behind. */
class SessionEndIT {
    private static EchoServer server;

    @BeforeAll
    static void start() {
        server = new EchoServer(EchoServer.settings(Duration.ofSeconds(6)));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void aClientThatVanishesLosesConsent() throws Exception {
        try (UdpRelay relay = new UdpRelay(server.endpoint().port());
                LibWebRtcPeer browser = new LibWebRtcPeer()) {
            TestChannel channel = browser.openChannel("parameters");
            EchoServer.Session session =
                    server.accept(LibWebRtcPeer.without(browser.offer(), line -> line.startsWith("a=candidate")));
            browser.answer(session.answer.replace(
                    " " + server.endpoint().port() + " typ host", " " + relay.port() + " typ host"));
            channel.awaitOpen();

            relay.cut();

            assertEquals(Peer.CloseReason.CONSENT_LOST, session.awaitClosed(30).reason());
        }
    }

    @Test
    void aLivelyButQuietClientKeepsItsSession() throws Exception {
        try (LibWebRtcPeer browser = new LibWebRtcPeer()) {
            TestChannel channel = browser.openChannel("parameters");
            EchoServer.Session session = server.accept(browser.offer());
            browser.answer(session.answer);
            channel.awaitOpen();
            long begin = System.nanoTime();

            LibWebRtcPeer.await(
                    "time",
                    () -> System.nanoTime() - begin > Duration.ofSeconds(14).toNanos());

            channel.send("still there");
            LibWebRtcPeer.await("an echo", () -> channel.texts().contains("still there"));
            session.tell(Peer.Close.INSTANCE);
        }
    }

    @Test
    void hundredSessionsLeaveNothingBehind() throws Exception {
        for (int i = 0; i < 5; i++) {
            connectAndClose();
        }
        LibWebRtcPeer.await("no session", () -> server.endpoint().openSessions() == 0);
        long files = openFiles();
        int threads = threads();

        for (int i = 0; i < 100; i++) {
            connectAndClose();
        }

        LibWebRtcPeer.await("no session", () -> server.endpoint().openSessions() == 0);
        LibWebRtcPeer.await(
                "as few files as before: " + files + ", now " + openFiles(), () -> openFiles() <= files + 3);
        LibWebRtcPeer.await(
                "as few threads as before: " + threads + ", now " + threads(), () -> threads() <= threads + 3);
    }

    @Test
    void refusedAndAbandonedOffersLeaveNothingBehind() {
        int before = server.endpoint().openSessions();
        String vp9 = new Offers().videoOf("0", "98", Offers.format(98, "VP9")).sdp();

        assertThrows(UnacceptableOffer.class, () -> server.endpoint().negotiate("refused", Offer.parse(vp9)));
        assertEquals(before, server.endpoint().openSessions());

        Negotiation negotiation = server.endpoint()
                .negotiate(
                        "abandoned",
                        Offer.parse(new Offers().video("0", "sendrecv").sdp()));
        assertEquals(before + 1, server.endpoint().openSessions());
        negotiation.abandon();
        assertEquals(before, server.endpoint().openSessions());
    }

    @Test
    void everyAddressOfTheMachineIsAnnouncedForAWildcard() {
        String offer = new Offers().video("0", "sendrecv").sdp();
        try (RtcEndpoint all = RtcEndpoint.start(EchoServer.hasty(), "0.0.0.0", MediaClock.system())) {
            Negotiation negotiation = all.negotiate("all", Offer.parse(offer));
            assertTrue(negotiation.answerSdp().contains(" 127.0.0.1 " + all.port() + " typ host"));
            assertFalse(negotiation.answerSdp().contains(" 0.0.0.0 " + all.port()));
            negotiation.abandon();
        }
    }

    @Test
    void everyCommandIsTakenBeforeTheClientCame() {
        EchoServer.Session session =
                server.accept(new Offers().video("0", "sendrecv").data("1").sdp());
        session.tell(new Peer.SendVideo("0", new EncodedFrame(VideoCodec.VP8, new byte[100], true, 0)));
        session.tell(new Peer.SendText(0, "too early"));
        session.tell(new Peer.RequestKeyFrame("0"));
        session.tell(new Peer.AddCandidate("candidate:1 1 udp 1 127.0.0.1 9 typ host"));

        session.tell(Peer.Close.INSTANCE);

        assertEquals(Peer.CloseReason.REQUESTED, session.awaitClosed(5).reason());
        assertEquals(1, session.events.size(), session.events.toString());
    }

    @Test
    void aClientThatNeverComesFailsByTime() {
        try (EchoServer hasty = new EchoServer(EchoServer.hasty())) {
            EchoServer.Session session =
                    hasty.accept(new Offers().video("0", "sendrecv").data("1").sdp());

            assertEquals(Peer.CloseReason.ICE_FAILED, session.awaitClosed(10).reason());
            LibWebRtcPeer.await("no session", () -> hasty.endpoint().openSessions() == 0);
        }
    }

    private static void connectAndClose() throws Exception {
        EchoServer.Session session;
        try (LibWebRtcPeer browser = new LibWebRtcPeer()) {
            TestChannel channel = browser.openChannel("parameters");
            session = server.accept(browser.offer());
            browser.answer(session.answer);
            channel.awaitOpen();
        }
        assertTrue(session.awaitClosed(10).reason() == Peer.CloseReason.REMOTE);
    }

    private static int threads() {
        return Thread.getAllStackTraces().size();
    }

    private static long openFiles() {
        try (Stream<Path> files = Files.list(Path.of("/proc/self/fd"))) {
            return files.count();
        } catch (IOException notLinux) {
            throw new UncheckedIOException(notLinux);
        }
    }
}
