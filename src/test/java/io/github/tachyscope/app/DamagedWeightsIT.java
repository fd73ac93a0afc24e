package io.github.tachyscope.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.tachyscope.diffusion.tiny.ModelFolder;
import io.github.tachyscope.tensor.Torch;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model whose file is damaged: the client is told which one, and the server goes on. */
class DamagedWeightsIT {
    @Test
    void aDamagedFileIsToldAndEverythingElseStillLoads(@TempDir Path directory) throws Exception {
        Torch.require();
        Path model = directory.resolve("model");
        ModelFolder.write(model);
        Path file = model.resolve("unet").resolve("diffusion_pytorch_model.safetensors");
        byte[] sound = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(sound, sound.length / 2));
        try (RunningServer server = RunningServer.start(
                directory,
                Map.of("tachyscope.pipelines.preload", "", "tachyscope.pipelines.tiny.weights", model.toString()))) {
            HttpResponse<String> reply = server.post("/api/v1/pipeline/load", "{\"pipeline_ids\": [\"tiny\"]}");
            assertEquals(200, reply.statusCode(), reply.body());
            JsonNode status = server.await(
                    "/api/v1/pipeline/status",
                    now -> now.path("status").asText().equals("error"));
            assertTrue(status.path("error").asText().contains("diffusion_pytorch_model.safetensors"), status::toString);

            server.load("synthetic");
            try (LiveClient client = LiveClient.viewing(server, "{}")) {
                client.awaitPictures(3);
            }
            Files.write(file, sound);
            server.load("tiny");
        }
    }
}
