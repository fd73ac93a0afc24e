package io.github.tachyscope.rtc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.onvoid.webrtc.RTCRtpTransceiverDirection;
import io.github.tachyscope.frame.VideoCodec;
import io.github.tachyscope.testkit.LibWebRtcPeer;
import io.github.tachyscope.testkit.TestChannel;
import io.github.tachyscope.testkit.VideoFeed;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** libwebrtc as the browser, our endpoint as the server: every shape of offer connects and carries what it says. */
class PeerConnectionIT {
    private static EchoServer server;

    @BeforeAll
    static void start() {
        server = new EchoServer();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void picturesComeBackAsTheyWereSent() throws Exception {
        try (LibWebRtcPeer browser = new LibWebRtcPeer()) {
            TestChannel channel = browser.openChannel("parameters");
            VideoFeed feed = browser.video(RTCRtpTransceiverDirection.SEND_RECV);
            EchoServer.Session session = server.accept(browser.offer());
            browser.answer(session.answer);

            feed.grey(60);
            LibWebRtcPeer.pushUntil(feed, "dark pictures", () -> feed.decoded() > 10 && near(60, feed));
            feed.grey(200);
            LibWebRtcPeer.pushUntil(feed, "light pictures", () -> near(200, feed));

            assertEquals(List.of(new Peer.VideoLine(feed.mid(), VideoCodec.VP8, true, true)), session.lines);
            assertEquals(VideoFeed.WIDTH, feed.width());
            assertEquals(1, browser.streams(), "clients show event.streams[0]");
            channel.awaitOpen();
            session.tell(Peer.Close.INSTANCE);
            assertEquals(Peer.CloseReason.REQUESTED, session.awaitClosed(5).reason());
        }
    }

    @Test
    void textsComeBackInOrderWhateverTheirSize() throws Exception {
        try (LibWebRtcPeer browser = new LibWebRtcPeer()) {
            TestChannel channel = browser.openChannel("parameters");
            EchoServer.Session session = server.accept(browser.offer());
            browser.answer(session.answer);
            channel.awaitOpen();

            for (int i = 0; i < 1000; i++) {
                channel.send("{\"n\":" + i + "}");
            }
            channel.send("");
            channel.send("s".repeat(60_000));
            channel.send("l".repeat(200_000));

            LibWebRtcPeer.await("1003 echoes", () -> channel.texts().size() == 1003);
            for (int i = 0; i < 1000; i++) {
                assertEquals("{\"n\":" + i + "}", channel.texts().get(i));
            }
            assertEquals("", channel.texts().get(1000));
            assertEquals("s".repeat(60_000), channel.texts().get(1001));
            assertEquals("l".repeat(200_000), channel.texts().get(1002));
            assertTrue(session.events.contains(new Peer.ChannelOpened(0, "parameters"))
                    || session.has(Peer.ChannelOpened.class));
        }
    }

    @Test
    void h264ComesBackWhenItIsAllThatIsOffered() throws Exception {
        try (LibWebRtcPeer browser = new LibWebRtcPeer()) {
            VideoFeed feed = browser.video(RTCRtpTransceiverDirection.SEND_RECV);
            browser.preferOnly("H264");
            EchoServer.Session session = server.accept(browser.offer());
            browser.answer(session.answer);

            feed.grey(60);
            LibWebRtcPeer.pushUntil(feed, "dark pictures", () -> feed.decoded() > 10 && near(60, feed));

            assertEquals(VideoCodec.H264, session.lines.get(0).codec());
            session.tell(Peer.Close.INSTANCE);
        }
    }

    @Test
    void everyShapeOfLinesWorksInOneConnection() throws Exception {
        try (LibWebRtcPeer browser = new LibWebRtcPeer()) {
            TestChannel channel = browser.openChannel("parameters");
            VideoFeed main = browser.video(RTCRtpTransceiverDirection.SEND_RECV);
            VideoFeed extraSource = browser.video(RTCRtpTransceiverDirection.SEND_ONLY);
            browser.receiveAudio();
            VideoFeed extraSink = browser.video(RTCRtpTransceiverDirection.RECV_ONLY);
            EchoServer.Session session = server.accept(browser.offer());
            browser.answer(session.answer);
            channel.awaitOpen();

            LibWebRtcPeer.pushUntil(
                    List.of(main, extraSource),
                    "pictures on all lines",
                    () -> session.frames(main.mid()) > 10
                            && session.frames(extraSource.mid()) > 10
                            && main.decoded() > 0
                            && extraSink.decoded() > 0);

            assertEquals(
                    List.of(
                            new Peer.VideoLine(main.mid(), VideoCodec.VP8, true, true),
                            new Peer.VideoLine(extraSource.mid(), VideoCodec.VP8, true, false),
                            new Peer.VideoLine(extraSink.mid(), VideoCodec.VP8, false, true)),
                    session.lines);
            assertEquals(0, extraSource.decoded());
            session.tell(Peer.Close.INSTANCE);
        }
    }

    @Test
    void aClientThatOnlyReceivesGetsPictures() throws Exception {
        try (LibWebRtcPeer sender = new LibWebRtcPeer();
                LibWebRtcPeer receiver = new LibWebRtcPeer()) {
            VideoFeed camera = sender.video(RTCRtpTransceiverDirection.SEND_ONLY);
            VideoFeed screen = receiver.video(RTCRtpTransceiverDirection.RECV_ONLY);
            EchoServer.Session from = server.accept(sender.offer());
            EchoServer.Session to = server.accept(receiver.offer());
            from.forwardTo(to);
            sender.answer(from.answer);
            receiver.answer(to.answer);

            LibWebRtcPeer.pushUntil(camera, "pictures", () -> screen.decoded() > 10);

            from.tell(Peer.Close.INSTANCE);
            to.tell(Peer.Close.INSTANCE);
        }
    }

    @Test
    void connectsWithoutAnyCandidateAndWithHiddenOnesOnly() throws Exception {
        for (boolean hidden : new boolean[] {false, true}) {
            try (LibWebRtcPeer browser = new LibWebRtcPeer()) {
                TestChannel channel = browser.openChannel("parameters");
                String offer = LibWebRtcPeer.without(browser.offer(), line -> line.startsWith("a=candidate"));
                String mdns =
                        "a=candidate:1 1 udp 2122194687 8c2f9f4e-0000-4000-8000-123456789abc.local 40000 typ host\r\n";
                EchoServer.Session session = server.accept(hidden ? offer + mdns : offer);
                browser.answer(session.answer);

                channel.awaitOpen();
                session.tell(Peer.Close.INSTANCE);
            }
        }
    }

    @Test
    void takesCandidatesBeforeAndAfterItIsConnected() throws Exception {
        try (LibWebRtcPeer browser = new LibWebRtcPeer()) {
            TestChannel channel = browser.openChannel("parameters");
            String offer = LibWebRtcPeer.without(browser.offer(), line -> line.startsWith("a=candidate"));
            EchoServer.Session session = server.accept(offer);
            LibWebRtcPeer.await("candidates", () -> !browser.candidates().isEmpty());
            browser.candidates().forEach(candidate -> session.tell(new Peer.AddCandidate(candidate)));
            session.tell(new Peer.AddCandidate(""));
            session.tell(new Peer.AddCandidate("nonsense"));
            browser.answer(session.answer);
            channel.awaitOpen();

            browser.candidates().forEach(candidate -> session.tell(new Peer.AddCandidate(candidate)));
            channel.send("still there");

            LibWebRtcPeer.await("an echo", () -> channel.texts().contains("still there"));
            session.tell(Peer.Close.INSTANCE);
        }
    }

    @Test
    void theWrongCertificateEndsTheSessionBeforeAnythingFlows() throws Exception {
        try (LibWebRtcPeer browser = new LibWebRtcPeer()) {
            VideoFeed feed = browser.video(RTCRtpTransceiverDirection.SEND_RECV);
            String offer = browser.offer();
            int at = offer.indexOf("a=fingerprint:sha-256 ") + "a=fingerprint:sha-256 ".length();
            char other = offer.charAt(at) == 'A' ? 'B' : 'A';
            EchoServer.Session session = server.accept(offer.substring(0, at) + other + offer.substring(at + 1));
            browser.answer(session.answer);

            LibWebRtcPeer.pushUntil(feed, "the end", () -> session.has(Peer.Closed.class));

            assertEquals(
                    Peer.CloseReason.HANDSHAKE_FAILED, session.awaitClosed(1).reason());
            assertEquals(0, session.frames(feed.mid()));
            assertEquals(1, session.events.size(), session.events.toString());
        }
    }

    @Test
    void aBrowserThatClosesEndsTheSession() throws Exception {
        EchoServer.Session session;
        try (LibWebRtcPeer browser = new LibWebRtcPeer()) {
            TestChannel channel = browser.openChannel("parameters");
            session = server.accept(browser.offer());
            browser.answer(session.answer);
            channel.awaitOpen();
        }

        assertEquals(Peer.CloseReason.REMOTE, session.awaitClosed(10).reason());
    }

    @Test
    void aChannelThatClosesIsToldAndAnotherOneOpens() throws Exception {
        try (LibWebRtcPeer browser = new LibWebRtcPeer()) {
            TestChannel first = browser.openChannel("first");
            EchoServer.Session session = server.accept(browser.offer());
            browser.answer(session.answer);
            first.awaitOpen();
            first.close();
            LibWebRtcPeer.await("the close", () -> session.has(Peer.ChannelClosed.class));

            TestChannel second = browser.openChannel("second");
            second.awaitOpen();
            second.send("hello");

            LibWebRtcPeer.await("an echo", () -> second.texts().contains("hello"));
            session.tell(Peer.Close.INSTANCE);
        }
    }

    private static boolean near(int grey, VideoFeed feed) {
        return Math.abs(feed.brightness() - grey) < 8;
    }
}
