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
            LibWebRtcPeer.pushUntil(
                    feed, "dark pictures", () -> feed.decoded() > 10 && Math.abs(feed.brightness() - 60) < 8);
            feed.grey(200);
            LibWebRtcPeer.pushUntil(feed, "light pictures", () -> Math.abs(feed.brightness() - 200) < 8);

            assertEquals(List.of(new Peer.VideoLine(feed.mid(), VideoCodec.VP8, true, true)), session.lines);
            assertEquals(VideoFeed.WIDTH, feed.width());
            assertEquals(List.of("tachyscope"), browser.streamIds());
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
}
