package io.github.tachyscope.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tachyscope.testkit.FaultyProvider;
import io.github.tachyscope.testkit.UdpRelay;
import java.net.SocketException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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
            other.awaitPictures(5);
            int before = other.video.decoded();
            long begin = System.nanoTime();

            relay.cut();
            client.awaitGone();

            double seconds = (System.nanoTime() - begin) / 1e9;
            double rate = (other.video.decoded() - before) / seconds;
            assertTrue(seconds > 2, "gone after " + seconds + " s, before its consent could be missed");
            assertTrue(rate > 20, rate + " pictures a second beside a client that vanished");
        }
    }

    /** A relay that is made when the server's port is known. */
    private static final class Relay implements AutoCloseable {
        private static final Pattern PORT = Pattern.compile(" (\\d+) typ host");
        private UdpRelay relay;

        String between(String answer) {
            try {
                Matcher port = PORT.matcher(answer);
                assertTrue(port.find(), answer);
                relay = new UdpRelay(Integer.parseInt(port.group(1)));
                return port.replaceAll(" " + relay.port() + " typ host");
            } catch (SocketException failed) {
                throw new AssertionError(failed);
            }
        }

        void cut() {
            relay.cut();
        }

        @Override
        public void close() {
            if (relay != null) {
                relay.close();
            }
        }
    }
}
