package io.github.tachyscope.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.tachyscope.testkit.LibWebRtcPeer;
import io.github.tachyscope.testkit.VideoFeed.Colour;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a client says while it streams: parameters, pause, statistics, another input. */
class ParametersIT {
    /** Two prompts whose palettes are far apart, and how far at least. */
    private static final String ONE = "sky";

    private static final String OTHER = "violet";
    private static final double APART = 30;

    private static RunningServer server;

    @BeforeAll
    static void start(@TempDir Path directory) throws Exception {
        server = RunningServer.start(directory, Map.of("tachyscope.pipelines.preload", ""));
        server.loadWith(Map.of("width", 128, "height", 128), "synthetic");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static String prompt(String text) {
        return "{\"prompts\": [{\"text\": \"" + text + "\", \"weight\": 1.0}]}";
    }

    private static void awaitChange(LiveClient client, Colour before) {
        LibWebRtcPeer.await(
                "another colour than " + before, () -> client.video.mean().distance(before) > APART);
    }

    @Test
    void aPromptActsWithTheNextChunk() throws Exception {
        try (LiveClient client = LiveClient.viewing(server, prompt(ONE))) {
            client.awaitPictures(20);
            Colour before = client.video.mean();
            long since = endOfTimeline();
            client.send(prompt(OTHER));
            // The chunk under way may end between looking at the timeline and the arrival of the message.
            JsonNode page = server.await(
                    "/api/v1/engine/timeline?since=" + since,
                    spans -> span(spans, client, "text_encode").isPresent());
            long begun = span(page, client, "").orElseThrow().path("chunk").asLong();
            long acted = span(page, client, "text_encode")
                    .orElseThrow()
                    .path("chunk")
                    .asLong();
            assertTrue(acted <= begun + 2, "sent in chunk " + begun + ", acted in chunk " + acted);
            awaitChange(client, before);
            LibWebRtcPeer.await("metrics of the session", () -> measured("tachyscope_control_to_pixel_seconds_count"));
            assertTrue(measured("tachyscope_first_chunk_seconds_count"));
            LibWebRtcPeer.await("the session's next second", () -> measured("tachyscope_realtime_factor_count"));
            assertTrue(measured("tachyscope_chunk_latency_seconds_count{pipeline=\"synthetic\",urgency=\"live\"}"));
        }
    }

    /** Whether a counter of the metrics is above 0. */
    private static boolean measured(String name) {
        try {
            return server.get("/metrics")
                    .body()
                    .lines()
                    .filter(line -> line.startsWith(name + " "))
                    .anyMatch(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))) > 0);
        } catch (IOException | InterruptedException failed) {
            throw new AssertionError(failed);
        }
    }

    private static long endOfTimeline() throws Exception {
        JsonNode page = server.json("/api/v1/engine/timeline");
        while (!page.path("spans").isEmpty()) {
            page = server.json("/api/v1/engine/timeline?since=" + page.path("next"));
        }
        return page.path("next").asLong();
    }

    /** The first step of a kind, or of any kind, of this client's session. */
    private static Optional<JsonNode> span(JsonNode page, LiveClient client, String kind) {
        for (JsonNode span : page.path("spans")) {
            if (span.path("owner").asText().equals(client.sessionId())
                    && span.path("kind").asText().contains(kind)) {
                return Optional.of(span);
            }
        }
        return Optional.empty();
    }

    @Test
    void tenThousandUpdatesEndWithTheLastAndDisturbNobody() throws Exception {
        try (LiveClient other = LiveClient.viewing(server, prompt(OTHER));
                LiveClient client = LiveClient.viewing(server, prompt(ONE))) {
            other.awaitPictures(10);
            client.awaitPictures(10);
            Colour before = client.video.mean();
            double rateBefore = rate(other, () -> LockSupport.parkNanos(1_000_000_000));
            double rateDuring = rate(other, () -> {
                long begin = System.nanoTime();
                for (int i = 0; i < 9_999; i++) {
                    client.send(prompt(ONE + i));
                }
                client.send(prompt(OTHER));
                LockSupport.parkNanos(1_500_000_000 - (System.nanoTime() - begin));
            });
            awaitChange(client, before);
            LibWebRtcPeer.await(
                    "the colours of the last prompt",
                    () -> client.video.mean().distance(other.video.mean()) < APART / 2);
            assertTrue(rateDuring > rateBefore / 3, "the other had " + rateBefore + " fps, then " + rateDuring);
        }
    }

    private interface Work {
        void run() throws Exception;
    }

    private static double rate(LiveClient client, Work work) throws Exception {
        int before = client.video.decoded();
        long begin = System.nanoTime();
        work.run();
        return (client.video.decoded() - before) * 1e9 / (System.nanoTime() - begin);
    }

    @Test
    void aWrongValueIsToldAndItsNeighboursAct() throws Exception {
        try (LiveClient client = LiveClient.viewing(server, prompt(ONE))) {
            client.awaitPictures(10);
            Colour before = client.video.mean();
            client.send("{\"noise_scale\": 9, \"prompts\": [{\"text\": \"" + OTHER + "\"}]}");
            JsonNode error = client.awaitNotice("error");
            assertEquals("invalid_parameter", error.path("code").asText());
            assertTrue(error.path("message").asText().contains("noise_scale"), error.toString());
            assertTrue(error.path("recoverable").asBoolean());
            awaitChange(client, before);
        }
    }

    @Test
    void garbageIsIgnoredAndTheChannelStays() throws Exception {
        try (LiveClient client = LiveClient.viewing(server, prompt(ONE))) {
            for (String garbage : new String[] {"", "no JSON", "[1, 2]", "42", "{", "{\"paused\": \"maybe\"}"}) {
                client.send(garbage);
            }
            client.send("{\"noise_scale\": 9}");
            client.awaitNotice("error");
            assertEquals(1, client.notices("error").size());
            client.awaitPictures(5);
        }
    }

    @Test
    void pausingStopsThePicturesAtOnceAndResumingGoesOn() throws Exception {
        try (LiveClient client = LiveClient.viewing(server, prompt(ONE))) {
            client.awaitPictures(10);
            client.send("{\"paused\": true}");
            JsonNode paused = client.awaitFigures(
                    figures -> figures.path("state").asText().equals("paused"));
            LockSupport.parkNanos(Duration.ofMillis(500).toNanos());
            JsonNode later = client.figures();
            assertTrue(
                    later.path("frames_out").asLong()
                            <= paused.path("frames_out").asLong() + 1,
                    paused + " and later " + later);
            client.send("{\"paused\": false}");
            client.awaitPictures(10);
            assertEquals("streaming", client.figures().path("state").asText());
        }
    }

    @Test
    void resettingTheCacheDoesNotStopTheStream() throws Exception {
        try (LiveClient client = LiveClient.viewing(server, prompt(ONE))) {
            client.awaitPictures(5);
            client.send("{\"reset_cache\": true, \"stats\": true}");
            JsonNode stats = client.awaitNotice("stats");
            assertEquals(1, stats.path("parameters_revision").asInt(), stats.toString());
            client.awaitPictures(20);
            assertTrue(client.notices("error").isEmpty());
        }
    }

    @Test
    void statisticsComeOnlyToThoseWhoAskForThem() throws Exception {
        try (LiveClient silent = LiveClient.viewing(server, prompt(ONE));
                LiveClient client = LiveClient.viewing(server, prompt(ONE))) {
            client.send("{\"stats\": true}");
            LibWebRtcPeer.await("statistics of a stream that runs", () -> {
                try {
                    return client.notices("stats").stream()
                            .anyMatch(stats -> stats.path("fps").asDouble() > 5
                                    && stats.path("chunks").asInt() > 0
                                    && stats.path("state").asText().equals("streaming"));
                } catch (Exception broken) {
                    throw new AssertionError(broken);
                }
            });
            assertTrue(silent.notices("stats").isEmpty());
        }
    }

    @Test
    void parametersSetFromOutsideActAndAreTold() throws Exception {
        try (LiveClient bystander = LiveClient.viewing(server, prompt(ONE));
                LiveClient client = LiveClient.viewing(server, prompt(ONE))) {
            client.awaitPictures(10);
            Colour before = client.video.mean();
            assertEquals(
                    200,
                    server.post("/api/v1/session/parameters?session_id=" + client.sessionId(), prompt(OTHER))
                            .statusCode());
            assertEquals(
                    OTHER,
                    client.awaitNotice("parameters_updated")
                            .path("parameters")
                            .path("prompts")
                            .path(0)
                            .path("text")
                            .asText());
            awaitChange(client, before);
            assertTrue(bystander.notices("parameters_updated").isEmpty());
            assertEquals(
                    404,
                    server.post("/api/v1/session/parameters?session_id=nobody", prompt(OTHER))
                            .statusCode());
        }
    }

    @Test
    void theInputChangesFromTextToVideoAndBackWhileTheSessionLives() throws Exception {
        try (LiveClient client = LiveClient.camera(server)) {
            client.connect(prompt(ONE));
            client.awaitPictures(10);

            client.send("{\"input_mode\": \"video\"}");
            client.video.grey(40);
            LibWebRtcPeer.pushUntil(client.video, "pictures of the camera", () -> framesIn(client) > 20);
            client.pushPictures(25);
            Colour dark = client.video.mean();
            client.video.grey(210);
            LibWebRtcPeer.pushUntil(
                    client.video,
                    "a picture that follows the camera, was " + dark,
                    () -> client.video.mean().distance(dark) > 25);

            client.send("{\"input_mode\": \"text\"}");
            client.awaitPictures(60);
        }
    }

    @Test
    void theLastOfTwoQuickInputChangesCounts() throws Exception {
        try (LiveClient client = LiveClient.viewing(server, prompt(ONE))) {
            client.awaitPictures(5);
            for (int i = 0; i < 5; i++) {
                client.send("{\"input_mode\": \"video\"}");
                client.send("{\"input_mode\": \"text\"}");
            }
            // Nothing is pushed: in video mode no picture would come.
            client.awaitPictures(60);
        }
    }

    private static long framesIn(LiveClient client) {
        try {
            return client.figures().path("frames_in").asLong();
        } catch (Exception broken) {
            throw new AssertionError(broken);
        }
    }
}
