package io.github.tachyscope.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.tachyscope.app.GenerateClient.Event;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Batch generation as a client sees it. */
class GenerateIT {
    @TempDir
    static Path directory;

    private static RunningServer server;

    @BeforeAll
    static void start() throws Exception {
        server = RunningServer.start(directory, Map.of("tachyscope.generate.max-body-size", "8 MiB"));
        server.loadWith(Map.of("width", 64, "height", 64, "step_cost_ms", 0), "synthetic", "passthrough");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void makesExactlyTheFramesThatWereAskedForFromText() throws Exception {
        for (int frames : List.of(1, 9, 10, 24)) {
            List<Event> events = GenerateClient.events(server.url(), GenerateClient.request("synthetic", frames));
            JsonNode complete = GenerateClient.last(events).data();
            int chunks = events.size() - 1;
            assertEquals(frames <= 9 ? 1 : 1 + (frames - 9 + 11) / 12, chunks);
            int sum = 0;
            for (int i = 0; i < chunks; i++) {
                JsonNode progress = events.get(i).data();
                assertEquals("progress", events.get(i).name());
                assertEquals(i + 1, progress.path("chunk").asInt());
                assertEquals(chunks, progress.path("total_chunks").asInt());
                assertTrue(progress.path("latency").asDouble() >= 0
                        && progress.path("fps").asDouble() > 0);
                assertEquals(5, progress.size());
                sum += progress.path("frames").asInt();
            }
            assertEquals(frames, sum);
            assertEquals("complete", GenerateClient.last(events).name());
            assertEquals(frames, complete.path("num_frames").asInt());
            assertEquals(chunks, complete.path("num_chunks").asInt());
            assertEquals(12, complete.path("chunk_size").asInt());
            assertEquals(
                    "[" + frames + ",64,64,3]", complete.path("video_shape").toString());
            assertEquals(frames * 64 * 64 * 3, GenerateClient.video(complete).rgb().length);
        }
    }
}
