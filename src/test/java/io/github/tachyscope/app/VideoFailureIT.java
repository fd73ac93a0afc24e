package io.github.tachyscope.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.tachyscope.tensor.Torch;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What clients of {@code /v1/videos} learn of jobs that come to nothing, with the bundled model. */
class VideoFailureIT {
    /** More steps than the model has; it notices when the run begins. */
    private static final String TOO_MANY = "{'prompt':'a cat','num_frames':1,"
            + "'extra_params':{'denoising_step_list':[1000,900,800,700,600,500,400,300]}}";

    @Test
    void aFailedJobIsToldAsItsClientsExpect(@TempDir Path directory) throws Exception {
        Torch.require();
        try (RunningServer server = RunningServer.start(
                directory,
                Map.of(
                        "tachyscope.video.compat.failed-job-http-status",
                        "true",
                        "tachyscope.video.sync-timeout",
                        "1 s"))) {
            server.load("tiny");
            VideoClient client = new VideoClient(server);
            String id = client.create(TOO_MANY);
            List<JsonNode> seen = client.until(id, "failed");
            JsonNode failed = seen.get(seen.size() - 1);
            assertEquals("request_refused", failed.path("error").path("code").asText());
            assertTrue(failed.path("error").path("message").asText().contains("at most 7"), failed::toString);
            assertTrue(failed.path("completed_at").isNull());
            assertFalse(failed.path("size").isNull());
            HttpResponse<byte[]> content = client.get("/v1/videos/" + id + "/content");
            assertEquals(422, content.statusCode());
            assertTrue(VideoClient.error(content).get("message").contains("at most 7"));

            // As set above; 200 without.
            assertEquals(400, client.get("/v1/videos/" + id).statusCode());

            HttpResponse<byte[]> sync = client.postJson("/v1/videos/sync", TOO_MANY);
            assertEquals(400, sync.statusCode());
            assertTrue(VideoClient.error(sync).get("message").contains("at most 7"));

            HttpResponse<byte[]> late =
                    client.postJson("/v1/videos/sync", "{'prompt':'a cat','num_frames':1000,'size':'512x512'}");
            assertEquals(504, late.statusCode());
            assertTrue(VideoClient.error(late).get("message").contains("tachyscope.video.sync-timeout"));
            client.completed(client.create("{'prompt':'a cat','num_frames':1,'size':'256x256'}"));
        }
    }
}
