package io.github.tachyscope.app;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.tachyscope.app.VideoClient.Part;
import io.github.tachyscope.frame.FramePool;
import io.github.tachyscope.media.InputLimits;
import io.github.tachyscope.media.VideoReader;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The whole server behind {@code /v1/videos}, asked as the clients of both families ask. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class VideoFaceIT {
    private static final InputLimits ANY = new InputLimits(1 << 30, 4096, 4096, 100_000, Duration.ofHours(1));

    /** Quick: small pictures, one chunk of 9 frames, three a second. */
    private static final String SHORT = "'num_frames':9,'fps':3,'size':'64x64'";

    /** A chunk takes about 150 ms, whatever the machine. */
    private static final String STEADY = "'num_inference_steps':50,'size':'64x64'";

    /** Takes minutes; ended by whoever makes it. */
    private static final String LONG = "'num_frames':14000," + STEADY;

    @TempDir
    private static Path directory;

    private static RunningServer server;
    private static VideoClient client;

    @BeforeAll
    static void start() throws Exception {
        server = RunningServer.start(
                directory,
                Map.of(
                        "tachyscope.jobs.parallel", "1",
                        "pekko.http.server.idle-timeout", "1500 ms",
                        "tachyscope.video.max-json-size", "64 KiB",
                        "tachyscope.video.max-upload-size", "256 KiB",
                        "tachyscope.video.model", "served",
                        "tachyscope.video.model-aliases.0", "sora-2"));
        client = new VideoClient(server);
        nothingIsMadeWithoutAPipeline();
        server.loadWith(Map.of("width", 64, "height", 64, "step_cost_ms", 3), "synthetic");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static void nothingIsMadeWithoutAPipeline() throws Exception {
        HttpResponse<byte[]> reply = client.postJson("/v1/videos", "{'prompt':'a cat'}");
        assertEquals(503, reply.statusCode());
        assertTrue(VideoClient.error(reply).get("message").contains("ipeline"), VideoClient.error(reply)::toString);
        assertNotEquals("", VideoClient.header(reply, "Retry-After"));
        assertEquals(0, VideoClient.json(client.get("/v1/models")).path("data").size());
    }

    // --- making jobs -------------------------------------------------------------------------------------------------

    @Test
    void aJsonRequestBecomesAVideo() throws Exception {
        HttpResponse<byte[]> reply =
                client.postJson("/v1/videos", "{'prompt':'a cat','model':'sora-2','seed':5,'user':'me'," + SHORT + "}");
        JsonNode queued = VideoClient.json(reply);
        String id = VideoClient.created(reply);
        assertTrue(id.matches("video_gen_[0-9a-f]{32}"), id);
        assertEquals("video", queued.path("object").asText());
        assertEquals("served", queued.path("model").asText());
        assertEquals("a cat", queued.path("prompt").asText());
        assertEquals("64x64", queued.path("size").asText());
        assertEquals("3", queued.path("seconds").asText());
        assertTrue(queued.path("seconds").isTextual());
        assertTrue(queued.path("completed_at").isNull());
        assertTrue(queued.path("file_name").isNull());
        assertFalse(VideoClient.header(reply, "openai-poll-after-ms").isEmpty());

        JsonNode done = client.completed(id);
        assertEquals(100, done.path("progress").asInt());
        assertEquals(id + ".mp4", done.path("file_name").asText());
        assertEquals("video/mp4", done.path("media_type").asText());
        assertTrue(done.path("error").isNull());
        assertTrue(done.path("stage_durations").path("denoise").asDouble() > 0, done::toString);
        assertTrue(done.path("inference_time_s").asDouble() > 0, done::toString);
        assertTrue(done.path("completed_at").asLong() >= done.path("created_at").asLong());
        assertTrue(done.path("expires_at").asLong() > done.path("created_at").asLong());
        assertEquals(5, done.path("seed").asInt());
        assertVideo(content(id), 64, 64, 9);
    }

    @Test
    void aFormBecomesAVideoAndWholeChunksAreMade() throws Exception {
        String id = VideoClient.created(client.postForm(
                "/v1/videos",
                Part.text("prompt", "a dog"),
                Part.text("size", "96x64"),
                Part.text("num_frames", "10"),
                Part.text("fps", "7"),
                Part.text("seconds", ""),
                Part.text("model", ""),
                Part.text("extra_params", "{\"video_codec_options\": {\"crf\": 30}}")));
        JsonNode done = client.completed(id);
        assertEquals(21, done.path("num_frames").asInt());
        assertEquals("3", done.path("seconds").asText());
        assertEquals("96x64", done.path("size").asText());
        assertVideo(content(id), 96, 64, 21);
    }

    @Test
    void anUrlEncodedFormBecomesAVideo() throws Exception {
        String id = VideoClient.created(client.send(client.request("/v1/videos")
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(BodyPublishers.ofString("prompt=a%20b+c&num_frames=9&size=64x64"))));
        assertEquals("a b c", client.completed(id).path("prompt").asText());
    }

    @Test
    void aVideoIsMadeFromAPictureHoweverItComes() throws Exception {
        byte[] png = png();
        String file = VideoClient.created(client.postForm(
                "/v1/videos",
                Part.text("prompt", "a cat"),
                Part.text("num_frames", "9"),
                Part.text("size", "64x64"),
                Part.text("seed", "3"),
                new Part("input_reference", "not-a-picture.mp4", png)));
        String data = "data:image/png;base64," + Base64.getEncoder().encodeToString(png);
        String json = client.create("{'prompt':'a cat','num_frames':9,'size':'64x64','seed':3,'image_reference':"
                + "{'image_url':'" + data + "'}}");
        String openai = client.create("{'prompt':'a cat','num_frames':9,'size':'64x64','seed':3,'input_reference':"
                + "{'image_url':'" + data + "'}}");
        String text = client.create("{'prompt':'a cat','num_frames':9,'size':'64x64','seed':3}");
        for (String id : List.of(file, json, openai, text)) {
            client.completed(id);
        }
        assertArrayEquals(content(file), content(json));
        assertArrayEquals(content(file), content(openai));
        assertFalse(Arrays.equals(content(file), content(text)), "the picture changes nothing");
    }

    @Test
    void aVideoIsMadeFromAVideo() throws Exception {
        String first = client.create("{'prompt':'a cat'," + SHORT + "}");
        client.completed(first);
        byte[] video = content(first);
        String file = VideoClient.created(client.postForm(
                "/v1/videos",
                Part.text("prompt", "a dog"),
                Part.text("num_frames", "9"),
                Part.text("seed", "3"),
                new Part("input_reference", "x.png", video)));
        String json = client.create("{'prompt':'a dog','num_frames':9,'seed':3,'video_reference':{'video_url':"
                + "'data:video/mp4;base64," + Base64.getEncoder().encodeToString(video) + "'}}");
        client.completed(file);
        client.completed(json);
        assertArrayEquals(content(file), content(json));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{}                                          | prompt          | prompt is required",
                "{'prompt':'x'                               | null            | not valid JSON",
                "[1]                                         | null            | JSON object",
                "{'prompt':'x','fps':'fast'}                 | fps             | whole number",
                "{'prompt':'x','model':'other'}              | model           | Model mismatch:",
                "{'prompt':'x','size':'65x64'}               | width           | multiples of 16",
                "{'prompt':'x','num_frames':99999}           | num_frames      | tachyscope.video.max-frames",
                "{'prompt':'x','num_inference_steps':51}     | num_inference_steps | 1 to 50",
                "{'prompt':'x','extra_params':{'noise_scale':7}}  | noise_scale  | between 0 and 1",
                "{'prompt':'x','extra_params':{'step_cost_ms':7}} | step_cost_ms | when the pipeline is loaded",
                "{'prompt':'x','input_reference':{'image_url':'https://127.0.0.1/a.png'}} | input_reference |"
                        + " tachyscope.video.remote-inputs",
                "{'prompt':'x','image_reference':{'image_url':'data:image/png;base64,AAAA'}} | image_reference |"
                        + " cannot be used",
                "{'prompt':'x','image_reference':{'image_url':'data:image/png;base64,A'}} | image_reference | Base64",
            })
    void refusesWhatCannotBeMade(String body, String param, String words) throws Exception {
        Set<Path> before = inputs();
        HttpResponse<byte[]> reply = client.postJson("/v1/videos", body);
        assertEquals(400, reply.statusCode());
        Map<String, String> error = VideoClient.error(reply);
        assertEquals(param, error.get("param"));
        assertEquals("Bad Request", error.get("type"));
        assertTrue(error.get("message").contains(words), error::toString);
        assertNoFurther(before);
    }

    @Test
    void refusesFormsThatCannotBeRead() throws Exception {
        Set<Path> before = inputs();
        byte[] noise = "neither a picture nor a video".getBytes(StandardCharsets.UTF_8);
        Part prompt = Part.text("prompt", "x");
        refused("is neither", client.postForm("/v1/videos", prompt, new Part("input_reference", "a", noise)));
        refused(
                "twice",
                client.postForm(
                        "/v1/videos",
                        prompt,
                        new Part("input_reference", "a", png()),
                        new Part("input_reference", "b", png())));
        refused(
                "beside",
                client.postForm(
                        "/v1/videos",
                        prompt,
                        new Part("input_reference", "a", png()),
                        Part.text("image_reference", "{\"image_url\":\"data:image/png;base64,AAAA\"}")));
        refused("not valid JSON", client.postForm("/v1/videos", prompt, Part.text("extra_params", "{")));
        refused(
                "understood",
                client.send(client.request("/v1/videos")
                        .header("Content-Type", "image/png")
                        .POST(BodyPublishers.ofByteArray(png()))));
        for (String form : List.of(
                "multipart/form-data|--x\r\nContent-Disposition: form-data; name=\"prompt\"\r\n\r\na\r\n--x--\r\n",
                "multipart/form-data; boundary=x|--x\r\nnonsense",
                "multipart/form-data; boundary=x|nonsense",
                "multipart/form-data; boundary=x|--x\r\n\r\nno disposition\r\n--x--\r\n",
                "multipart/form-data; boundary=x|--x\r\nContent-Disposition: form-data\r\n\r\nno name\r\n--x--\r\n",
                "multipart/form-data; boundary=x|--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nno end",
                "application/x-www-form-urlencoded|prompt=%zz",
                "application/json|")) {
            String[] parts = form.split("\\|", 2);
            refused(
                    "",
                    client.send(client.request("/v1/videos")
                            .header("Content-Type", parts[0])
                            .POST(BodyPublishers.ofString(parts[1]))));
        }
        assertNoFurther(before);
    }

    private static void refused(String words, HttpResponse<byte[]> reply) throws IOException {
        assertEquals(400, reply.statusCode());
        assertTrue(VideoClient.error(reply).get("message").contains(words), VideoClient.error(reply)::toString);
    }

    @Test
    void refusesRequestsThatAreTooLarge() throws Exception {
        Set<Path> before = inputs();
        String prompt = "{\"prompt\":\"" + "x".repeat(70_000) + "\"}";
        assertEquals(413, client.postJson("/v1/videos", prompt).statusCode());
        Part text = Part.text("prompt", "x".repeat(70_000));
        assertEquals(413, client.postForm("/v1/videos", text).statusCode());
        Part file = new Part("input_reference", "a", new byte[300_000]);
        HttpResponse<byte[]> announced = client.postForm("/v1/videos", Part.text("prompt", "x"), file);
        assertEquals(413, announced.statusCode());
        assertTrue(VideoClient.error(announced).get("message").contains("tachyscope.video.max-upload-size"));
        HttpResponse<byte[]> chunked = client.send(client.request("/v1/videos")
                .header("Content-Type", "multipart/form-data; boundary=x")
                .POST(BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(largeForm()))));
        assertEquals(413, chunked.statusCode());
        assertNoFurther(before);
    }

    private static byte[] largeForm() {
        ByteArrayOutputStream form = new ByteArrayOutputStream();
        form.writeBytes("--x\r\nContent-Disposition: form-data; name=\"input_reference\"; filename=\"a\"\r\n\r\n"
                .getBytes(StandardCharsets.UTF_8));
        form.writeBytes(new byte[300_000]);
        form.writeBytes("\r\n--x--\r\n".getBytes(StandardCharsets.UTF_8));
        return form.toByteArray();
    }

    // --- reading jobs ------------------------------------------------------------------------------------------------

    @Test
    void statusAndProgressNeverGoBack() throws Exception {
        String before = client.create("{'prompt':'first','num_frames':45,'size':'64x64'}");
        String id = client.create("{'prompt':'second','num_frames':201," + STEADY + "}");
        List<JsonNode> seen = client.until(id, "completed");
        List<String> order = List.of("queued", "in_progress", "completed");
        int rank = 0;
        int progress = 0;
        Set<String> statuses = new HashSet<>();
        Set<Integer> steps = new HashSet<>();
        for (JsonNode job : seen) {
            String status = job.path("status").asText();
            statuses.add(status);
            assertTrue(order.indexOf(status) >= rank, () -> "went back: " + seen);
            rank = order.indexOf(status);
            int now = job.path("progress").asInt();
            assertTrue(now >= progress, () -> "went back: " + seen);
            assertTrue(status.equals("completed") ? now == 100 : now <= 99, job::toString);
            assertTrue(!status.equals("queued") || now == 0, job::toString);
            progress = now;
            steps.add(now);
        }
        assertEquals(Set.copyOf(order), statuses);
        assertTrue(steps.size() > 3, () -> "hardly any progress was told: " + steps);
        client.completed(before);
    }

    @Test
    void pollersAreToldWhenToComeBack() throws Exception {
        String running = client.create("{'prompt':'x'," + LONG + "}");
        String queued = client.create("{'prompt':'x'," + SHORT + "}");
        client.until(running, "in_progress");
        assertEquals("250", VideoClient.header(client.get("/v1/videos/" + running), "openai-poll-after-ms"));
        assertEquals("500", VideoClient.header(client.get("/v1/videos/" + queued), "openai-poll-after-ms"));
        client.delete(running);
        client.completed(queued);
        assertEquals("", VideoClient.header(client.get("/v1/videos/" + queued), "openai-poll-after-ms"));
    }

    @Test
    @Order(1)
    void listsArePaged() throws Exception {
        JsonNode empty = VideoClient.json(client.get("/v1/videos"));
        assertEquals("list", empty.path("object").asText());
        assertTrue(empty.path("first_id").isNull() && empty.path("last_id").isNull());
        assertFalse(empty.path("has_more").asBoolean(true));
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            ids.add(client.create("{'prompt':'" + i + "'," + SHORT + "}"));
        }
        JsonNode first = page("?limit=2&order=asc");
        assertEquals(ids.subList(0, 2), idsOf(first));
        assertTrue(first.path("has_more").asBoolean());
        assertEquals(ids.get(0), first.path("first_id").asText());
        assertEquals(ids.get(1), first.path("last_id").asText());
        JsonNode last = page("?limit=3&order=asc&after=" + ids.get(1));
        assertEquals(ids.subList(2, 5), idsOf(last));
        assertFalse(last.path("has_more").asBoolean());
        assertEquals(List.of(ids.get(3), ids.get(2)), idsOf(page("?limit=2&after=" + ids.get(4))));
        assertEquals(5, idsOf(page("")).size());
        assertEquals(List.of(), idsOf(page("?after=video_gen_unknown")));
        assertTrue(page("?limit=0").path("has_more").asBoolean());
        for (String wrong : List.of("?limit=101", "?limit=-1", "?limit=x", "?order=up")) {
            assertEquals(400, client.get("/v1/videos" + wrong).statusCode(), wrong);
        }
        for (String id : ids) {
            client.completed(id);
        }
    }

    private static JsonNode page(String query) throws Exception {
        return VideoClient.json(client.get("/v1/videos" + query));
    }

    private static List<String> idsOf(JsonNode page) {
        List<String> ids = new ArrayList<>();
        page.path("data").forEach(job -> ids.add(job.path("id").asText()));
        return ids;
    }

    @Test
    void contentComesInRangesWithItsName() throws Exception {
        String id = client.create("{'prompt':'x'," + SHORT + "}");
        client.completed(id);
        String path = "/v1/videos/" + id + "/content";
        HttpResponse<byte[]> whole = client.get(path);
        assertEquals(200, whole.statusCode());
        assertEquals("video/mp4", VideoClient.header(whole, "Content-Type"));
        assertEquals("bytes", VideoClient.header(whole, "Accept-Ranges"));
        assertEquals("attachment; filename=\"" + id + ".mp4\"", VideoClient.header(whole, "Content-Disposition"));
        HttpResponse<byte[]> part = client.get(path, "Range", "bytes=4-11");
        assertEquals(206, part.statusCode());
        assertArrayEquals(Arrays.copyOfRange(whole.body(), 4, 12), part.body());
        assertEquals("bytes 4-11/" + whole.body().length, VideoClient.header(part, "Content-Range"));
        HttpResponse<byte[]> outside = client.get(path, "Range", "bytes=99999999-");
        assertEquals(416, outside.statusCode());
        VideoClient.error(outside);

        HttpResponse<byte[]> thumbnail = client.get(path + "?variant=thumbnail");
        assertEquals("image/jpeg", VideoClient.header(thumbnail, "Content-Type"));
        BufferedImage picture = ImageIO.read(new ByteArrayInputStream(thumbnail.body()));
        assertEquals(64, picture.getWidth());
        assertEquals(400, client.get(path + "?variant=spritesheet").statusCode());
    }

    @Test
    void contentOfARunningJobIsThereOnlyLive() throws Exception {
        String id = client.create("{'prompt':'x','num_frames':201," + STEADY + "}");
        String path = "/v1/videos/" + id + "/content";
        assertEquals(404, client.get(path).statusCode());
        client.until(id, "in_progress");
        HttpResponse<byte[]> early = client.get(path);
        assertEquals(404, early.statusCode());
        assertTrue(VideoClient.error(early).get("message").contains("Generation is still in-progress"));
        assertEquals(404, client.get(path + "?variant=thumbnail&live=1").statusCode());
        HttpResponse<InputStream> live =
                client.http().send(client.request(path + "?live=1").build(), BodyHandlers.ofInputStream());
        assertEquals(200, live.statusCode());
        byte[] head = live.body().readNBytes(1000);
        assertEquals("in_progress", client.read(id).path("status").asText(), "the live view came late");
        byte[] rest = live.body().readAllBytes();
        client.completed(id);
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes(head);
        all.writeBytes(rest);
        assertVideo(all.toByteArray(), 64, 64, 201);
        assertVideo(content(id), 64, 64, 201);
    }

    @Test
    void aDeletedJobIsGoneAndItsPlaceIsFree() throws Exception {
        String running = client.create("{'prompt':'x'," + LONG + "}");
        String waiting = client.create("{'prompt':'x'," + LONG + "}");
        client.until(running, "in_progress");
        for (String id : List.of(waiting, running)) {
            HttpResponse<byte[]> reply = client.delete(id);
            assertEquals(200, reply.statusCode());
            assertEquals(id, VideoClient.json(reply).path("id").asText());
            assertEquals("video.deleted", VideoClient.json(reply).path("object").asText());
            assertTrue(VideoClient.json(reply).path("deleted").asBoolean());
            assertEquals(404, client.get("/v1/videos/" + id).statusCode());
            assertEquals(404, client.get("/v1/videos/" + id + "/content").statusCode());
            assertEquals(404, client.delete(id).statusCode());
        }
        String next = client.create("{'prompt':'x'," + SHORT + "}");
        client.completed(next);
        assertEquals(200, client.delete(next).statusCode());
        assertEquals(404, client.get("/v1/videos/" + next + "/content").statusCode());
        assertTrue(files(directory.resolve("jobs").resolve("results"))
                .noneMatch(path -> path.toString().contains(next)));
    }

    // --- waiting for a job -------------------------------------------------------------------------------------------

    @Test
    void aSyncRequestGetsItsVideoAndLeavesNothing() throws Exception {
        HttpResponse<byte[]> reply = client.postJson("/v1/videos/sync", "{'prompt':'a cat'," + SHORT + "}");
        assertEquals(200, reply.statusCode());
        assertEquals("video/mp4", VideoClient.header(reply, "Content-Type"));
        String id = VideoClient.header(reply, "X-Request-Id");
        assertTrue(id.matches("video_sync-[0-9a-f]{32}"), id);
        assertEquals("served", VideoClient.header(reply, "X-Model"));
        assertTrue(VideoClient.header(reply, "X-Inference-Time-S").matches("[0-9]+\\.[0-9]{3}"));
        assertTrue(VideoClient.header(reply, "X-Peak-Memory-MB").matches("[0-9]+\\.[0-9]{3}"));
        assertTrue(VideoClient.header(reply, "X-Stage-Durations").matches("\\{\"denoise\":.*}"));
        assertVideo(reply.body(), 64, 64, 9);
        assertEquals(404, client.get("/v1/videos/" + id).statusCode());
        await(
                "the file is removed",
                () -> files(directory.resolve("jobs").resolve("results"))
                        .noneMatch(path -> path.toString().contains(id)));
    }

    /** Longer than a connection may be idle otherwise. */
    @Test
    void aSyncRequestMayTakeLong() throws Exception {
        HttpResponse<byte[]> reply =
                client.postJson("/v1/videos/sync", "{'prompt':'a cat','num_frames':177," + STEADY + "}");
        assertEquals(200, reply.statusCode());
        assertTrue(Double.parseDouble(VideoClient.header(reply, "X-Inference-Time-S")) > 1.5);
    }

    @Test
    void aSyncRequestWhoseClientLeavesIsCancelled() throws Exception {
        URI address = URI.create(server.url());
        String body = "{\"prompt\":\"x\"," + LONG.replace('\'', '"') + "}";
        try (Socket socket = new Socket(address.getHost(), address.getPort())) {
            socket.getOutputStream()
                    .write(("POST /v1/videos/sync HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                                    + "Content-Length: " + body.length() + "\r\n\r\n" + body)
                            .getBytes(StandardCharsets.US_ASCII));
            await("it runs", () -> openRuns() > 0);
        }
        await("it is cancelled", () -> openRuns() == 0);
        client.completed(client.create("{'prompt':'x'," + SHORT + "}"));
    }

    private static double openRuns() throws Exception {
        return new String(client.get("/metrics").body(), StandardCharsets.UTF_8)
                .lines()
                .filter(line -> line.startsWith("tachyscope_open_runs "))
                .mapToDouble(line -> Double.parseDouble(line.split(" ")[1]))
                .findFirst()
                .orElse(0);
    }

    // --- models and strangers ----------------------------------------------------------------------------------------

    @Test
    void theServedModelIsListed() throws Exception {
        JsonNode models = VideoClient.json(client.get("/v1/models"));
        assertEquals("served", models.path("data").path(0).path("id").asText());
        for (String name : List.of("served", "sora-2", "synthetic")) {
            assertEquals(
                    "served",
                    VideoClient.json(client.get("/v1/models/" + name))
                            .path("id")
                            .asText());
        }
        assertEquals(404, client.get("/v1/models/other").statusCode());
    }

    @Test
    void unknownJobsAreNotFound() throws Exception {
        for (String id : List.of("video_gen_0", "..", "%2e%2e", "video_sync-0", "x".repeat(500))) {
            assertEquals(404, client.get("/v1/videos/" + id).statusCode(), id);
        }
        VideoClient.error(client.get("/v1/videos/video_gen_0"));
    }

    // --- tools -------------------------------------------------------------------------------------------------------

    private static byte[] content(String id) throws Exception {
        HttpResponse<byte[]> reply = client.get("/v1/videos/" + id + "/content");
        assertEquals(200, reply.statusCode());
        return reply.body();
    }

    private static byte[] png() throws IOException {
        BufferedImage picture = new BufferedImage(80, 64, BufferedImage.TYPE_INT_RGB);
        for (int x = 0; x < 40; x++) {
            for (int y = 0; y < 64; y++) {
                picture.setRGB(x, y, 0xff8800);
            }
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ImageIO.write(picture, "png", out);
        return out.toByteArray();
    }

    private static void assertVideo(byte[] mp4, int width, int height, int frames) throws IOException {
        try (VideoReader reader = VideoReader.open(mp4, ANY, new FramePool(4))) {
            assertEquals(width, reader.info().width());
            assertEquals(height, reader.info().height());
            assertEquals(frames, reader.info().frames());
        }
    }

    /** What jobs of other tests were made from stays with them. */
    private static Set<Path> inputs() throws IOException {
        return files(directory.resolve("jobs").resolve("inputs"))
                .filter(Files::isRegularFile)
                .collect(Collectors.toSet());
    }

    private static void assertNoFurther(Set<Path> inputs) throws Exception {
        await("inputs are removed", () -> inputs.containsAll(inputs()));
    }

    /** All of them, those left out that are being removed. */
    private static Stream<Path> files(Path folder) throws IOException {
        List<Path> files = new ArrayList<>();
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                files.add(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException removed) {
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path directory, IOException removed) {
                return FileVisitResult.CONTINUE;
            }
        });
        return files.stream();
    }

    /** A condition that may become true a little later. */
    @FunctionalInterface
    private interface Condition {
        boolean holds() throws Exception;
    }

    private static void await(String what, Condition condition) throws Exception {
        long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!condition.holds()) {
            assertTrue(System.nanoTime() < deadline, "not within 20 s: " + what);
            Thread.sleep(20);
        }
    }
}
