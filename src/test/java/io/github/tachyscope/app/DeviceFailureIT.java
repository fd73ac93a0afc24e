package io.github.tachyscope.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tachyscope.testkit.FaultyProvider;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A device of the whole server fails: its sessions go on elsewhere or when it is back, and readiness tells of it. */
class DeviceFailureIT {
    @AfterEach
    void letThreadsEnd() {
        FaultyProvider.releaseHanging();
    }

    private static RunningServer start(Path directory, int executors) throws Exception {
        Map<String, String> options = new HashMap<>(Map.of(
                "tachyscope.pipelines.preload", FaultyProvider.ID,
                "tachyscope.engine.cpu-executors", "" + executors,
                "tachyscope.engine.watchdog", "2 s",
                "tachyscope.engine.restart.grace", "4 s",
                "tachyscope.engine.restart.min-backoff", "4 s"));
        return RunningServer.start(directory, options);
    }

    /** Waits until {@code /ready} answers with a status and a text. */
    private static void awaitReady(RunningServer server, int status, String text) throws Exception {
        long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        HttpResponse<String> last = server.get("/ready");
        while (last.statusCode() != status || !last.body().contains(text)) {
            assertTrue(System.nanoTime() < deadline, "/ready still says " + last.statusCode() + " " + last.body());
            Thread.sleep(20);
            last = server.get("/ready");
        }
    }

    @Test
    void aSessionOnADeviceThatCrashesGoesOnOnTheOther(@TempDir Path directory) throws Exception {
        try (RunningServer server = start(directory, 2);
                LiveClient client = LiveClient.viewing(server, "{}");
                LiveClient other = LiveClient.viewing(server, "{}")) {
            awaitReady(server, 200, "");
            client.awaitPictures(5);
            other.awaitPictures(5);

            client.send("{\"crash\": 1}");

            assertEquals("run_lost", client.awaitNotice("error").path("code").asText());
            awaitReady(server, 503, "restarts after a failure");
            client.awaitPictures(5);
            other.awaitPictures(5);
            awaitReady(server, 200, "");
            assertTrue(other.notices("error").isEmpty());
            try (LiveClient late = LiveClient.viewing(server, "{}")) {
                late.awaitPictures(5);
            }
        }
    }

    @Test
    void aSessionOnADeviceThatHangsGoesOnOnTheOther(@TempDir Path directory) throws Exception {
        try (RunningServer server = start(directory, 2);
                LiveClient client = LiveClient.viewing(server, "{}");
                LiveClient other = LiveClient.viewing(server, "{}")) {
            client.awaitPictures(5);
            other.awaitPictures(5);

            client.send("{\"hang\": 1}");

            awaitReady(server, 503, "does not respond");
            assertEquals("run_lost", client.awaitNotice("error").path("code").asText());
            client.awaitPictures(5);
            other.awaitPictures(5);
            awaitReady(server, 200, "");
            assertTrue(other.notices("error").isEmpty());
        }
    }

    @Test
    void aSessionOnTheOnlyDeviceGoesOnWhenItIsBack(@TempDir Path directory) throws Exception {
        try (RunningServer server = start(directory, 1);
                LiveClient client = LiveClient.viewing(server, "{}")) {
            client.awaitPictures(5);

            client.send("{\"crash\": 1}");

            awaitReady(server, 503, "restarts after a failure");
            try (LiveClient refused = LiveClient.viewer(server)) {
                HttpResponse<String> reply = refused.offer("{}");
                assertEquals(503, reply.statusCode(), reply.body());
            }
            client.awaitPictures(5);
            awaitReady(server, 200, "");
        }
    }
}
