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
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Jobs as operators see them, on a server that asks for tokens; they are made by the generate endpoint. */
class JobsApiIT {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String OPERATOR = "first-token";
    private static final String ANNA = "second-token";
    private static final String BERT = "third-token";

    @TempDir
    static Path directory;

    private static RunningServer server;

    @BeforeAll
    static void start() throws Exception {
        server = RunningServer.start(
                directory,
                Map.of(
                        "tachyscope.server.access-token", OPERATOR,
                        "tachyscope.server.access-tokens.0", ANNA,
                        "tachyscope.server.access-tokens.1", BERT));
        HttpResponse<String> loading = call(OPERATOR, "POST", "/api/v1/pipeline/load", """
                {"pipelines": [
                  {"node_id": "fast", "pipeline_id": "synthetic",
                   "load_params": {"width": 64, "height": 64, "step_cost_ms": 0}},
                  {"node_id": "slow", "pipeline_id": "synthetic",
                   "load_params": {"width": 64, "height": 64, "step_cost_ms": 100}}]}""");
        assertEquals(200, loading.statusCode(), loading.body());
        server.await(
                "/api/v1/pipeline/status?access_token=" + OPERATOR,
                status -> status.path("status").asText().equals("loaded"));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static HttpResponse<String> call(String token, String method, String path, String body) throws Exception {
        return HttpClient.newHttpClient()
                .send(
                        request(token, path)
                                .method(method, HttpRequest.BodyPublishers.ofString(body))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
    }

    private static HttpRequest.Builder request(String token, String path) {
        return HttpRequest.newBuilder(URI.create(server.url() + path)).header("Authorization", "Bearer " + token);
    }

    private static JsonNode get(String token, String path) throws Exception {
        HttpResponse<String> reply = call(token, "GET", path, "");
        assertEquals(200, reply.statusCode(), reply.body());
        return JSON.readTree(reply.body());
    }

    private static Answer generate(String token, ObjectNode request) throws Exception {
        return GenerateClient.post(
                server.url(), "/api/v1/generate", request, Map.of("Authorization", "Bearer " + token));
    }

    private static String made(String token, int frames) throws Exception {
        try (Answer answer =
                generate(token, GenerateClient.request("fast", frames).put("output_format", "path"))) {
            assertEquals("complete", GenerateClient.last(answer.all()).name());
            return answer.jobId();
        }
    }

    @Test
    void showsAJobInFull() throws Exception {
        String id = made(ANNA, 21);
        JsonNode job = get(ANNA, "/api/v1/jobs/" + id);
        assertEquals(id, job.path("id").asText());
        assertEquals("generate", job.path("face").asText());
        assertEquals("fast", job.path("pipeline").asText());
        assertEquals("a red harbour at dusk", job.path("prompt").asText());
        assertEquals("completed", job.path("state").asText());
        assertEquals("42", job.path("seed").asText());
        assertEquals(1.0, job.path("progress").path("fraction").asDouble());
        assertTrue(job.path("position").isNull() && job.path("error").isNull(), job.toString());
        assertEquals(
                "{\"width\":64,\"height\":64,\"fps\":16.0,\"frames\":21}",
                job.path("shape").toString());
        assertTrue(job.path("finished_at").asDouble() >= job.path("created_at").asDouble(), job.toString());
        assertEquals(21, job.path("request").path("frames").asInt());
        assertFalse(job.path("request").has("attached"), job.toString());
        JsonNode file = job.path("files").path(0);
        assertEquals("frames.rgb", file.path("name").asText());
        assertEquals(21 * 64 * 64 * 3, file.path("bytes").asInt());
        byte[] all = bytes(ANNA, file.path("url").asText(), "bytes=0-").body();
        assertEquals(21 * 64 * 64 * 3, all.length);
        HttpResponse<byte[]> part = bytes(ANNA, file.path("url").asText(), "bytes=100-199");
        assertEquals(206, part.statusCode());
        assertArrayEquals(Arrays.copyOfRange(all, 100, 200), part.body());
        assertEquals(
                404,
                call(ANNA, "GET", "/api/v1/jobs/" + id + "/files/video.mp4", "").statusCode());
        assertEquals(409, call(ANNA, "GET", "/api/v1/jobs/" + id + "/live", "").statusCode());
        assertEquals(
                409, call(ANNA, "POST", "/api/v1/jobs/" + id + "/cancel", "").statusCode());
        assertEquals(204, call(ANNA, "DELETE", "/api/v1/jobs/" + id, "").statusCode());
        assertEquals(404, call(ANNA, "GET", "/api/v1/jobs/" + id, "").statusCode());
        assertEquals(404, call(ANNA, "DELETE", "/api/v1/jobs/" + id, "").statusCode());
    }

    private static HttpResponse<byte[]> bytes(String token, String path, String range) throws Exception {
        return HttpClient.newHttpClient()
                .send(request(token, path).header("Range", range).build(), HttpResponse.BodyHandlers.ofByteArray());
    }

    @Test
    void jobsOfOthersAreNotThereButForTheHolderOfTheFirstToken() throws Exception {
        String first = made(BERT, 9);
        String second = made(ANNA, 9);
        String third = made(BERT, 9);
        for (String path : List.of("", "/events", "/live", "/files/frames.rgb")) {
            assertEquals(
                    404, call(ANNA, "GET", "/api/v1/jobs/" + third + path, "").statusCode(), path);
        }
        assertEquals(404, call(ANNA, "DELETE", "/api/v1/jobs/" + third, "").statusCode());
        assertEquals(
                404, call(ANNA, "POST", "/api/v1/jobs/" + third + "/cancel", "").statusCode());
        String result = "/api/v1/generate/download?path=results/" + third + "/frames.rgb";
        assertEquals(404, call(ANNA, "GET", result, "").statusCode());
        assertEquals(200, bytes(BERT, result, "bytes=0-").statusCode());
        JsonNode own = get(BERT, "/api/v1/jobs?limit=1&face=generate");
        assertEquals(third, own.path("jobs").path(0).path("id").asText());
        assertTrue(own.path("more").asBoolean());
        JsonNode next = get(BERT, "/api/v1/jobs?limit=1&after=" + third);
        assertEquals(first, next.path("jobs").path(0).path("id").asText());
        JsonNode all = get(OPERATOR, "/api/v1/jobs?limit=3&state=completed");
        assertEquals(3, all.path("jobs").size());
        assertEquals(second, all.path("jobs").path(1).path("id").asText());
        assertEquals(0, get(OPERATOR, "/api/v1/jobs?face=other").path("jobs").size());
        assertEquals(422, call(BERT, "GET", "/api/v1/jobs?state=sleeping", "").statusCode());
        assertEquals(422, call(BERT, "GET", "/api/v1/jobs?limit=0", "").statusCode());
        assertEquals(401, call("wrong", "GET", "/api/v1/jobs", "").statusCode());
    }

    @Test
    void tellsWhatHappensToAJobUntilItIsCancelled() throws Exception {
        try (Answer running = generate(ANNA, GenerateClient.request("slow", 600).put("output_format", "mp4"))) {
            assertEquals(200, running.response.statusCode());
            String id = running.jobId();
            Answer events = new Answer(HttpClient.newHttpClient()
                    .send(
                            request(ANNA, "/api/v1/jobs/" + id + "/events?preview=true")
                                    .build(),
                            HttpResponse.BodyHandlers.ofInputStream()));
            // The file grows only while its first reader reads, which is us.
            HttpResponse<InputStream> live = HttpClient.newHttpClient()
                    .send(
                            request(ANNA, "/api/v1/jobs/" + id + "/live").build(),
                            HttpResponse.BodyHandlers.ofInputStream());
            Event event = events.next().orElseThrow();
            while (!event.name().equals("chunk")) {
                assertTrue(List.of("queued", "started", "step").contains(event.name()), event.name());
                event = events.next().orElseThrow();
            }
            assertTrue(event.data().path("chunk").asInt() >= 1);
            assertEquals(51, event.data().path("total_chunks").asInt());
            assertTrue(event.data().path("preview_base64").asText().startsWith("/9j/"));
            byte[] head = live.body().readNBytes(8);
            assertEquals("ftyp", new String(head, 4, 4, java.nio.charset.StandardCharsets.US_ASCII));
            live.body().close();
            JsonNode job = server.await(
                    "/api/v1/jobs/" + id + "?access_token=" + ANNA,
                    now -> now.path("state").asText().equals("running"));
            assertTrue(job.path("progress").path("eta_seconds").asDouble() > 1, job.toString());
            assertEquals(
                    200,
                    call(ANNA, "POST", "/api/v1/jobs/" + id + "/cancel", "").statusCode());
            List<Event> rest = events.all();
            assertEquals("ended", GenerateClient.last(rest).name());
            assertEquals(
                    "cancelled", GenerateClient.last(rest).data().path("state").asText());
            assertEquals(
                    409, call(ANNA, "GET", "/api/v1/jobs/" + id + "/live", "").statusCode());
        }
    }
}
