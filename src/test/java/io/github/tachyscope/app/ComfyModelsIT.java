package io.github.tachyscope.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.tachyscope.app.ComfyClient.Binary;
import io.github.tachyscope.app.ComfyClient.Heard;
import io.github.tachyscope.app.ComfyClient.Socket;
import io.github.tachyscope.testkit.SmallModels;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** Graphs on a real, small model, with previews; on a second port, and without a stand-in. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ComfyModelsIT {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private static Path directory;

    private static RunningServer server;
    private static ComfyClient client;

    @BeforeAll
    static void start() throws Exception {
        SmallModels.in(directory.resolve("models"));
        start(Map.of());
    }

    private static void start(Map<String, String> more) throws Exception {
        Map<String, String> settings = new java.util.HashMap<>(Map.of(
                "tachyscope.comfy.stand-in", "",
                "tachyscope.comfy.aliases.\"my checkpoint.safetensors\"", SmallModels.SD15,
                "tachyscope.comfy.limits.steps", "40",
                "tachyscope.comfy.limits.frames", "8",
                "tachyscope.comfy.cors-origin", "https://studio.example",
                "tachyscope.comfy.listener.enabled", "true",
                "tachyscope.comfy.listener.port", "0",
                "tachyscope.engine.preview-share", "1"));
        settings.putAll(more);
        server = RunningServer.start(directory, settings);
        client = new ComfyClient(server.comfyUrl());
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static String graph(String prompt, int steps) {
        return ComfyGraphs.picture(prompt, 5, steps, 1)
                .replace("v1-5-pruned-emaonly.safetensors", "my checkpoint.safetensors");
    }

    private static List<byte[]> pictures(List<Heard> heard) {
        List<byte[]> pictures = new ArrayList<>();
        heard.forEach(each -> {
            if (each instanceof Binary binary) {
                pictures.add(binary.bytes());
            }
        });
        return pictures;
    }

    private static void assertJpeg(byte[] frame, int from) throws Exception {
        BufferedImage image = ImageIO.read(new ByteArrayInputStream(frame, from, frame.length - from));
        assertEquals((byte) 0xff, frame[from]);
        assertEquals((byte) 0xd8, frame[from + 1]);
        assertEquals(512, Math.max(image.getWidth(), image.getHeight()));
    }

    @Test
    @Order(1)
    void onlyModelsThatAreHereAreListedAndTaken() throws Exception {
        JsonNode names = client.json("/models/checkpoints");
        assertEquals("[\"my checkpoint.safetensors\",\"small/sd15\",\"small/sdxl\"]", names.toString());
        assertEquals("[]", client.json("/models/diffusion_models").toString());
        assertTrue(client.json("/models/loras").isArray());
        HttpResponse<byte[]> unknown = client.submit(ComfyClient.body(ComfyGraphs.picture("x", 1, 1, 1)));
        assertEquals(400, unknown.statusCode());
        assertTrue(ComfyClient.text(unknown).contains("value_not_in_list"), () -> ComfyClient.text(unknown));
        HttpResponse<byte[]> wan = client.submit(ComfyClient.body(ComfyGraphs.video(480, 320, 5, 2)));
        assertTrue(ComfyClient.text(wan).contains("value_not_in_list"), () -> ComfyClient.text(wan));
    }

    @Test
    @Order(2)
    void aGraphRunsOnItsModelWithPreviews() throws Exception {
        try (Socket socket = client.connect("plain")) {
            String id = client.submitted(graph("a red fox", 12), "plain");
            List<byte[]> previews = pictures(socket.untilIdle(id));
            JsonNode entry = client.history(id);
            assertEquals("success", entry.path("status").path("status_str").asText(), entry::toString);
            assertFalse(entry.has("remarks"), entry::toString);
            assertFalse(previews.isEmpty(), "no preview came");
            for (byte[] preview : previews) {
                ByteBuffer frame = ByteBuffer.wrap(preview);
                assertEquals(1, frame.getInt());
                assertEquals(1, frame.getInt());
                assertJpeg(preview, 8);
            }
        }
    }

    @Test
    @Order(3)
    void previewsSayWhatTheyAreOfToThoseWhoAsk() throws Exception {
        try (Socket socket = client.connect("asks")) {
            socket.say("{\"type\":\"feature_flags\",\"data\":{\"supports_preview_metadata\":true}}");
            socket.next("feature_flags");
            String id = client.submitted(graph("a green fox", 12), "asks");
            List<byte[]> previews = pictures(socket.untilIdle(id));
            assertFalse(previews.isEmpty(), "no preview came");
            for (byte[] preview : previews) {
                ByteBuffer frame = ByteBuffer.wrap(preview);
                assertEquals(4, frame.getInt());
                int length = frame.getInt();
                JsonNode metadata = JSON.readTree(new String(preview, 8, length, StandardCharsets.UTF_8));
                assertEquals("3", metadata.path("node_id").asText());
                assertEquals(id, metadata.path("prompt_id").asText());
                assertEquals("image/jpeg", metadata.path("image_type").asText());
                assertJpeg(preview, 8 + length);
            }
        }
    }

    @Test
    @Order(4)
    void aPromptChoosesItsPreviewMethod() throws Exception {
        try (Socket socket = client.connect("without")) {
            ObjectNode body = ComfyClient.body(graph("a blue fox", 12)).put("client_id", "without");
            body.putObject("extra_data").put("preview_method", "none");
            assertEquals(List.of(), pictures(socket.untilIdle(client.submitted(body))));
        }
    }

    @Test
    @Order(5)
    void equalGraphsMakeEqualPictures() throws Exception {
        List<byte[]> made = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            JsonNode image = client.ended(client.submitted(ComfyClient.body(graph("the same", 2))))
                    .path("outputs")
                    .path("9")
                    .path("images")
                    .path(0);
            made.add(client.get("/view?filename=" + image.path("filename").asText())
                    .body());
        }
        org.junit.jupiter.api.Assertions.assertArrayEquals(made.get(0), made.get(1));
    }

    @Test
    @Order(6)
    void whatTheOperatorLimitsIsRefused() throws Exception {
        HttpResponse<byte[]> steps = client.submit(ComfyClient.body(graph("x", 41)));
        assertEquals(400, steps.statusCode());
        JsonNode fault = ComfyClient.json(steps)
                .path("node_errors")
                .path("3")
                .path("errors")
                .path(0);
        assertEquals("value_bigger_than_max", fault.path("type").asText());
        assertTrue(fault.path("message").asText().contains("tachyscope.comfy.limits.steps"));
        HttpResponse<byte[]> batch =
                client.submit(ComfyClient.body(graph("x", 1).replace("\"batch_size\": 1", "\"batch_size\": 9")));
        assertTrue(ComfyClient.text(batch).contains("limits.frames"), () -> ComfyClient.text(batch));
    }

    @Test
    @Order(7)
    void theOriginThatWasNamedMayCall() throws Exception {
        HttpResponse<byte[]> reply = client.send(client.request("/queue").header("Origin", "https://studio.example"));
        assertEquals(200, reply.statusCode());
        assertEquals(List.of("https://studio.example"), reply.headers().allValues("Access-Control-Allow-Origin"));
        assertEquals(List.of("true"), reply.headers().allValues("Access-Control-Allow-Credentials"));
    }

    @Test
    @Order(8)
    void bothPortsServeTheSame() throws Exception {
        assertFalse(server.comfyUrl().equals(server.url()));
        assertEquals(200, new ComfyClient(server.url()).get("/queue").statusCode());
        assertEquals(200, client.get("/").statusCode());
        assertEquals(200, client.get("/health").statusCode());
    }

    @Test
    @Order(9)
    void theHistoryOutlivesTheServer() throws Exception {
        String id = client.submitted(ComfyClient.body(graph("remembered", 1)));
        JsonNode before = client.ended(id);
        server.close();
        start(Map.of());
        assertEquals(before, client.history(id));
        String name = before.path("outputs")
                .path("9")
                .path("images")
                .path(0)
                .path("filename")
                .asText();
        assertEquals(200, client.get("/view?filename=" + name).statusCode());
    }
}
