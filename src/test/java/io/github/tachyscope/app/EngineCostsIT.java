package io.github.tachyscope.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What steps cost is known before the first session, and at the next start before anything ran. */
class EngineCostsIT {
    private static final Map<String, String> WARM = Map.of("tachyscope.engine.warm-up", "30 s");

    @TempDir
    Path directory;

    @Test
    void areMeasuredInAllBatchSizesBeforeTheFirstSessionAndKept() throws Exception {
        try (RunningServer server = RunningServer.start(directory, WARM)) {
            server.loadWith(Map.of("width", 64, "height", 64), "synthetic");
            JsonNode costs = server.json("/api/v1/engine/costs").path("costs");
            for (int batch : new int[] {1, 2, 4, 8}) {
                assertTrue(millis(costs, batch) >= 2, () -> "batches of " + batch + " in " + costs);
            }
            String metrics = server.get("/metrics").body();
            assertTrue(
                    metrics.contains(
                            "tachyscope_step_cost_seconds{batch=\"8\",kind=\"denoise\",pipeline=\"synthetic\"}"),
                    metrics);
        }
        JsonNode first = kept();
        try (RunningServer server = RunningServer.start(directory, WARM)) {
            JsonNode costs = server.json("/api/v1/engine/costs").path("costs");
            assertEquals(first.size(), costs.size());
            assertTrue(millis(costs, 8) >= 2, costs::toString);
        }
    }

    private JsonNode kept() throws Exception {
        Path file = directory.resolve("costs.json");
        assertTrue(Files.exists(file), "no " + file);
        return new ObjectMapper().readTree(Files.readString(file)).path("costs");
    }

    /** Mean of a denoising step; 0 if it is not known. */
    private static double millis(JsonNode costs, int batch) {
        for (JsonNode cost : costs) {
            if (cost.path("kind").asText().equals("denoise")
                    && cost.path("batch").asInt() == batch) {
                return cost.path("mean_us").asDouble() / 1000;
            }
        }
        return 0;
    }
}
