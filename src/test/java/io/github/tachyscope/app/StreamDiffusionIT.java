package io.github.tachyscope.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.github.tachyscope.testkit.LibWebRtcPeer;
import io.github.tachyscope.testkit.SmallModels;
import io.github.tachyscope.testkit.StandInHub;
import io.github.tachyscope.testkit.VideoFeed.Colour;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.Pointer;
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

    private static final String START =
            json("{'pipeline_ids':['streamdiffusion'],'input_mode':'video','t_index_list':[20]}");

    /** Classes used for the first time keep a few native objects; a model has many more. */
    private static final int CONSTANTS = 16;

    /** Distance of mean colours by which a change is seen. */
    private static final double DIFFERENT = 5;

    /** Distance of mean colours that codec and movement of the camera make at most. */
    private static final double UNCHANGED = 4;

    private static final double ALIKE = 30;

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
                Map.of(
                        "tachyscope.models.hub-url",
                        hub.address().toString(),
                        "tachyscope.models.max-downloads",
                        "8",
                        "tachyscope.models.min-free-space",
                        "0"));
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
    void everythingChangesLiveInOneSessionAndNothingStaysBehind() throws Exception {
        long before = Pointer.totalCount();
        loadWithStyle();
        assertTrue(Pointer.totalCount() > before + 4 * CONSTANTS, "the weights count");
        try (LiveClient client = LiveClient.camera(server)) {
            client.connect(START);
            String session = client.sessionId();
            client.pushPictures(10);
            changes(client, "{'prompts':[{'text':'a cat','weight':1},{'text':'rain','weight':0.5}]}");
            changes(client, "{'lora_scales':[{'path':'peft_style.safetensors','scale':10}]}");
            changes(client, "{'lora_scales':[{'path':'peft_style.safetensors','scale':-10}]}");
            changes(client, "{'t_index_list':[5,30,45]}");
            changes(client, "{'t_index_list':[20]}");
            changes(client, "{'num_inference_steps':30}");
            changes(client, "{'guidance_scale':3,'cfg_type':'full','negative_prompt':'blue'}");
            changes(client, "{'transition':{'target_prompts':[{'text':'dog'}],'num_steps':4}}");
            changes(client, "{'strength':0.9}");
            changes(client, "{'strength':0.2}");
            skipsSimilarFrames(client);
            assertEquals(List.of(), client.notices("error"));

            Colour as = client.video.mean();
            refused(client, "{'guidance_scale':9}", "guidance_scale must be between 0 and 8");
            refused(client, "{'strength':1.5}", "strength must be between 0 and 1");
            refused(client, "{'t_index_list':[3,60]}", "t_index_list each item must be between 0 and 49");
            refused(
                    client,
                    "{'lora_scales':[{'path':'peft_style.safetensors','scale':11}]}",
                    "lora_scales needs a scale between -10 and 10");
            client.pushPictures(3);
            // A model of random weights makes much of the noise that the codec leaves: alike, not equal.
            assertTrue(client.video.mean().distance(as) < ALIKE, client.video.mean() + " instead of " + as);
            assertEquals(session, client.sessionId());
            JsonNode figures = client.figures();
            assertEquals("streaming", figures.path("state").asText());
            assertEquals(0, figures.path("chunks_failed").asInt(), figures::toString);
        }
        server.load("passthrough");
        LibWebRtcPeer.await("native memory as before, " + before, () -> Pointer.totalCount() <= before + CONSTANTS);
    }

    @Test
    void aScaleSlidesWhileSeveralFramesAreUnderWay() throws Exception {
        loadWithStyle();
        try (LiveClient client = LiveClient.camera(server)) {
            client.connect("{}");
            client.pushPictures(5);
            for (int scale = 1; scale <= 10; scale += 3) {
                client.send(json("{'lora_scales':[{'path':'peft_style.safetensors','scale':" + scale + "}]}"));
                client.pushPictures(3);
            }
            assertEquals(List.of(), client.notices("error"));
        }
    }

    @Test
    void theLargerFamilyStreamsToo() throws Exception {
        load(SmallModels.SDXL, List.of());
        try (LiveClient client = LiveClient.camera(server)) {
            client.connect(START);
            client.pushPictures(5);
            changes(client, "{'prompts':[{'text':'a cat'}],'t_index_list':[5,30]}");
            assertEquals(List.of(), client.notices("error"));
        }
    }

    /** The camera gets darker: nothing is seen of that while every frame counts as similar. */
    private static void skipsSimilarFrames(LiveClient client) throws Exception {
        client.video.grey(230);
        changes(client, "{}");
        client.pushPictures(5);
        client.send(json("{'similar_image_filter_enabled':true,'similar_image_filter_threshold':0,"
                + "'similar_image_filter_max_skip_frame':1000}"));
        client.pushPictures(5);
        Colour bright = client.video.mean();
        client.video.grey(170);
        client.pushPictures(10);
        assertTrue(client.video.mean().distance(bright) < UNCHANGED, client.video.mean() + " instead of " + bright);
        changes(client, "{'similar_image_filter_enabled':false}");
        client.pushPictures(5);
    }

    /** Changes parameters and waits until that is seen. */
    private static void changes(LiveClient client, String update) throws Exception {
        Colour before = client.video.mean();
        client.send(json(update));
        LibWebRtcPeer.pushUntil(
                client.video,
                "other pictures than " + before + " by " + update,
                () -> client.video.mean().distance(before) > DIFFERENT);
    }

    private static void refused(LiveClient client, String update, String said) throws Exception {
        int before = client.notices("error").size();
        client.send(json(update));
        LibWebRtcPeer.pushUntil(
                client.video,
                "a notification of " + update,
                () -> errors(client).size() > before);
        String message = errors(client).get(before).path("message").asText();
        assertTrue(message.startsWith(said), message);
    }

    private static List<JsonNode> errors(LiveClient client) {
        try {
            return client.notices("error");
        } catch (Exception broken) {
            throw new AssertionError(broken);
        }
    }

    private static String json(String text) {
        return text.replace('\'', '"');
    }
}
