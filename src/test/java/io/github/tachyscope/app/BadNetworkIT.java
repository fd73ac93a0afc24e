package io.github.tachyscope.app;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.tachyscope.testkit.Offers;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The whole server over a network that loses datagrams, and with a client that is not who it says. */
class BadNetworkIT {
    private static RunningServer server;

    @BeforeAll
    static void start(@TempDir Path directory) throws Exception {
        server = RunningServer.start(directory, Map.of("tachyscope.pipelines.preload", ""));
        server.loadWith(Map.of("width", 256, "height", 256), "synthetic");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.02, 0.1})
    void lostDatagramsDoNotStopTheStream(double share) throws Exception {
        // The client closes first, so that its goodbye still passes.
        try (Relay relay = new Relay();
                LiveClient client = LiveClient.viewer(server)) {
            client.signal("{}", relay::between);
            client.awaitPictures(5);
            relay.lose(share);
            client.awaitPictures(60);
            client.send("{\"noise_scale\": 9}");
            client.awaitNotice("error");
        }
    }

    @Test
    void aStreamComesBackAfterThreeSecondsOfSilence() throws Exception {
        // The client closes first, so that its goodbye still passes.
        try (Relay relay = new Relay();
                LiveClient client = LiveClient.viewer(server)) {
            client.signal("{}", relay::between);
            client.awaitPictures(5);
            relay.lose(1);
            LockSupport.parkNanos(Duration.ofSeconds(3).toNanos());
            relay.lose(0);
            client.awaitPictures(20);
            assertEquals("streaming", client.figures().path("state").asText());
        }
    }

    @Test
    void aClientWithAnotherCertificateThanItsOfferNamesIsTurnedAway() throws Exception {
        try (LiveClient client = LiveClient.viewer(server)) {
            String forged = client.peer
                    .offer()
                    .replaceAll("a=fingerprint:sha-256 [0-9A-F:]+", "a=fingerprint:sha-256 " + Offers.FINGERPRINT);
            HttpResponse<String> reply = LiveClient.offer(server, forged, "{}");
            assertEquals(200, reply.statusCode(), reply.body());
            JsonNode body = LiveClient.JSON.readTree(reply.body());
            client.peer.answer(body.path("sdp").asText());
            server.await(
                    "/api/v1/session/metrics",
                    all -> all.path("sessions")
                            .path(body.path("sessionId").asText())
                            .isMissingNode());
            assertEquals(0, client.video.decoded());
        }
    }
}
