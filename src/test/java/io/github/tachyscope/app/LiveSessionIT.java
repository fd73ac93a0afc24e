package io.github.tachyscope.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.onvoid.webrtc.RTCRtpTransceiverDirection;
import io.github.tachyscope.testkit.LibWebRtcPeer;
import io.github.tachyscope.testkit.Offers;
import io.github.tachyscope.testkit.VideoFeed;
import io.github.tachyscope.testkit.VideoFeed.Colour;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One session from the offer to the picture, in each mode, and the offers that are refused. */
class LiveSessionIT {
    /** What a codec and two conversions may do to an even colour. */
    private static final double TOLERANCE = 10;

    private static final Map<String, Integer> SMALL = Map.of("width", 256, "height", 256);

    private static RunningServer server;

    @BeforeAll
    static void start(@TempDir Path directory) throws Exception {
        server = RunningServer.start(directory, Map.of("tachyscope.pipelines.preload", ""));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void passthroughReturnsThePictureInItsColoursAndSizeEvenWhenTheSizeChanges() throws Exception {
        server.load("passthrough");
        try (LiveClient client = LiveClient.camera(server)) {
            client.video.size(640, 480);
            client.video.grey(90);
            client.video.tint(90, 180);
            client.connect("{\"input_mode\": \"video\"}");
            awaitColour(client, new Colour(90, 90, 180));
            assertSize(client, 640, 480);

            client.video.size(320, 240);
            client.video.grey(170);
            client.video.tint(170, 100);
            LibWebRtcPeer.pushUntil(
                    client.video,
                    "pictures of the new size",
                    () -> client.video.width() == 320
                            && client.video.mean().distance(new Colour(170, 170, 100)) < TOLERANCE);
            assertSize(client, 320, 240);
        }
    }

    private static void awaitColour(LiveClient client, Colour wanted) {
        LibWebRtcPeer.pushUntil(
                client.video,
                "the colour " + wanted,
                () -> client.video.decoded() > 5 && client.video.mean().distance(wanted) < TOLERANCE);
    }

    private static void assertSize(LiveClient client, int width, int height) {
        assertEquals(width + "x" + height, client.video.width() + "x" + client.video.height());
    }

    @Test
    void textModeShowsMovingPicturesToAClientThatOnlyReceives() throws Exception {
        server.loadWith(SMALL, "synthetic");
        try (LiveClient client = LiveClient.viewing(server, "{\"prompts\": [{\"text\": \"a forest\"}]}")) {
            client.awaitPictures(30);
            assertTrue(client.video.moved() > 15, client.video.moved() + " of 30 pictures moved");
            assertSize(client, 256, 256);
            assertEquals("streaming", client.figures().path("state").asText());
        }
    }

    @Test
    void videoModeRestylesWhatTheCameraSees() throws Exception {
        server.loadWith(SMALL, "synthetic");
        try (LiveClient client = LiveClient.camera(server)) {
            client.video.grey(40);
            client.connect("{\"input_mode\": \"video\", \"prompts\": [{\"text\": \"a sea\"}]}");
            client.pushPictures(20);
            Colour dark = client.video.mean();
            client.video.grey(210);
            LibWebRtcPeer.pushUntil(
                    client.video,
                    "a picture that follows the camera, was " + dark,
                    () -> client.video.mean().distance(dark) > 25);
        }
    }

    @Test
    void aChainMayEndOrBeginWithSynthetic() throws Exception {
        for (String[] chain :
                List.of(new String[] {"passthrough", "synthetic"}, new String[] {"synthetic", "passthrough"})) {
            server.load(chain);
            try (LiveClient client = LiveClient.camera(server)) {
                client.connect("{\"input_mode\": \"video\"}");
                client.pushPictures(15);
                assertEquals(List.of(chain), texts(client.figures().path("pipeline_ids")));
            }
        }
    }

    private static List<String> texts(JsonNode array) {
        return LiveClient.JSON.convertValue(
                array, LiveClient.JSON.getTypeFactory().constructCollectionType(List.class, String.class));
    }

    @Test
    void severalVideoLinesAndAnAudioLineFitIntoOneSession() throws Exception {
        server.load("passthrough");
        try (LiveClient client = LiveClient.camera(server)) {
            VideoFeed second = client.peer.video(RTCRtpTransceiverDirection.SEND_ONLY);
            client.peer.receiveAudio();
            VideoFeed screen = client.peer.video(RTCRtpTransceiverDirection.RECV_ONLY);
            client.video.grey(60);
            second.grey(200);
            client.connect("{\"input_mode\": \"video\"}");

            LibWebRtcPeer.pushUntil(
                    List.of(client.video, second),
                    "the first line's picture on both lines that show one",
                    () -> near(60, client.video) && near(60, screen));
        }
    }

    private static boolean near(int brightness, VideoFeed feed) {
        return feed.decoded() > 3 && Math.abs(feed.brightness() - brightness) < TOLERANCE;
    }

    @Test
    void refusesOffersThatCannotWorkAndSaysWhy() throws Exception {
        server.load("synthetic");
        String good = new Offers().video("0", "sendrecv").data("1").sdp();
        assertRefused(400, "", LiveClient.offer(server, "this is not SDP", "{}"));
        assertRefused(400, "", LiveClient.offer(server, "", "{}"));
        String noCodec = new Offers()
                .videoOf("0", "98", "a=sendrecv", Offers.format(98, "VP9"))
                .sdp();
        assertRefused(400, "", LiveClient.offer(server, noCodec, "{}"));
        assertRefused(422, "input_mode", LiveClient.offer(server, good, "{\"input_mode\": \"camera\"}"));
        assertRefused(422, "noise_scale", LiveClient.offer(server, good, "{\"noise_scale\": 7}"));
        assertRefused(400, "passthrough", LiveClient.offer(server, good, "{\"pipeline_ids\": [\"passthrough\"]}"));
        server.await("/api/v1/session/metrics", all -> all.path("sessions").isEmpty());
    }

    private static void assertRefused(int status, String named, HttpResponse<String> reply) throws Exception {
        assertEquals(status, reply.statusCode(), reply.body());
        JsonNode detail = LiveClient.JSON.readTree(reply.body()).path("detail");
        assertTrue(!detail.isMissingNode() && detail.toString().contains(named), reply.body());
        assertTrue(detail.toString().length() > 10, reply.body());
    }

    @Test
    void anUnknownPipelineIsNamedInTheStatusUntilTheNextLoadAndOffersAreRefused() throws Exception {
        assertEquals(
                200,
                server.post("/api/v1/pipeline/load", "{\"pipeline_ids\": [\"nowhere\"]}")
                        .statusCode());
        for (int look = 0; look < 2; look++) {
            JsonNode status = server.json("/api/v1/pipeline/status");
            assertEquals("error", status.path("status").asText());
            assertTrue(status.path("error").asText().contains("nowhere"), status.toString());
        }
        assertRefused(
                400,
                "load",
                LiveClient.offer(server, new Offers().video("0", "recvonly").sdp(), "{}"));
        server.load("passthrough");
        assertTrue(server.json("/api/v1/pipeline/status").path("error").isNull());
    }
}
