package io.github.tachyscope.app;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.tachyscope.testkit.StandInHub;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A server that is stopped in the middle of a download goes on with it when it is started again. */
@Timeout(180)
class DownloadResumeIT {
    private static final byte[] BYTES = StandInHub.safetensors(400_000);

    private static final String DOWNLOADS = "/api/v1/models/downloads";

    @TempDir
    private Path directory;

    @Test
    void goesOnAfterARestart() throws Exception {
        try (StandInHub hub = StandInHub.serve(directory.resolve("hub")).put("maker/model", "w.safetensors", BYTES)) {
            hub.next("w.safetensors", new StandInHub.Stall(200_000));
            Map<String, String> settings = Map.of(
                    "tachyscope.models.hub-url", hub.address().toString(),
                    "tachyscope.models.min-free-space", "0",
                    "tachyscope.jobs.dir", directory.resolve("jobs").toString());
            try (RunningServer server = RunningServer.start(directory, settings)) {
                HttpResponse<String> begun = server.post("/api/v1/models/download", "{\"repo_id\":\"maker/model\"}");
                assertEquals(200, begun.statusCode(), begun.body());
                server.await(DOWNLOADS, body -> first(body).path("bytes").asLong() > 10_000);
            }
            try (RunningServer server = RunningServer.start(directory, settings)) {
                server.await(
                        DOWNLOADS, body -> first(body).path("state").asText().equals("done"));
            }
            assertArrayEquals(BYTES, Files.readAllBytes(directory.resolve("models/maker/model/w.safetensors")));
            List<StandInHub.Request> requests = hub.requestsOf("w.safetensors");
            assertEquals(2, requests.size());
            assertTrue(requests.get(1).range().isPresent(), "from where the first server ended");
        }
    }

    private static JsonNode first(JsonNode body) {
        return body.path("downloads").path(0);
    }
}
