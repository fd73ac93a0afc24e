package io.github.tachyscope.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.tachyscope.app.ComfyClient.Binary;
import io.github.tachyscope.app.ComfyClient.Heard;
import io.github.tachyscope.app.ComfyClient.Socket;
import io.github.tachyscope.app.ComfyClient.Text;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole server, asked as scripts and tools for ComfyUI ask. A quick pipeline draws in place of their models. */
class ComfyFaceIT {
    /** A prompt takes seconds: 50 steps of 10 ms, for each of many chunks. */
    private static String slow(String prompt) {
        return ComfyGraphs.picture(prompt, 1, 50, 200);
    }

    @TempDir
    private static Path directory;

    private static RunningServer server;
    private static ComfyClient client;

    @BeforeAll
    static void start() throws Exception {
        server = RunningServer.start(
                directory,
                Map.of(
                        "tachyscope.jobs.parallel", "1",
                        "tachyscope.comfy.stand-in", "synthetic",
                        "tachyscope.pipelines.synthetic.step-cost", "10 ms"));
        client = new ComfyClient(server.url());
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static List<String> brief(List<Heard> heard) {
        List<String> brief = new ArrayList<>();
        for (Heard each : heard) {
            if (each instanceof Text text && !text.type().equals("progress_state")) {
                JsonNode data = text.data();
                brief.add(
                        switch (text.type()) {
                            case "executing", "executed" ->
                                text.type() + " " + data.path("node").asText();
                            case "progress" -> "progress " + data.path("value").asInt();
                            case "status" ->
                                "status "
                                        + data.path("status")
                                                .path("exec_info")
                                                .path("queue_remaining")
                                                .asInt();
                            default -> text.type();
                        });
            } else if (each instanceof Binary) {
                brief.add("binary");
            }
        }
        return brief;
    }

    // --- what scripts do ---------------------------------------------------------------------------------------------

    @Test
    void aScriptThatListensHearsAllInOrderAndThenReadsTheHistory() throws Exception {
        try (Socket socket = client.connect("script-1")) {
            // So that nothing is known of other tests.
            client.post("/free", "{\"unload_models\": true}");
            String id = client.submitted(ComfyGraphs.picture("a fox that listens", 5, 3, 1), "script-1");
            List<Heard> heard = socket.untilIdle(id);
            JsonNode entry = client.history(id);
            assertEquals(
                    List.of(
                            "status 1",
                            "execution_start",
                            "execution_cached",
                            "executing 4",
                            "executing 6",
                            "executing 7",
                            "executing 5",
                            "executing 3",
                            "progress 1",
                            "progress 2",
                            "progress 3",
                            "executing 8",
                            "executing 9",
                            "executed 9",
                            "execution_success",
                            "status 0",
                            "executing null"),
                    brief(heard));
            JsonNode picture = entry.path("outputs").path("9").path("images").path(0);
            assertEquals("output", picture.path("type").asText(), entry::toString);
            assertEquals("", picture.path("subfolder").asText());
            assertTrue(picture.path("filename").asText().matches("ComfyUI_\\d{5}_\\.png"), picture::toString);
            assertEquals("success", entry.path("status").path("status_str").asText());
            assertTrue(entry.path("status").path("completed").asBoolean());
            assertEquals(
                    List.of("execution_start", "execution_cached", "execution_success"),
                    entry.path("status")
                            .path("messages")
                            .valueStream()
                            .map(message -> message.path(0).asText())
                            .toList());
            assertEquals("9", entry.path("meta").path("9").path("node_id").asText());
            assertEquals(id, entry.path("prompt").path(1).asText());
            assertEquals(
                    "script-1", entry.path("prompt").path(3).path("client_id").asText());
            assertTrue(entry.path("prompt").path(3).path("create_time").asLong() > 0);
            assertEquals("9", entry.path("prompt").path(4).path(0).asText());
            assertTrue(entry.path("remarks").toString().contains("synthetic drew in place of v1-5"), entry::toString);
            HttpResponse<byte[]> view =
                    client.get("/view?filename=" + picture.path("filename").asText() + "&subfolder=&type=output");
            assertEquals(200, view.statusCode());
            assertEquals("image/png", view.headers().firstValue("Content-Type").orElseThrow());
            BufferedImage image = ImageIO.read(new ByteArrayInputStream(view.body()));
            assertEquals(64, image.getWidth());
        }
    }

    @Test
    void aScriptThatPollsGetsItsPictures() throws Exception {
        String id = client.submitted(ComfyClient.body(ComfyGraphs.picture("a fox that polls", 6, 2, 3)));
        JsonNode entry = client.ended(id);
        JsonNode images = entry.path("outputs").path("9").path("images");
        assertEquals(3, images.size(), entry::toString);
        List<String> numbers = images.valueStream()
                .map(image -> image.path("filename").asText().replaceAll("\\D", ""))
                .toList();
        int first = Integer.parseInt(numbers.get(0));
        assertEquals(
                List.of(first, first + 1, first + 2),
                numbers.stream().map(Integer::valueOf).toList());
    }

    @Test
    void everyPathIsThereTwice() throws Exception {
        for (String path : List.of(
                "/prompt",
                "/queue",
                "/history",
                "/system_stats",
                "/object_info",
                "/models",
                "/embeddings",
                "/extensions",
                "/features")) {
            assertEquals(200, client.get(path).statusCode(), path);
            assertEquals(200, client.get("/api" + path).statusCode(), path);
        }
        HttpResponse<byte[]> reply = client.post(
                "/api/prompt",
                ComfyClient.body(ComfyGraphs.picture("by the other way", 1, 1, 1))
                        .toString());
        assertEquals(200, reply.statusCode(), () -> ComfyClient.text(reply));
        client.ended(ComfyClient.json(reply).path("prompt_id").asText());
    }

    @Test
    void theLargestSeedIsTakenAndGivenBack() throws Exception {
        String id = client.submitted(ComfyClient.body(ComfyGraphs.picture("a large seed", -1, 1, 1)));
        JsonNode entry = client.ended(id);
        assertEquals(
                "18446744073709551615",
                entry.path("prompt")
                        .path(2)
                        .path("3")
                        .path("inputs")
                        .path("seed")
                        .asText());
        assertEquals("success", entry.path("status").path("status_str").asText());
    }

    @Test
    void picturesCarryTheirGraph() throws Exception {
        ObjectNode body = ComfyClient.body(ComfyGraphs.picture("a graph inside", 1, 1, 1));
        body.putObject("extra_data")
                .putObject("extra_pnginfo")
                .putObject("workflow")
                .put("id", "w-1");
        String id = client.submitted(body);
        JsonNode image =
                client.ended(id).path("outputs").path("9").path("images").path(0);
        String file = new String(
                client.get("/view?filename=" + image.path("filename").asText()).body(),
                java.nio.charset.StandardCharsets.ISO_8859_1);
        assertTrue(file.contains("a graph inside") && file.contains("\"id\":\"w-1\""));
        JsonNode job = client.json("/api/jobs/" + id);
        assertEquals("w-1", job.path("workflow_id").asText());
        assertEquals("completed", job.path("status").asText());
        assertEquals(1, job.path("outputs_count").asInt());
        assertEquals(
                1,
                client.json("/api/jobs?workflow_id=w-1")
                        .path("pagination")
                        .path("total")
                        .asInt());
    }

    @Test
    void aGraphThatComesAgainNamesWhatItKnows() throws Exception {
        try (Socket socket = client.connect("again")) {
            String graph = ComfyGraphs.picture("the same fox again", 5, 1, 1);
            String first = client.submitted(graph, "again");
            socket.untilIdle(first);
            String second = client.submitted(graph, "again");
            List<Heard> heard = socket.untilIdle(second);
            List<String> cached = heard.stream()
                    .filter(each -> each instanceof Text text && text.type().equals("execution_cached"))
                    .flatMap(each -> ((Text) each).data().path("nodes").valueStream())
                    .map(JsonNode::asText)
                    .toList();
            assertEquals(List.of("4", "5", "6", "7"), cached);
            assertEquals(
                    List.of("executing 3", "progress 1", "executing 8", "executing 9", "executed 9"),
                    brief(heard).subList(3, 8));
        }
    }

    @Test
    void picturesComeOverTheSocketOneAfterTheOther() throws Exception {
        try (Socket socket = client.connect("socket-pictures")) {
            String id = client.submitted(ComfyGraphs.overTheSocket("a fox for the socket", 3), "socket-pictures");
            String current = "";
            int pictures = 0;
            for (Heard each : socket.untilIdle(id)) {
                if (each instanceof Text text && text.type().equals("executing")) {
                    current = text.data().path("node").asText();
                } else if (each instanceof Binary binary) {
                    assertEquals("9", current);
                    ByteBuffer frame = ByteBuffer.wrap(binary.bytes());
                    assertEquals(1, frame.getInt());
                    assertEquals(2, frame.getInt());
                    BufferedImage image =
                            ImageIO.read(new ByteArrayInputStream(binary.bytes(), 8, binary.bytes().length - 8));
                    assertEquals(64, image.getWidth());
                    pictures++;
                }
            }
            assertEquals(3, pictures);
            assertEquals(0, client.history(id).path("outputs").size());
        }
    }

    // --- Open WebUI --------------------------------------------------------------------------------------------------

    @Test
    void aVideoToolGetsItsFramesUnderPlainNames() throws Exception {
        HttpResponse<byte[]> reply = client.send(client.request("/prompt")
                .header("Content-Type", "application/json")
                .header("Authorization", "Bearer not-asked-for")
                .POST(BodyPublishers.ofString(ComfyClient.body(ComfyGraphs.video(480, 320, 33, 2))
                        .put("client_id", "owui-vid-42")
                        .toString())));
        assertEquals(200, reply.statusCode(), () -> ComfyClient.text(reply));
        String id = ComfyClient.json(reply).path("prompt_id").asText();
        assertTrue(ComfyClient.json(reply).path("node_errors").isObject());
        JsonNode entry = client.ended(id);
        assertEquals("success", entry.path("status").path("status_str").asText(), entry::toString);
        List<String> urls = new ArrayList<>();
        entry.path("outputs")
                .forEach(output -> output.path("images").forEach(image -> {
                    assertEquals("output", image.path("type").asText());
                    urls.add("/view?filename=" + image.path("filename").asText());
                }));
        assertEquals(33, urls.size());
        for (int i = 0; i < urls.size(); i++) {
            assertEquals("/view?filename=OpenWebUI_video_" + String.format("%05d", i + 1) + "_.png", urls.get(i));
            HttpResponse<byte[]> picture = client.get(urls.get(i));
            assertEquals(200, picture.statusCode(), urls.get(i));
            assertEquals(
                    480, ImageIO.read(new ByteArrayInputStream(picture.body())).getWidth());
        }
    }

    @Test
    void positionsInTheQueueAreThoseOfExecutionAndNoPollFindsAHole() throws Exception {
        String running = client.submitted(ComfyClient.body(slow("in front")));
        client.queue(queue -> ComfyClient.ids(queue.path("queue_running")).contains(running));
        String second = client.submitted(ComfyClient.body(ComfyGraphs.picture("second", 2, 1, 1)));
        String third = client.submitted(ComfyClient.body(ComfyGraphs.picture("third", 3, 1, 1)));
        String first = client.submitted(
                ComfyClient.body(ComfyGraphs.picture("first", 4, 1, 1)).put("front", true));
        JsonNode queue = client.json("/queue");
        assertEquals(List.of(first, second, third), ComfyClient.ids(queue.path("queue_pending")));
        assertTrue(queue.path("queue_pending").path(0).path(0).asLong() < 0, queue::toString);
        assertEquals(
                4,
                client.json("/prompt").path("exec_info").path("queue_remaining").asInt());
        assertEquals(0, client.json("/history/" + running).size());

        assertEquals(200, client.post("/interrupt", "").statusCode());
        long deadline = System.nanoTime() + 60_000_000_000L;
        List<String> left = new ArrayList<>(List.of(running, first, second, third));
        while (!left.isEmpty()) {
            assertTrue(System.nanoTime() < deadline, left::toString);
            JsonNode now = client.json("/queue");
            List<String> queued = new ArrayList<>(ComfyClient.ids(now.path("queue_running")));
            queued.addAll(ComfyClient.ids(now.path("queue_pending")));
            for (String id : List.copyOf(left)) {
                if (!queued.contains(id)) {
                    assertTrue(client.history(id).isObject(), id + " is neither in the queue nor in the history");
                    left.remove(id);
                }
            }
            Thread.sleep(1);
        }
        assertEquals(
                "error",
                client.history(running).path("status").path("status_str").asText());
        assertEquals(
                "success",
                client.history(third).path("status").path("status_str").asText());
    }

    // --- ends --------------------------------------------------------------------------------------------------------

    @Test
    void anInterruptEndsWhatRunsAndTheNextOneRuns() throws Exception {
        try (Socket socket = client.connect("interrupting");
                Socket other = client.connect("bystander")) {
            String long1 = client.submitted(slow("interrupted"), "interrupting");
            socket.next("progress");
            String next = client.submitted(ComfyGraphs.picture("after it", 1, 1, 1), "interrupting");
            assertEquals(
                    200,
                    client.post("/interrupt", "{\"prompt_id\": \"" + next + "\"}")
                            .statusCode());
            assertEquals(
                    200,
                    client.post("/interrupt", "{\"prompt_id\": \"" + long1 + "\"}")
                            .statusCode());
            Text interrupted = socket.next("execution_interrupted");
            assertEquals("3", interrupted.data().path("node_id").asText());
            assertEquals("KSampler", interrupted.data().path("node_type").asText());
            assertEquals(
                    long1,
                    other.next("execution_interrupted").data().path("prompt_id").asText());
            socket.untilIdle(long1);
            JsonNode entry = client.history(long1);
            assertEquals("error", entry.path("status").path("status_str").asText());
            assertEquals(false, entry.path("status").path("completed").asBoolean());
            assertTrue(entry.path("status").path("messages").toString().contains("execution_interrupted"));
            socket.untilIdle(next);
            assertEquals(
                    "success",
                    client.history(next).path("status").path("status_str").asText());
        }
    }

    @Test
    void waitingPromptsAreDeletedAndClearedAndRunningOnesStay() throws Exception {
        String running = client.submitted(ComfyClient.body(slow("stays")));
        client.queue(queue -> ComfyClient.ids(queue.path("queue_running")).contains(running));
        String one = client.submitted(ComfyClient.body(ComfyGraphs.picture("one", 1, 1, 1)));
        String two = client.submitted(ComfyClient.body(ComfyGraphs.picture("two", 1, 1, 1)));
        assertEquals(
                200,
                client.post("/queue", "{\"delete\": [\"" + one + "\", \"" + running + "\", \"none\"]}")
                        .statusCode());
        JsonNode queue = client.json("/queue");
        assertEquals(List.of(two), ComfyClient.ids(queue.path("queue_pending")));
        assertEquals(List.of(running), ComfyClient.ids(queue.path("queue_running")));
        assertEquals(200, client.post("/queue", "{\"clear\": true}").statusCode());
        assertEquals(0, client.json("/queue").path("queue_pending").size());
        assertEquals(0, client.json("/history/" + one).size());
        assertEquals("{\"cancelled\":true}", ComfyClient.text(client.post("/api/jobs/" + running + "/cancel", "")));
        client.ended(running);
        assertEquals(
                "{\"cancelled\":false}",
                ComfyClient.text(client.post("/api/jobs/cancel", "{\"job_ids\": [\"" + running + "\"]}")));
        assertEquals(
                "cancelled", client.json("/api/jobs/" + running).path("status").asText());
    }

    @Test
    void theHistoryIsDeletedAndFilesStay() throws Exception {
        String id = client.submitted(ComfyClient.body(ComfyGraphs.picture("to be forgotten", 1, 1, 1)));
        String name = client.ended(id)
                .path("outputs")
                .path("9")
                .path("images")
                .path(0)
                .path("filename")
                .asText();
        assertEquals(
                200, client.post("/history", "{\"delete\": [\"" + id + "\"]}").statusCode());
        assertEquals(0, client.json("/history/" + id).size());
        assertEquals(200, client.get("/view?filename=" + name).statusCode());
        assertEquals(404, client.get("/api/jobs/" + id).statusCode());
    }

    @Test
    void theHistoryIsReadInParts() throws Exception {
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            ids.add(client.submitted(ComfyClient.body(ComfyGraphs.picture("part " + i, 1, 1, 1))));
            client.ended(ids.get(i));
        }
        List<String> newest = new ArrayList<>();
        client.json("/history?max_items=2").fieldNames().forEachRemaining(newest::add);
        assertEquals(ids.subList(1, 3), newest);
        List<String> oldest = new ArrayList<>();
        client.json("/history?max_items=1&offset=0").fieldNames().forEachRemaining(oldest::add);
        assertEquals(1, oldest.size());
        assertNotEquals(ids.get(2), oldest.get(0));
    }

    @Test
    void aGraphThatCannotRunFailsWhereItEnds() throws Exception {
        try (Socket socket = client.connect("two-samplers")) {
            String graph = ComfyGraphs.picture("two in a row", 1, 1, 1)
                    .replace("\"samples\": [\"3\", 0]", "\"samples\": [\"13\", 0]")
                    .replace("\"4\": {", """
                            "13": {"class_type": "KSampler", "inputs": {"cfg": 8, "denoise": 0.5,
                                "latent_image": ["3", 0], "model": ["4", 0], "negative": ["7", 0],
                                "positive": ["6", 0], "sampler_name": "euler", "scheduler": "normal", "seed": 1,
                                "steps": 1}}, "4": {""");
            String id = client.submitted(graph, "two-samplers");
            Text error = socket.next("execution_error");
            assertTrue(List.of("3", "13").contains(error.data().path("node_id").asText()), error::toString);
            assertEquals("KSampler", error.data().path("node_type").asText());
            assertNotEquals("", error.data().path("exception_message").asText());
            assertTrue(error.data().path("traceback").isArray());
            socket.untilIdle(id);
            JsonNode entry = client.history(id);
            assertEquals("error", entry.path("status").path("status_str").asText());
            assertTrue(entry.path("status").path("messages").toString().contains("execution_error"), entry::toString);
        }
    }

    // --- refusals ----------------------------------------------------------------------------------------------------

    private void refused(ObjectNode body, String type) throws Exception {
        HttpResponse<byte[]> reply = client.submit(body);
        assertEquals(400, reply.statusCode(), () -> ComfyClient.text(reply));
        assertEquals(type, ComfyClient.json(reply).path("error").path("type").asText(), () -> ComfyClient.text(reply));
    }

    @Test
    void graphsThatCannotBeAcceptedAreRefusedWithReasons() throws Exception {
        String good = ComfyGraphs.picture("x", 1, 1, 1);
        refused(ComfyClient.body("{}").put("other", 1), "prompt_no_outputs");
        assertEquals(
                "no_prompt",
                ComfyClient.json(client.post("/prompt", "{}"))
                        .path("error")
                        .path("type")
                        .asText());
        assertEquals(400, client.post("/prompt", "{").statusCode());
        refused(ComfyClient.body(good.replace("VAEDecode", "MyDecode")), "missing_node_type");
        refused(ComfyClient.body(good.replace("\"steps\": 1", "\"steps\": 20000")), "prompt_outputs_failed_validation");
        refused(ComfyClient.body(good).put("prompt_id", "ABC"), "invalid_prompt_id");
        refused(
                ComfyClient.body(good.replace("v1-5-pruned-emaonly.safetensors", "nothing.safetensors")),
                "prompt_outputs_failed_validation");
        String commented = good.replaceFirst("\\{", "{\"_comment\": \"made by hand\", \"_meta\": {\"a\": 1},");
        client.ended(client.submitted(ComfyClient.body(commented)));
    }

    @Test
    void anIdIsTakenOnce() throws Exception {
        String id = ComfyClient.newId();
        ObjectNode body = ComfyClient.body(ComfyGraphs.picture("once", 1, 1, 1)).put("prompt_id", id);
        assertEquals(id, client.submitted(body));
        HttpResponse<byte[]> again = client.submit(body);
        assertEquals(409, again.statusCode());
        assertEquals(
                "prompt_id already exists",
                ComfyClient.json(again).path("error").asText());
        client.ended(id);
        assertEquals(409, client.submit(body).statusCode());
    }

    @Test
    void aGoodOutputRunsBesideABadOne() throws Exception {
        String graph = ComfyGraphs.picture("one good output", 1, 1, 1)
                .replace("\"9\": {", "\"10\": {\"class_type\": \"PreviewImage\", \"inputs\": {}}, \"9\": {");
        HttpResponse<byte[]> reply = client.submit(ComfyClient.body(graph));
        assertEquals(200, reply.statusCode(), () -> ComfyClient.text(reply));
        JsonNode json = ComfyClient.json(reply);
        assertTrue(json.path("node_errors").has("10"), json::toString);
        assertEquals(
                1, client.ended(json.path("prompt_id").asText()).path("outputs").size());
    }

    // --- sockets -----------------------------------------------------------------------------------------------------

    @Test
    void aClientThatComesBackHearsWhatRunsAndItsOldSocketCloses() throws Exception {
        try (Socket old = client.connect("comes-back")) {
            String id = client.submitted(slow("while it comes back"), "comes-back");
            old.next("progress");
            try (Socket socket = client.connect("comes-back")) {
                Text executing = socket.next("executing");
                assertEquals("3", executing.data().path("node").asText());
                assertEquals(id, executing.data().path("prompt_id").asText());
                while (!(old.next() instanceof ComfyClient.Closed)) {
                    // What it heard before.
                }
                client.post("/interrupt", "{}");
                socket.untilIdle(id);
            }
        }
    }

    @Test
    void aClientWithoutAnIdIsGivenOneAndFeaturesAreExchangedOnce() throws Exception {
        try (Socket socket = client.open("")) {
            String sid = socket.next("status").data().path("sid").asText();
            assertTrue(sid.matches("[0-9a-f]{32}"), sid);
            socket.say("not for anybody");
            socket.say("{\"type\":\"feature_flags\",\"data\":{\"supports_preview_metadata\":true}}");
            JsonNode flags = socket.next("feature_flags").data();
            assertTrue(flags.path("supports_preview_metadata").asBoolean());
            assertEquals(104_857_600, flags.path("max_upload_size").asLong());
        }
    }

    // --- files -------------------------------------------------------------------------------------------------------

    private static byte[] png(int side) throws Exception {
        BufferedImage image = new BufferedImage(side, side, BufferedImage.TYPE_INT_ARGB);
        image.setRGB(0, 0, 0x80ff0000);
        java.io.ByteArrayOutputStream out = new java.io.ByteArrayOutputStream();
        ImageIO.write(image, "png", out);
        return out.toByteArray();
    }

    @Test
    void uploadsKeepTheirNameUnlessItIsTaken() throws Exception {
        byte[] cat = png(64);
        HttpResponse<byte[]> first = client.upload("cat.png", cat, "type", "input");
        assertEquals("{\"name\":\"cat.png\",\"subfolder\":\"\",\"type\":\"input\"}", ComfyClient.text(first));
        assertEquals("cat.png", name(client.upload("cat.png", cat)));
        assertEquals("cat (1).png", name(client.upload("cat.png", png(65))));
        assertEquals("cat (2).png", name(client.upload("/home/me/cat.png", png(66))));
        assertEquals("cat.png", name(client.upload("cat.png", png(67), "overwrite", "true")));
        assertTrue(Arrays.equals(
                png(67), client.get("/view?filename=cat.png&type=input").body()));
        JsonNode pets = ComfyClient.json(client.upload("dog.png", cat, "subfolder", "pets"));
        assertEquals("pets", pets.path("subfolder").asText());
        assertEquals(400, client.upload("x.png", cat, "subfolder", "../..").statusCode());
        assertEquals(400, client.upload("x.png", cat, "type", "secret").statusCode());
        assertEquals(400, client.post("/upload/image", "{}").statusCode());
        assertEquals(
                400,
                client.send(client.request("/upload/image")
                                .header("Content-Type", "multipart/form-data; boundary=b")
                                .POST(BodyPublishers.ofString("--b\r\nnonsense")))
                        .statusCode());
    }

    private static String name(HttpResponse<byte[]> reply) {
        assertEquals(200, reply.statusCode(), () -> ComfyClient.text(reply));
        return ComfyClient.json(reply).path("name").asText();
    }

    @Test
    void aPictureThatWasSentIsChangedByAGraph() throws Exception {
        assertEquals("start.png", name(client.upload("start.png", png(128))));
        String graph = ComfyGraphs.picture("from a picture", 1, 2, 1)
                .replace("\"latent_image\": [\"5\", 0]", "\"latent_image\": [\"11\", 0]")
                .replace("\"denoise\": 1", "\"denoise\": 0.7")
                .replace("\"9\": {", """
                        "10": {"class_type": "LoadImage", "inputs": {"image": "start.png", "upload": "image"}},
                        "11": {"class_type": "VAEEncode", "inputs": {"pixels": ["10", 0], "vae": ["4", 2]}},
                        "12": {"class_type": "PreviewImage", "inputs": {"images": ["10", 0]}}, "9": {""");
        JsonNode entry = client.ended(client.submitted(ComfyClient.body(graph)));
        assertEquals("success", entry.path("status").path("status_str").asText(), entry::toString);
        JsonNode preview = entry.path("outputs").path("12").path("images").path(0);
        assertEquals("temp", preview.path("type").asText(), entry::toString);
        assertTrue(preview.path("filename").asText().matches("ComfyUI_temp_[a-z]{5}_00001_\\.png"), preview::toString);
        BufferedImage made = ImageIO.read(new ByteArrayInputStream(client.get("/view?filename="
                        + entry.path("outputs")
                                .path("9")
                                .path("images")
                                .path(0)
                                .path("filename")
                                .asText())
                .body()));
        assertEquals(128, made.getWidth());
        HttpResponse<byte[]> missing = client.submit(ComfyClient.body(graph.replace("start.png", "gone.png")));
        assertTrue(ComfyClient.text(missing).contains("custom_validation_failed"), () -> ComfyClient.text(missing));
    }

    @Test
    void filesAreViewedInPartsAndAsOtherPicturesAndNothingElseIs() throws Exception {
        assertEquals("view.png", name(client.upload("view.png", png(70))));
        String view = "/view?type=input&filename=view.png";
        HttpResponse<byte[]> part = client.send(client.request(view).header("Range", "bytes=0-3"));
        assertEquals(206, part.statusCode());
        assertEquals(4, part.body().length);
        assertEquals(
                "filename=\"view.png\"",
                part.headers().firstValue("Content-Disposition").orElseThrow());
        assertEquals(
                200, client.get("/api/view?filename=view.png%20%5Binput%5D").statusCode());
        HttpResponse<byte[]> jpeg = client.get(view + "&preview=jpeg;50");
        assertEquals("image/jpeg", jpeg.headers().firstValue("Content-Type").orElseThrow());
        assertEquals(70, ImageIO.read(new ByteArrayInputStream(jpeg.body())).getWidth());
        HttpResponse<byte[]> webp = client.get(view + "&preview=webp");
        assertEquals("image/webp", webp.headers().firstValue("Content-Type").orElseThrow());
        assertEquals("WEBP", new String(webp.body(), 8, 4, java.nio.charset.StandardCharsets.US_ASCII));
        BufferedImage alpha = ImageIO.read(
                new ByteArrayInputStream(client.get(view + "&channel=a").body()));
        assertEquals(0x80, alpha.getRaster().getSample(0, 0, 0));
        assertEquals(0, alpha.getRaster().getSample(1, 1, 0));
        assertEquals(
                false,
                ImageIO.read(new ByteArrayInputStream(
                                client.get(view + "&channel=rgb").body()))
                        .getColorModel()
                        .hasAlpha());
        assertEquals(400, client.get("/view?filename=").statusCode());
        assertEquals(404, client.get("/view").statusCode());
        assertEquals(400, client.get("/view?filename=/etc/passwd").statusCode());
        assertEquals(400, client.get("/view?filename=../jobs/jobs.mv.db").statusCode());
        assertEquals(400, client.get("/view?filename=..%2f..%2fetc%2fpasswd").statusCode());
        assertEquals(400, client.get("/view?filename=view.png&type=secret").statusCode());
        assertEquals(403, client.get("/view?filename=view.png&subfolder=../..").statusCode());
        assertEquals(403, client.get("/view?filename=passwd&subfolder=/etc").statusCode());
        assertEquals(404, client.get("/view?filename=nothing.png").statusCode());
        client.upload("page.html", "<script>alert(1)</script>".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        assertTrue(client.get("/view?type=input&filename=page.html")
                .headers()
                .firstValue("Content-Disposition")
                .orElseThrow()
                .startsWith("attachment"));
    }

    // --- the rest ----------------------------------------------------------------------------------------------------

    @Test
    void toolsLearnWhatTheServerIs() throws Exception {
        JsonNode stats = client.json("/system_stats");
        assertTrue(stats.path("system").path("ram_total").asLong() > 0, stats::toString);
        assertTrue(stats.path("system").has("comfyui_version"));
        assertTrue(stats.path("devices").path(0).has("vram_free"), stats::toString);
        JsonNode sampler = client.json("/object_info/KSampler").path("KSampler");
        assertEquals(
                "INT",
                sampler.path("input").path("required").path("seed").path(0).asText());
        assertEquals(0, client.json("/object_info/NoSuchNode").size());
        JsonNode checkpoints = client.json("/object_info/CheckpointLoaderSimple")
                .path("CheckpointLoaderSimple")
                .path("input")
                .path("required")
                .path("ckpt_name")
                .path(0);
        assertTrue(checkpoints.toString().contains("v1-5-pruned-emaonly.safetensors"), checkpoints::toString);
        assertEquals(checkpoints, client.json("/models/checkpoints"));
        assertEquals(404, client.get("/models/nothing").statusCode());
        assertEquals(
                200,
                client.post("/free", "{\"unload_models\": true, \"free_memory\": true}")
                        .statusCode());
        assertEquals(400, client.get("/api/jobs?status=lost").statusCode());
        assertTrue(client.json("/api/jobs?limit=1&sort_order=asc").path("jobs").isArray());
    }

    @Test
    void pagesOfOtherOriginsAreRefused() throws Exception {
        assertEquals(
                403,
                client.send(client.request("/queue").header("Origin", "http://evil.example"))
                        .statusCode());
        assertEquals(
                200,
                client.send(client.request("/queue").header("Origin", server.url()))
                        .statusCode());
    }

    @Test
    void hugeAndHostileGraphsGetAnAnswer() throws Exception {
        StringBuilder chain = new StringBuilder("{");
        for (int i = 0; i < 9_900; i++) {
            chain.append("\"l")
                    .append(i)
                    .append("\":{\"class_type\":\"CLIPSetLastLayer\",\"inputs\":{\"clip\":[\"")
                    .append(i == 0 ? "4\",1" : "l" + (i - 1) + "\",0")
                    .append("],\"stop_at_clip_layer\":-1}},");
        }
        String graph = ComfyGraphs.picture("a long chain", 1, 1, 1)
                .replace(
                        "\"clip\": [\"4\", 1], \"text\": \"a long chain\"", "\"clip\": [\"l9899\", 0], \"text\": \"x\"")
                .replaceFirst("\\{", java.util.regex.Matcher.quoteReplacement(chain.toString()));
        HttpResponse<byte[]> reply = client.submit(ComfyClient.body(graph));
        assertEquals(200, reply.statusCode(), () -> ComfyClient.text(reply));
        client.ended(ComfyClient.json(reply).path("prompt_id").asText());

        String deep = "{\"prompt\":" + "[".repeat(5_000) + "]".repeat(5_000) + "}";
        assertEquals(400, client.post("/prompt", deep).statusCode());
        assertTrue(client.announced("/prompt", (16 << 20) + 1).startsWith("HTTP/1.1 413 "));
        assertEquals(400, client.post("/queue", "[]").statusCode());
        List<CompletableFuture<Integer>> all = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            all.add(CompletableFuture.supplyAsync(() -> {
                try {
                    return client.get("/history?max_items=1").statusCode();
                } catch (Exception failure) {
                    throw new AssertionError(failure);
                }
            }));
        }
        for (CompletableFuture<Integer> each : all) {
            assertEquals(200, each.join());
        }
    }
}
