package io.github.tachyscope.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tachyscope.testkit.FaultyProvider;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** However a session of the whole server ends, its client is told, its place is free, and nobody else notices. */
class SessionEndIT {
    private RunningServer server;

    @BeforeEach
    void start(@TempDir Path directory) throws Exception {
        server = RunningServer.start(
                directory,
                Map.of(
                        "tachyscope.pipelines.preload", FaultyProvider.ID,
                        "tachyscope.session.failed-chunks", "3",
                        "tachyscope.rtc.consent-timeout", "4 s"));
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void hangingUpEndsTheSessionWithoutAnError() throws Exception {
        try (LiveClient client = LiveClient.viewing(server, "{}")) {
            client.awaitPictures(1);
            assertEquals(
                    204,
                    server.delete("/api/v1/webrtc/offer/" + client.sessionId()).statusCode());
            assertFalse(client.awaitNotice("stream_stopped").has("error_message"));
            client.awaitGone();
            client.awaitClosed();
        }
    }

    @Test
    void aClientThatLeavesIsGoneAtOnce() throws Exception {
        LiveClient client = LiveClient.viewing(server, "{}");
        client.awaitPictures(1);
        client.close();
        server.await("/api/v1/session/metrics", all -> all.path("sessions").isEmpty());
    }

    @Test
    void stoppingTheServerTellsTheClients() throws Exception {
        try (LiveClient client = LiveClient.viewing(server, "{}")) {
            client.awaitPictures(1);
            CompletableFuture<Void> stopped = CompletableFuture.runAsync(server::close);
            String why =
                    client.awaitNotice("stream_stopped").path("error_message").asText();
            assertTrue(why.contains("shutting down"), why);
            stopped.get(15, TimeUnit.SECONDS);
            client.awaitClosed();
        }
    }

    @Test
    void oneFailedChunkIsToldAndTheStreamGoesOn() throws Exception {
        try (LiveClient client = LiveClient.viewing(server, "{}")) {
            client.awaitPictures(1);
            client.send("{\"fail_chunks\": 1}");
            assertEquals(
                    "chunk_failed", client.awaitNotice("error").path("code").asText());
            client.awaitPictures(10);
            assertEquals(1, client.figures().path("chunks_failed").asInt());
        }
    }

    @Test
    void aPipelineThatKeepsFailingEndsItsSessionAndNoOther() throws Exception {
        try (LiveClient other = LiveClient.viewing(server, "{}");
                LiveClient client = LiveClient.viewing(server, "{}")) {
            client.awaitPictures(1);
            client.send("{\"fail_chunks\": 50}");
            String why =
                    client.awaitNotice("stream_stopped").path("error_message").asText();
            assertFalse(why.isBlank());
            assertEquals(2, client.notices("error").size());
            client.awaitGone();
            other.awaitPictures(10);
        }
    }

    @Test
    void aClientThatVanishesIsGoneByTimeAndAnotherKeepsItsRate() throws Exception {
        try (LiveClient other = LiveClient.viewing(server, "{}");
                LiveClient client = LiveClient.viewer(server);
                Relay relay = new Relay()) {
            client.signal("{}", relay::between);
            client.awaitPictures(1);
            other.awaitPictures(1);
            double rateBefore = rate(other, () -> other.awaitPictures(20));
            long begin = System.nanoTime();

            relay.cut();
            double rateAfter = rate(other, client::awaitGone);

            double seconds = (System.nanoTime() - begin) / 1e9;
            assertTrue(seconds > 2, "gone after " + seconds + " s, before its consent could be missed");
            assertTrue(rateAfter > rateBefore / 2, "the other had " + rateBefore + " fps, then " + rateAfter);
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
}
