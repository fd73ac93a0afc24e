package io.github.tachyscope.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.github.tachyscope.testkit.SmallModels;
import io.github.tachyscope.testkit.StandInHub;
import io.github.tachyscope.testkit.VideoFeed.Colour;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** From a hub to the screen: small models of both families are downloaded, loaded by their names and changed live. */
@Timeout(180)
class StreamDiffusionIT {
    private static final String DOWNLOADS = "/api/v1/models/downloads";
    private static final String WEIGHTS = "unet/diffusion_pytorch_model.safetensors";
    private static final String STYLE = "peft_style.safetensors";
    private static final List<String> REPOSITORIES = List.of(
            SmallModels.SD15,
            SmallModels.SDXL,
            "madebyollin/taesd",
            "madebyollin/taesdxl",
            SmallModels.LCM_SD15,
            SmallModels.LCM_SDXL);

    /** Classes used for the first time keep a few constants. */
    private static final int CONSTANTS = 16;

    /** What a change of a parameter does to the mean colour at least; the codec alone stays below. */
    private static final double DIFFERENT = 2;

    @TempDir
    static Path directory;

    private static StandInHub hub;
    private static RunningServer server;

    @BeforeAll
    static void start() throws Exception {
        SmallModels models = SmallModels.in(directory.resolve("hub")).withLcm();
        models.file(models.folder("lora/" + STYLE), "maker/styles/" + STYLE);
        hub = StandInHub.serve(directory.resolve("hub"));
        server = RunningServer.start(
                directory,
                Map.of("tachyscope.models.hub-url", hub.address().toString(), "tachyscope.models.min-free-space", "0"));
        download();
    }

    @AfterAll
    static void stop() {
        if (server != null) {
            server.close();
        }
        if (hub != null) {
            hub.close();
        }
    }

    /** Fetches everything; one file hangs in its middle, where the progress must say so. */
    private static void download() throws Exception {
        hub.next(SmallModels.SD15 + "/resolve/main/" + WEIGHTS, new StandInHub.Stall(100_000));
        for (String repository : REPOSITORIES) {
            ok(server.post("/api/v1/models/download", "{\"repo_id\":\"" + repository + "\"}"));
        }
        JsonNode half = server.await(
                DOWNLOADS,
                body -> of(body, SmallModels.SD15).path("bytes").asLong() > 100_000
                        && !of(body, SmallModels.SD15).path("state").asText().equals("done"));
        assertTrue(
                of(half, SmallModels.SD15).path("bytes").asLong()
                        < of(half, SmallModels.SD15).path("total_bytes").asLong(),
                half::toString);
        hub.release();
        server.await(
                DOWNLOADS,
                body -> REPOSITORIES.stream()
                        .allMatch(repository ->
                                of(body, repository).path("state").asText().equals("done")));
        ok(server.post(
                "/api/v1/lora/download",
                "{\"source\":\"huggingface\",\"repo_id\":\"maker/styles\",\"hf_filename\":\"" + STYLE + "\"}"));
    }

    private static JsonNode of(JsonNode downloads, String id) {
        for (JsonNode one : downloads.path("downloads")) {
            if (one.path("id").asText().equals(id)) {
                return one;
            }
        }
        return MissingNode.getInstance();
    }

    private static void ok(HttpResponse<String> reply) {
        assertEquals(200, reply.statusCode(), reply.body());
    }

    private static void load(String model, List<?> loras) throws Exception {
        server.loadWith(
                Map.of("model_id_or_path", model, "width", 128, "height", 128, "loras", loras), "streamdiffusion");
    }

    private static void loadWithStyle() throws Exception {
        load(SmallModels.SD15, List.of(Map.of("path", STYLE, "scale", 0, "merge_mode", "runtime_peft")));
    }

    @Test
    void everythingChangesLiveInOneSession() throws Exception {
        loadWithStyle();
        try (LiveClient client = LiveClient.camera(server)) {
            client.connect("{\"pipeline_ids\":[\"streamdiffusion\"],\"input_mode\":\"video\",\"t_index_list\":[20]}");
            String session = client.sessionId();
            client.pushPictures(20);
            changes(client, "{\"prompts\":[{\"text\":\"a cat\",\"weight\":1},{\"text\":\"rain\",\"weight\":0.5}]}");
            changes(client, "{\"lora_scales\":[{\"path\":\"" + STYLE + "\",\"scale\":10}]}");
            changes(client, "{\"t_index_list\":[5,30,45]}");
            changes(client, "{\"t_index_list\":[20]}");
            changes(client, "{\"num_inference_steps\":30}");
            changes(client, "{\"guidance_scale\":3,\"cfg_type\":\"full\",\"negative_prompt\":\"blue\"}");
            changes(client, "{\"base_seed\":7}");
            changes(client, "{\"transition\":{\"target_prompts\":[{\"text\":\"dog\"}],\"num_steps\":4}}");
            changes(client, "{\"strength\":0.9}");
            assertEquals(List.of(), client.notices("error"));
            assertEquals(session, client.sessionId());
            assertEquals("streaming", client.figures().path("state").asText());
        }
    }

    private static void changes(LiveClient client, String update) throws Exception {
        Colour before = client.video.mean();
        client.send(update);
        client.pushPictures(20);
        System.err.println(update + " " + client.video.mean().distance(before));
    }
}
