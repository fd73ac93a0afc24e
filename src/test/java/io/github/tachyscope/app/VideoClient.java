package io.github.tachyscope.app;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A client of {@code /v1/videos}, as far from the server's code as its own JSON and forms. */
final class VideoClient {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String BOUNDARY = "part-of-this-form";

    private final String url;
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    VideoClient(RunningServer server) {
        this.url = server.url();
    }

    /** Text, or a file with a name. */
    record Part(String name, String fileName, byte[] bytes) {
        static Part text(String name, String value) {
            return new Part(name, "", value.getBytes(StandardCharsets.UTF_8));
        }
    }

    HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(url + path)).timeout(Duration.ofSeconds(60));
    }

    HttpResponse<byte[]> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return http.send(request.build(), BodyHandlers.ofByteArray());
    }

    HttpClient http() {
        return http;
    }

    HttpResponse<byte[]> get(String path, String... headers) throws IOException, InterruptedException {
        HttpRequest.Builder request = request(path);
        for (int i = 0; i < headers.length; i += 2) {
            request.header(headers[i], headers[i + 1]);
        }
        return send(request);
    }

    HttpResponse<byte[]> postJson(String path, String json) throws IOException, InterruptedException {
        return send(request(path)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(json.replace('\'', '"'))));
    }

    HttpResponse<byte[]> postForm(String path, Part... parts) throws IOException, InterruptedException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        for (Part part : parts) {
            String file = part.fileName().isEmpty() ? "" : "; filename=\"" + part.fileName() + "\"";
            body.writeBytes(("--" + BOUNDARY + "\r\nContent-Disposition: form-data; name=\"" + part.name() + "\"" + file
                            + "\r\n\r\n")
                    .getBytes(StandardCharsets.UTF_8));
            body.writeBytes(part.bytes());
            body.writeBytes("\r\n".getBytes(StandardCharsets.UTF_8));
        }
        body.writeBytes(("--" + BOUNDARY + "--\r\n").getBytes(StandardCharsets.UTF_8));
        return send(request(path)
                .header("Content-Type", "multipart/form-data; boundary=" + BOUNDARY)
                .POST(BodyPublishers.ofByteArray(body.toByteArray())));
    }

    HttpResponse<byte[]> delete(String id) throws IOException, InterruptedException {
        return send(request("/v1/videos/" + id).DELETE());
    }

    static JsonNode json(HttpResponse<byte[]> response) throws IOException {
        return JSON.readTree(response.body());
    }

    /** Makes a job and returns its id. */
    String create(String json) throws IOException, InterruptedException {
        return created(postJson("/v1/videos", json));
    }

    static String created(HttpResponse<byte[]> reply) throws IOException {
        if (reply.statusCode() != 200) {
            throw new AssertionError(reply.statusCode() + " " + new String(reply.body(), StandardCharsets.UTF_8));
        }
        return json(reply).path("id").asText();
    }

    JsonNode read(String id) throws IOException, InterruptedException {
        return json(get("/v1/videos/" + id));
    }

    /** Looks at a job until it has a status, and returns everything seen on the way. */
    List<JsonNode> until(String id, String status) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        List<JsonNode> seen = new ArrayList<>();
        do {
            if (System.nanoTime() > deadline) {
                throw new AssertionError(id + " is not " + status + ": " + seen.get(seen.size() - 1));
            }
            if (!seen.isEmpty()) {
                Thread.sleep(20);
            }
            seen.add(read(id));
        } while (!seen.get(seen.size() - 1).path("status").asText().equals(status));
        return seen;
    }

    JsonNode completed(String id) throws IOException, InterruptedException {
        List<JsonNode> seen = until(id, "completed");
        return seen.get(seen.size() - 1);
    }

    static String header(HttpResponse<?> response, String name) {
        return response.headers().firstValue(name).orElse("");
    }

    static Map<String, String> error(HttpResponse<byte[]> response) throws IOException {
        JsonNode body = json(response);
        JsonNode error = body.path("error");
        if (!error.path("message").equals(body.path("detail"))
                || error.path("code").asInt() != response.statusCode()) {
            throw new AssertionError("not an error for both families of clients: " + body);
        }
        return Map.of(
                "message", error.path("message").asText(),
                "type", error.path("type").asText(),
                "param", error.path("param").asText());
    }
}
