package io.github.tachyscope.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.tachyscope.testkit.FaultyProvider;
import java.net.http.HttpClient;
import java.net.http.WebSocketHandshakeException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How the sockets of streamed videos end when something is missing, fails, hangs, or stops. */
class VideoStreamEndIT {
    private static final String PATH = "/v1/realtime/video";
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    @TempDir
    static Path directory;

    private static StreamClient connect(RunningServer server) {
        return new StreamClient(HTTP, server.url(), PATH, Map.of());
    }

    private static StreamClient started(RunningServer server, int frames) {
        return connect(server).send("{'type':'session.start','prompt':'x','fps':24,'num_frames':" + frames + "}");
    }

    private static void update(StreamClient client, String control) throws Exception {
        client.send(
                "{'type':'session.interaction','interaction':{'event':{'multi_modal_data':{'" + control + "':1}}}}");
        client.text("session.interaction.queued");
    }

    @Test
    void withoutATokenThereIsNoSocketAndWithoutAPipelineNoVideo() throws Exception {
        try (RunningServer server = RunningServer.start(
                directory.resolve("token"), Map.of("tachyscope.server.access-token", "sesame-sesame"))) {
            CompletionException refused = assertThrows(CompletionException.class, () -> connect(server));
            WebSocketHandshakeException handshake =
                    assertInstanceOf(WebSocketHandshakeException.class, refused.getCause());
            assertEquals(401, handshake.getResponse().statusCode());
            StreamClient client =
                    new StreamClient(HTTP, server.url(), PATH, Map.of("Authorization", "Bearer sesame-sesame"));
            assertEquals(
                    "Streaming video generation is not available",
                    client.text("error").path("message").asText());
            assertEquals(1000, client.closed());
        }
    }

    @Test
    void faultsSilenceAndTheEndOfTheServerAreTold() throws Exception {
        StreamClient last;
        try (RunningServer server = RunningServer.start(
                directory.resolve("faulty"),
                Map.of(
                        "tachyscope.video.stream.start-timeout",
                        "300 ms",
                        "tachyscope.video.stream.stall-timeout",
                        "3 s",
                        "tachyscope.video.stream.max-streams",
                        "2"))) {
            server.load(FaultyProvider.ID);

            StreamClient silent = connect(server);
            assertEquals(
                    "Timeout waiting for session.start",
                    silent.text("error").path("message").asText());
            assertEquals(1000, silent.closed());

            StreamClient failing = started(server, 10_000);
            failing.until("binary");
            update(failing, "fail_chunks");
            failing.text("error");
            assertEquals(1000, failing.closed());
            assertFalse(failing.types().contains("session.done"), () -> "" + failing.types());
            assertTrue(failing.binaries().size() >= 1);

            StreamClient hanging = started(server, 10_000);
            hanging.until("binary");
            StreamClient second = started(server, 10_000);
            second.until("binary");
            StreamClient third = connect(server);
            assertTrue(third.text("error").path("message").asText().contains("max-streams"));
            assertEquals(1000, third.closed());
            second.vanish();

            update(hanging, "hang");
            JsonNode stalled = hanging.text("error");
            assertTrue(stalled.path("message").asText().contains("Stall timeout"), stalled::toString);
            assertEquals("stalled", hanging.text("session.done").path("reason").asText());
            assertEquals(1000, hanging.closed());
            FaultyProvider.releaseHanging();

            last = started(server, 10_000);
            last.until("binary");
        }
        assertTrue(last.text("error").path("message").asText().contains("shutting down"));
        assertEquals(1001, last.closed());
    }

    @Test
    void theBundledModelStreamsAtItsOwnSize() throws Exception {
        try (RunningServer server =
                RunningServer.start(directory.resolve("tiny"), Map.of("tachyscope.pipelines.preload", "tiny"))) {
            StreamClient client = started(server, 13);
            JsonNode done = client.text("session.done");
            assertEquals(2, done.path("chunks").asInt());
            assertEquals(13, done.path("frames").asInt());
            assertEquals(1000, client.closed());
            JsonNode start = client.texts().get(0);
            assertEquals(256, start.path("width").asInt(), start::toString);
            assertEquals(256, start.path("height").asInt(), start::toString);
            assertTrue(start.path("codecs").asText().startsWith("avc1."), start::toString);
        }
    }
}
