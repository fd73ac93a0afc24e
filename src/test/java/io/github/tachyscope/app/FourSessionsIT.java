package io.github.tachyscope.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.tachyscope.testkit.LibWebRtcPeer;
import io.github.tachyscope.testkit.VideoFeed.Colour;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Four clients share one pipeline: each gets its own picture and its share, and the fifth is told to wait. */
class FourSessionsIT {
    /** Prompts whose palettes are far apart. */
    private static final List<String> PROMPTS = List.of("sky", "violet", "desert", "snow");

    /** Least distance between the pictures of two of them; those of one prompt stay well below. */
    private static final double APART = 20;

    @Test
    void eachOfFourGetsItsOwnPictureAndItsShareAndAFifthWaits(@TempDir Path directory) throws Exception {
        List<LiveClient> clients = new ArrayList<>();
        try (RunningServer server = RunningServer.start(
                directory, Map.of("tachyscope.pipelines.preload", "", "tachyscope.session.max", "4"))) {
            server.loadWith(Map.of("width", 256, "height", 256), "synthetic");
            for (String prompt : PROMPTS) {
                clients.add(LiveClient.viewing(server, offer(prompt)));
            }
            clients.forEach(client -> client.awaitPictures(10));
            refusesAFifth(server);
            showsEachItsOwn(clients);
            starvesNobody(clients);
            // Each paces itself, so that it takes a while until two want a step at the same time.
            LibWebRtcPeer.await("a step of the four shared a batch", () -> batched(server));

            clients.remove(0).close();
            server.await("/api/v1/session/metrics", all -> all.path("sessions").size() == 3);
            clients.add(LiveClient.viewing(server, offer("sea")));
            clients.get(3).awaitPictures(5);
        } finally {
            clients.forEach(LiveClient::close);
        }
    }

    private static String offer(String prompt) {
        return "{\"prompts\": [{\"text\": \"" + prompt + "\"}]}";
    }

    private static void refusesAFifth(RunningServer server) throws Exception {
        try (LiveClient fifth = LiveClient.viewer(server)) {
            HttpResponse<String> reply = fifth.offer(offer("one too many"));
            assertEquals(503, reply.statusCode(), reply.body());
            assertEquals("5", reply.headers().firstValue("Retry-After").orElse("none"));
            assertTrue(reply.body().contains("tachyscope.session.max"), reply.body());
        }
        assertEquals(4, server.json("/api/v1/session/metrics").path("sessions").size());
    }

    private static void showsEachItsOwn(List<LiveClient> clients) {
        for (int i = 0; i < clients.size(); i++) {
            for (int j = 0; j < i; j++) {
                Colour one = clients.get(i).video.mean();
                LiveClient other = clients.get(j);
                // The pictures move, so that two can look alike for a moment.
                LibWebRtcPeer.await(
                        PROMPTS.get(i) + " apart from " + PROMPTS.get(j),
                        () -> one.distance(other.video.mean()) > APART);
            }
        }
    }

    private static void starvesNobody(List<LiveClient> clients) {
        List<Integer> before =
                clients.stream().map(client -> client.video.decoded()).toList();
        LockSupport.parkNanos(Duration.ofSeconds(3).toNanos());
        List<Integer> got = new ArrayList<>();
        for (int i = 0; i < clients.size(); i++) {
            got.add(clients.get(i).video.decoded() - before.get(i));
        }
        List<Integer> sorted = got.stream().sorted().toList();
        double median = (sorted.get(1) + sorted.get(2)) / 2.0;
        assertTrue(median > 15, "pictures in three seconds: " + got);
        assertTrue(sorted.get(0) >= 0.6 * median, "pictures in three seconds: " + got);
    }

    private static boolean batched(RunningServer server) {
        try {
            return batchedUntilNow(server);
        } catch (Exception failure) {
            throw new AssertionError(failure);
        }
    }

    private static boolean batchedUntilNow(RunningServer server) throws Exception {
        JsonNode page = server.json("/api/v1/engine/timeline");
        while (!page.path("spans").isEmpty()) {
            for (JsonNode span : page.path("spans")) {
                // Warming up runs batches in any case.
                boolean session = !span.path("owner").asText().equals("warm-up");
                if (session && span.path("batch").asInt() > 1) {
                    return true;
                }
            }
            page = server.json("/api/v1/engine/timeline?since=" + page.path("next"));
        }
        return false;
    }
}
