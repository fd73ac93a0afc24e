package io.github.tachyscope.app;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.tachyscope.app.GenerateClient.Answer;
import io.github.tachyscope.app.GenerateClient.Event;
import io.github.tachyscope.app.GenerateClient.Video;
import io.github.tachyscope.frame.FramePool;
import io.github.tachyscope.media.InputLimits;
import io.github.tachyscope.media.VideoReader;
import java.io.ByteArrayInputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Batch generation as a client sees it. */
class GenerateIT {
    @TempDir
    static Path directory;

    private static final ObjectMapper JSON = new ObjectMapper();

    private static RunningServer server;

    @BeforeAll
    static void start() throws Exception {
        server = RunningServer.start(
                directory, Map.of("tachyscope.generate.max-body-size", "1 MiB", "tachyscope.generate.max-bodies", "2"));
        assertEquals(200, server.post("/api/v1/pipeline/load", """
                                {"pipelines": [
                                  {"node_id": "synthetic", "pipeline_id": "synthetic",
                                   "load_params": {"width": 64, "height": 64, "step_cost_ms": 0}},
                                  {"node_id": "slow", "pipeline_id": "synthetic",
                                   "load_params": {"width": 64, "height": 64, "step_cost_ms": 100}},
                                  {"node_id": "tiny", "pipeline_id": "tiny"},
                                  {"node_id": "passthrough", "pipeline_id": "passthrough"}]}""").statusCode());
        server.await(
                "/api/v1/pipeline/status",
                status -> status.path("status").asText().equals("loaded"));
    }

    private static ObjectNode text(int frames, String json) throws Exception {
        return GenerateClient.with(GenerateClient.request("synthetic", frames), json);
    }

    private static byte[] pixels(int seed, int... shape) {
        int bytes = 1;
        for (int size : shape) {
            bytes *= size;
        }
        byte[] pixels = new byte[bytes];
        new Random(seed).nextBytes(pixels);
        return pixels;
    }

    private static void assertSame(Video expected, Video actual, int from, int to) {
        for (int i = from; i < to; i++) {
            assertArrayEquals(expected.frame(i), actual.frame(i), "frame " + i);
        }
    }

    private static void assertOther(Video one, Video two, int frame) {
        assertFalse(Arrays.equals(one.frame(frame), two.frame(frame)), "frame " + frame);
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

    @Test
    void repeatsAShortVideoAndKeepsOddSizes() throws Exception {
        byte[] rgb = pixels(1, 2, 17, 33, 3);
        ObjectNode request = GenerateClient.withVideo(GenerateClient.request("passthrough", 5), rgb, 2, 17, 33, 3);
        List<Event> events = GenerateClient.events(server.url(), request);
        assertEquals(12, GenerateClient.last(events).data().path("chunk_size").asInt());
        Video video = GenerateClient.video(GenerateClient.last(events).data());
        assertEquals(5, video.frames());
        assertEquals(17, video.height());
        assertEquals(33, video.width());
        Video input = new Video(2, 17, 33, rgb);
        for (int i = 0; i < 5; i++) {
            assertArrayEquals(input.frame(i % 2), video.frame(i), "frame " + i);
        }
    }

    @Test
    void cutsALongVideo() throws Exception {
        byte[] rgb = pixels(2, 4, 16, 16, 3);
        Video video = GenerateClient.video(
                server.url(), GenerateClient.withVideo(GenerateClient.request("passthrough", 3), rgb, 4, 16, 16, 3));
        assertArrayEquals(Arrays.copyOf(rgb, 3 * 16 * 16 * 3), video.rgb());
    }

    @Test
    void seedsActOnTheirChunksAndTheLastOneStays() throws Exception {
        Video one = GenerateClient.video(server.url(), text(33, "{\"seed\": 1}"));
        Video two = GenerateClient.video(server.url(), text(33, "{\"seed\": [1, 2]}"));
        Video more = GenerateClient.video(server.url(), text(33, "{\"seed\": [1, 2, 2, 9, 9]}"));
        assertSame(one, two, 0, 9);
        assertOther(one, two, 20);
        assertOther(one, two, 32);
        assertSame(two, more, 0, 33);
    }

    @Test
    void promptsActFromTheirChunkOn() throws Exception {
        Video base = GenerateClient.video(server.url(), text(33, "{}"));
        Video turned = GenerateClient.video(
                server.url(),
                text(
                        33,
                        "{\"chunk_prompts\": [{\"chunk\": 1, \"text\": \"blue ice\"}, {\"chunk\": 99, \"text\": \"x\"}]}"));
        Video replaced = GenerateClient.video(
                server.url(), text(33, "{\"chunk_prompts\": [{\"chunk\": 0, \"text\": \"blue ice\"}]}"));
        Video asked = GenerateClient.video(server.url(), text(33, "{\"prompt\": \"blue ice\"}"));
        assertSame(base, turned, 0, 9);
        assertOther(base, turned, 20);
        assertOther(base, turned, 32);
        assertSame(asked, replaced, 0, 33);
    }

    @Test
    void aTransitionIsNotAJump() throws Exception {
        Video jump = GenerateClient.video(
                server.url(), text(33, "{\"chunk_prompts\": [{\"chunk\": 1, \"text\": \"blue ice\"}]}"));
        Video slow = GenerateClient.video(
                server.url(),
                text(
                        33,
                        "{\"transitions\": [{\"chunk\": 1, \"target_prompts\": [{\"text\": \"blue ice\"}], \"num_steps\": 3}]}"));
        assertSame(jump, slow, 0, 9);
        assertOther(jump, slow, 20);
    }

    @Test
    void noiseRampsActOnVideoOnly() throws Exception {
        byte[] rgb = pixels(3, 3, 32, 32, 3);
        Video even = GenerateClient.video(
                server.url(), GenerateClient.withVideo(text(21, "{\"noise_scale\": 0.2}"), rgb, 3, 32, 32, 3));
        Video ramp = GenerateClient.video(
                server.url(), GenerateClient.withVideo(text(21, "{\"noise_scale\": [0.2, 0.9]}"), rgb, 3, 32, 32, 3));
        assertEquals(21, ramp.frames());
        assertEquals(64, ramp.width());
        assertSame(even, ramp, 0, 9);
        assertOther(even, ramp, 20);
        Video plain = GenerateClient.video(server.url(), text(9, "{}"));
        Video ignored = GenerateClient.video(server.url(), text(9, "{\"noise_scale\": 0.1}"));
        assertSame(plain, ignored, 0, 9);
    }

    @Test
    void chunkSpecsSayTheSameInOnePlaceAndTheResultIsDownloaded() throws Exception {
        Video expected = GenerateClient.video(
                server.url(),
                text(21, "{\"seed\": [5, 6], \"chunk_prompts\": [{\"chunk\": 1, \"text\": \"blue ice\"}]}"));
        Event complete = GenerateClient.last(GenerateClient.events(
                server.url(),
                text(21, "{\"seed\": 5, \"chunk_specs\": [{\"chunk\": 1, \"text\": \"blue ice\", \"seed\": 6}]}")));
        assertFalse(complete.data().has("video_base64"));
        String path = complete.data().path("output_path").asText();
        HttpResponse<byte[]> download = bytes("/api/v1/generate/download?path=" + path);
        assertEquals(200, download.statusCode());
        assertEquals("21", download.headers().firstValue("X-Video-Frames").orElseThrow());
        ByteBuffer tensor = ByteBuffer.wrap(download.body()).order(ByteOrder.LITTLE_ENDIAN);
        assertEquals(4, tensor.getInt());
        assertEquals(21, tensor.getInt());
        assertEquals(64, tensor.getInt());
        assertEquals(64, tensor.getInt());
        assertEquals(3, tensor.getInt());
        byte[] rgb = new byte[tensor.remaining()];
        tensor.get(rgb);
        assertArrayEquals(expected.rgb(), rgb);
        assertEquals(404, bytes("/api/v1/generate/download?path=" + path + "x").statusCode());
        assertEquals(
                404,
                bytes("/api/v1/generate/download?path=results/gen_0/frames.rgb").statusCode());
        for (String outside : List.of("/etc/passwd", "../jobs.mv.db", "uploads/../jobs.mv.db", "results", "a/b/c/d")) {
            assertEquals(
                    403,
                    bytes("/api/v1/generate/download?path=" + URLEncoder.encode(outside, StandardCharsets.UTF_8))
                            .statusCode(),
                    outside);
        }
    }

    @Test
    void theBundledModelWorksInChunksOfTwelveFramesInBothModes() throws Exception {
        List<Event> text = GenerateClient.events(
                server.url(), GenerateClient.with(GenerateClient.request("tiny", 13), "{\"denoising_steps\": [1000]}"));
        assertEquals(
                List.of("progress", "progress", "complete"),
                text.stream().map(Event::name).toList());
        assertEquals(1, text.get(1).data().path("frames").asInt());
        assertEquals("[13,256,256,3]", text.get(2).data().path("video_shape").toString());
        List<Event> video = GenerateClient.events(
                server.url(),
                GenerateClient.withVideo(
                        GenerateClient.request("tiny", 13).put("height", 300).put("width", 256),
                        pixels(5, 2, 31, 50, 3),
                        2,
                        31,
                        50,
                        3));
        assertEquals(
                "[13,288,256,3]",
                GenerateClient.last(video).data().path("video_shape").toString());
        assertEquals(2, GenerateClient.last(video).data().path("num_chunks").asInt());
    }

    @Test
    void uploadsStandInForTheInputVideo() throws Exception {
        byte[] rgb = pixels(4, 2, 16, 24, 3);
        HttpResponse<String> uploaded = upload(rgb, 2, 16, 24, 3);
        assertEquals(200, uploaded.statusCode(), uploaded.body());
        JsonNode upload = JSON.readTree(uploaded.body());
        assertEquals("[2,16,24,3]", upload.path("shape").toString());
        assertEquals(2, upload.path("num_frames").asInt());
        ObjectNode request = GenerateClient.request("passthrough", 2)
                .put("input_path", upload.path("input_path").asText())
                .put("output_format", "base64");
        assertArrayEquals(rgb, GenerateClient.video(server.url(), request).rgb());
        assertArrayEquals(rgb, GenerateClient.video(server.url(), request).rgb(), "a second time");
        assertEquals(400, upload(rgb, 3, 16, 24, 3).statusCode());
        assertEquals(400, upload(rgb, 2, 16, 36, 2).statusCode());
        assertEquals(400, upload(rgb, 0, 16, 24, 3).statusCode());
        assertEquals(413, upload(new byte[0], 1000, 1000, 1000, 3, false).statusCode());
    }

    @Test
    void refusesBeforeItAnswersWithEvents() throws Exception {
        Map<String, String> wrong = new LinkedHashMap<>();
        wrong.put("{\"prompt\": null}", "prompt");
        wrong.put("{\"pipeline_id\": null}", "pipeline_id");
        wrong.put("{\"num_frames\": 0}", "num_frames");
        wrong.put("{\"num_frames\": 10001}", "num_frames");
        wrong.put("{\"num_frames\": 1.5}", "num_frames");
        wrong.put("{\"height\": 32}", "height");
        wrong.put("{\"width\": 4096}", "width");
        wrong.put("{\"seed\": []}", "seed");
        wrong.put("{\"seed\": \"x\"}", "seed");
        wrong.put("{\"seed\": [-1]}", "seed");
        wrong.put("{\"denoising_steps\": [250, 750]}", "denoising_steps");
        wrong.put("{\"manage_cache\": 3}", "manage_cache");
        wrong.put("{\"lora_scales\": {\"a.safetensors\": 1}}", "lora_scales");
        wrong.put("{\"vace_context_scale\": 0.5}", "vace_context_scale");
        wrong.put("{\"vace_frames\": {\"base64\": \"AAAAAA==\", \"shape\": [1,1,1,1,1]}}", "vace_frames");
        wrong.put("{\"first_frames\": [{\"chunk\": 0, \"image\": \"a.png\"}]}", "image");
        wrong.put("{\"chunk_prompts\": [{\"text\": \"a\"}]}", "chunk");
        wrong.put("{\"chunk_prompts\": [{\"chunk\": -1, \"text\": \"a\"}]}", "chunk");
        wrong.put("{\"chunk_specs\": [{\"chunk\": 0, \"vace_frames_offset\": 0}]}", "vace_frames_offset");
        wrong.put("{\"input_path\": \"uploads/none\"}", "input_path");
        wrong.put("{\"input_video\": {\"base64\": \"AAAA\", \"shape\": [1,1,3]}}", "input_video");
        wrong.put("{\"input_video\": {\"base64\": \"AAAA\", \"shape\": [1,1,1,1]}}", "input_video");
        wrong.put("{\"output_format\": \"gif\"}", "output_format");
        wrong.put("{\"post_processor_id\": \"rife\"}", "post_processor_id");
        for (Map.Entry<String, String> one : wrong.entrySet()) {
            try (Answer answer = GenerateClient.post(server.url(), text(9, one.getKey()))) {
                String body = new String(answer.response.body().readAllBytes(), StandardCharsets.UTF_8);
                assertEquals(422, answer.response.statusCode(), one.getKey() + body);
                JsonNode place = JSON.readTree(body).path("detail").path(0).path("loc");
                assertEquals("body", place.path(0).asText(), body);
                assertEquals(one.getValue(), place.path(place.size() - 1).asText(), body);
            }
        }
        assertEquals(422, server.post("/api/v1/generate", "{\"prompt\": ").statusCode());
        assertEquals(422, server.post("/api/v1/generate", "[]").statusCode());
        assertEquals(400, status(GenerateClient.request("longlive", 9)));
        assertEquals(422, status(GenerateClient.request("passthrough", 9)), "it has no text mode");
        byte[] large = new byte[1 << 20];
        assertEquals(413, status(GenerateClient.withVideo(GenerateClient.request("passthrough", 9), large, 1 << 20)));
        HttpResponse<String> unannounced = HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create(server.url() + "/api/v1/generate"))
                                .POST(HttpRequest.BodyPublishers.ofInputStream(
                                        () -> new ByteArrayInputStream(("{\"prompt\": \"" + "a".repeat(900_000)
                                                        + "\", \"more\": \"" + "a".repeat(900_000) + "\"}")
                                                .getBytes(StandardCharsets.US_ASCII))))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        assertEquals(413, unannounced.statusCode(), unannounced.body());
        JsonNode jobs = server.json("/api/v1/jobs?state=queued,running");
        assertEquals(0, jobs.path("jobs").size());
    }

    @Test
    void sendsTheVideoItselfWhenAsked() throws Exception {
        HttpResponse<byte[]> mp4 = HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create(server.url() + "/api/v1/generate"))
                                .header("Accept", "video/mp4")
                                .POST(HttpRequest.BodyPublishers.ofString(
                                        GenerateClient.request("synthetic", 21).toString()))
                                .build(),
                        HttpResponse.BodyHandlers.ofByteArray());
        assertEquals(200, mp4.statusCode());
        assertEquals("video/mp4", mp4.headers().firstValue("Content-Type").orElseThrow());
        try (VideoReader reader = VideoReader.open(
                mp4.body(), new InputLimits(1 << 20, 512, 512, 100, Duration.ofMinutes(1)), new FramePool(2))) {
            assertEquals(21, reader.info().frames());
            assertEquals(64, reader.info().width());
        }
    }

    @Test
    void aClientThatLeavesFreesItsPlace() throws Exception {
        Answer answer = GenerateClient.post(server.url(), GenerateClient.request("slow", 600));
        assertEquals("progress", answer.next().orElseThrow().name());
        String id = answer.jobId();
        answer.close();
        server.await("/api/v1/jobs/" + id, job -> job.path("state").asText().equals("cancelled"));
        long steps = StreamSupport.stream(
                        server.json("/api/v1/engine/timeline").path("spans").spliterator(), false)
                .filter(span -> span.path("owner").asText().equals(id))
                .count();
        // The first chunk has six at most; all would have three hundred.
        assertTrue(steps < 40, steps + " steps");
    }

    @Test
    void requestsAtTheSameTimeTakeTurnsAndNobodyWaitsWhoDoesNotWant() throws Exception {
        try (Answer first = GenerateClient.post(server.url(), GenerateClient.request("slow", 600));
                Answer second = GenerateClient.post(server.url(), GenerateClient.request("slow", 600))) {
            assertEquals("progress", first.next().orElseThrow().name());
            assertEquals("progress", second.next().orElseThrow().name());
            assertEquals("progress", first.next().orElseThrow().name());
            try (Answer third = GenerateClient.post(
                    server.url(), "/api/v1/generate?queue=false", GenerateClient.request("synthetic", 9), Map.of())) {
                assertEquals(503, third.response.statusCode());
                assertTrue(third.response.headers().firstValue("Retry-After").isPresent());
            }
            Answer waiting = GenerateClient.post(server.url(), GenerateClient.request("synthetic", 9));
            assertEquals(
                    404,
                    server.post("/api/v1/generate/cancel?job_id=gen_none", "").statusCode());
            JsonNode cancelled = JSON.readTree(server.post("/api/v1/generate/cancel?job_id=" + first.jobId(), "")
                    .body());
            assertEquals("cancelling", cancelled.path("status").asText());
            Event end = GenerateClient.last(first.all());
            assertEquals("cancelled", end.name());
            assertTrue(end.data().path("frames_completed").asInt() >= 21, end.toString());
            assertTrue(end.data().path("chunk").asInt() >= 2, end.toString());
            assertEquals(51, end.data().path("total_chunks").asInt(), end.toString());
            assertEquals("complete", GenerateClient.last(waiting.all()).name());
            server.post("/api/v1/generate/cancel", "");
            assertEquals("cancelled", GenerateClient.last(second.all()).name());
        }
    }

    @Test
    void showsPreviewsWhenAsked() throws Exception {
        Event progress = GenerateClient.events(server.url(), text(9, "{\"preview\": true}"))
                .get(0);
        byte[] jpeg = Base64.getDecoder()
                .decode(progress.data().path("preview_base64").asText());
        assertEquals((byte) 0xFF, jpeg[0]);
        assertEquals((byte) 0xD8, jpeg[1]);
    }

    private static int status(JsonNode request) throws Exception {
        try (Answer answer = GenerateClient.post(server.url(), request)) {
            return answer.response.statusCode();
        }
    }

    private static HttpResponse<byte[]> bytes(String path) throws Exception {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create(server.url() + path)).build(),
                        HttpResponse.BodyHandlers.ofByteArray());
    }

    private static HttpResponse<String> upload(byte[] rgb, int frames, int height, int width, int channels)
            throws Exception {
        return upload(rgb, frames, height, width, channels, true);
    }

    /** @param announced whether the length is said beforehand */
    private static HttpResponse<String> upload(
            byte[] rgb, int frames, int height, int width, int channels, boolean announced) throws Exception {
        HttpRequest.BodyPublisher body = announced
                ? HttpRequest.BodyPublishers.ofByteArray(rgb)
                : HttpRequest.BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(rgb));
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create(server.url() + "/api/v1/generate/upload"))
                                .header("X-Video-Frames", Integer.toString(frames))
                                .header("X-Video-Height", Integer.toString(height))
                                .header("X-Video-Width", Integer.toString(width))
                                .header("X-Video-Channels", Integer.toString(channels))
                                .POST(body)
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
    }
}
