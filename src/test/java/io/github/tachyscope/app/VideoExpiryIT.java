package io.github.tachyscope.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Videos that nobody fetched in time, with a calendar that the test turns. */
class VideoExpiryIT {
    private static final Duration TTL = Duration.ofSeconds(2);
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /** Stands still until it is turned. */
    private static final class Calendar extends Clock {
        private volatile Instant now = Instant.parse("2026-01-02T03:04:05Z");

        void turn(Duration time) {
            now = now.plus(time);
        }

        @Override
        public Instant instant() {
            return now;
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    }

    @TempDir
    Path directory;

    @Test
    void anExpiredVideoIsGoneWithItsRecordAndItsFiles() throws Exception {
        Calendar calendar = new Calendar();
        Path results = directory.resolve("results");
        Map<String, String> settings = Map.of(
                "tachyscope.jobs.ttl", TTL.toSeconds() + " s", "tachyscope.jobs.results-dir", results.toString());
        try (RunningServer server = RunningServer.start(directory, settings, calendar)) {
            server.load("synthetic");
            VideoClient client = new VideoClient(server);
            String expired = video(client);
            assertEquals(200, status(client, expired + "/content"));
            assertTrue(files(results).stream().anyMatch(file -> file.contains(expired)), () -> "files of " + expired);
            calendar.turn(TTL.dividedBy(2));
            String younger = video(client);

            calendar.turn(TTL.dividedBy(2));

            await(expired + " is still there", () -> status(client, expired) == 404);
            assertEquals(404, status(client, expired + "/content"));
            await("files of " + expired, () -> files(results).stream().noneMatch(file -> file.contains(expired)));
            String listed = new String(client.get("/v1/videos").body(), StandardCharsets.UTF_8);
            assertTrue(!listed.contains(expired) && listed.contains(younger), listed);
            assertEquals(200, status(client, younger + "/content"));
        }
    }

    private static String video(VideoClient client) throws Exception {
        String id = VideoClient.created(
                client.postJson("/v1/videos", "{'prompt':'a harbour','num_frames':9,'fps':3,'size':'64x64'}"));
        client.completed(id);
        return id;
    }

    private static int status(VideoClient client, String path) throws Exception {
        return client.get("/v1/videos/" + path).statusCode();
    }

    private static void await(String otherwise, Callable<Boolean> wanted) throws Exception {
        long until = System.nanoTime() + PATIENCE.toNanos();
        while (!wanted.call()) {
            assertTrue(System.nanoTime() < until, otherwise);
            Thread.sleep(20);
        }
    }

    private static List<String> files(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.map(Path::toString).toList();
        }
    }
}
