package io.github.tachyscope.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.github.tachyscope.testkit.RunningApi;
import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HttpApiIT {
    @TempDir
    private static Path directory;

    private static RunningApi api;

    @BeforeAll
    static void start() throws Exception {
        Path web = Files.createDirectories(directory.resolve("web"));
        Files.writeString(web.resolve("index.html"), "<p>start</p>");
        Files.writeString(web.resolve("main.js"), "export {};");
        Files.writeString(directory.resolve("secret.txt"), "secret");
        Files.createSymbolicLink(web.resolve("link.txt"), directory.resolve("secret.txt"));
        api = new RunningApi(directory, "tachyscope.server.web-dir = \"" + web + "\"");
    }

    @AfterAll
    static void stop() throws Exception {
        api.close();
    }

    @Test
    void everyDescribedCallExistsAndEveryCallIsDescribed() throws Exception {
        JsonNode paths = new YAMLMapper()
                .readTree(HttpApiIT.class.getResourceAsStream("/openapi.yaml"))
                .path("paths");
        Set<String> described = new TreeSet<>();
        paths.properties()
                .forEach(path -> path.getValue().fieldNames().forEachRemaining(method -> {
                    if (!method.equals("parameters")) {
                        described.add(method.toUpperCase(Locale.ROOT) + " " + path.getKey());
                    }
                }));
        Set<String> served = new TreeSet<>();
        HttpApi.endpoints(api.parts, api.faces)
                .forEach(endpoint -> served.add(
                        endpoint.method().value() + " " + endpoint.template().replace("*}", "}")));
        assertEquals(served, described);
    }

    @Test
    void everyDescribedCallAnswersWithADescribedStatus() throws Exception {
        JsonNode paths = new YAMLMapper()
                .readTree(HttpApiIT.class.getResourceAsStream("/openapi.yaml"))
                .path("paths");
        for (var path : paths.properties()) {
            for (var operation : path.getValue().properties()) {
                if (operation.getKey().equals("parameters")) {
                    continue;
                }
                String target = path.getKey().replaceAll("\\{[a-zA-Z]+}", "x");
                String method = operation.getKey().toUpperCase(Locale.ROOT);
                var body = method.equals("GET") ? BodyPublishers.noBody() : BodyPublishers.ofString("{}");
                HttpResponse<InputStream> reply = api.client()
                        .send(api.request(target).method(method, body).build(), BodyHandlers.ofInputStream());
                reply.body().close();
                JsonNode responses = operation.getValue().path("responses");
                boolean validation = reply.statusCode() == 422;
                assertTrue(
                        validation || responses.has(Integer.toString(reply.statusCode())),
                        () -> method + " " + target + " gave " + reply.statusCode());
            }
        }
    }

    @Test
    void tellsThatItIsHealthyAndSinceWhen() throws Exception {
        HttpResponse<String> reply = api.get("/health");
        assertEquals(200, reply.statusCode());
        JsonNode body = RunningApi.json(reply);
        assertEquals("healthy", body.path("status").asText());
        assertEquals(1.7e9, body.path("server_start_time").asDouble());
        assertEquals("1.2.3", body.path("version").asText());
        assertEquals("abcdef", body.path("git_commit").asText());
        assertTrue(body.has("timestamp"));
    }

    @Test
    void tellsWhyItIsNotReady() throws Exception {
        assertEquals(200, api.get("/ready").statusCode());
        api.notReady = List.of("loading synthetic");
        try {
            HttpResponse<String> reply = api.get("/ready");
            assertEquals(503, reply.statusCode());
            assertEquals(
                    "loading synthetic",
                    RunningApi.json(reply).path("reasons").path(0).asText());
        } finally {
            api.notReady = List.of();
        }
    }

    @Test
    void givesMetricsInfoAndTimeline() throws Exception {
        assertEquals("tachyscope_up 1\n", api.get("/metrics").body());
        JsonNode info = RunningApi.json(api.get("/api/v1/info"));
        assertEquals("cuda:0", info.path("devices").path(1).path("id").asText());
        assertEquals(16, info.path("limits").path("sessions").asInt());
        JsonNode timeline = RunningApi.json(api.get("/api/v1/engine/timeline?since=0"));
        assertEquals(1, timeline.path("next").asInt());
        assertEquals("s1", timeline.path("spans").path(0).path("owner").asText());
        assertEquals(422, api.get("/api/v1/engine/timeline?since=x").statusCode());
        JsonNode cost =
                RunningApi.json(api.get("/api/v1/engine/costs")).path("costs").path(0);
        assertEquals(
                "synthetic denoise 64x64 2",
                cost.path("pipeline").asText() + " " + cost.path("kind").asText() + " "
                        + cost.path("form").asText() + " " + cost.path("batch"));
        assertEquals(
                "2500 2400 3000 12",
                cost.path("mean_us") + " " + cost.path("p50_us") + " " + cost.path("p95_us") + " "
                        + cost.path("count"));
    }

    @Test
    void streamsTheTimelineAsEvents() throws Exception {
        var request = api.request("/api/v1/engine/timeline").header("Accept", "text/event-stream");
        HttpResponse<InputStream> reply = api.client().send(request.build(), BodyHandlers.ofInputStream());
        assertEquals("no-cache", reply.headers().firstValue("Cache-Control").orElseThrow());
        assertTrue(reply.headers().firstValue("Content-Type").orElseThrow().startsWith("text/event-stream"));
        try (var lines = new BufferedReader(new InputStreamReader(reply.body(), StandardCharsets.UTF_8))) {
            String line = lines.readLine();
            while (!line.startsWith("event:")) {
                line = lines.readLine();
            }
            assertEquals("event: spans", line);
            assertTrue(lines.readLine().startsWith("data: {\"spans\":[{"));
        }
    }

    @Test
    void letsOtherOriginsPatchAfterAPreflight() throws Exception {
        HttpResponse<String> reply = api.send(api.request("/api/v1/webrtc/offer/s1")
                .header("Origin", "https://elsewhere.example")
                .header("Access-Control-Request-Method", "PATCH")
                .header("Access-Control-Request-Headers", "content-type, x-odd")
                .method("OPTIONS", BodyPublishers.noBody()));
        assertEquals(204, reply.statusCode());
        assertEquals(
                "https://elsewhere.example",
                reply.headers().firstValue("Access-Control-Allow-Origin").orElseThrow());
        assertEquals(
                "true",
                reply.headers().firstValue("Access-Control-Allow-Credentials").orElseThrow());
        assertTrue(reply.headers()
                .firstValue("Access-Control-Allow-Methods")
                .orElseThrow()
                .contains("PATCH"));
        assertEquals(
                "content-type, x-odd",
                reply.headers().firstValue("Access-Control-Allow-Headers").orElseThrow());
        HttpResponse<String> error =
                api.send(api.request("/api/v1/nothing").header("Origin", "https://elsewhere.example"));
        assertEquals(404, error.statusCode());
        assertEquals(
                "https://elsewhere.example",
                error.headers().firstValue("Access-Control-Allow-Origin").orElseThrow());
    }

    @Test
    void answersWrongPathsAndMethodsInTheOneForm() throws Exception {
        assertEquals(
                "Not Found",
                RunningApi.json(api.get("/api/v1/nothing")).path("detail").asText());
        HttpResponse<String> reply = api.get("/api/v1/pipeline/load");
        assertEquals(405, reply.statusCode());
        assertEquals("POST", reply.headers().firstValue("Allow").orElseThrow());
        assertTrue(RunningApi.json(reply).path("detail").isTextual());
        assertEquals(404, api.post("/page", "{}").statusCode());
    }

    @Test
    void refusesABodyThatIsTooLarge() throws Exception {
        HttpResponse<String> reply = api.post("/api/v1/pipeline/load", "{\"x\":\"" + "x".repeat(2 << 20) + "\"}");
        assertEquals(413, reply.statusCode());
        assertTrue(RunningApi.json(reply).has("detail"));
    }

    @Test
    void servesPagesAndTheStartPageForWhatIsNoFile() throws Exception {
        HttpResponse<String> script = api.get("/main.js");
        assertEquals(
                "text/javascript; charset=UTF-8",
                script.headers().firstValue("Content-Type").orElseThrow());
        assertTrue(script.headers()
                .firstValue("Content-Security-Policy")
                .orElseThrow()
                .startsWith("default-src 'self'"));
        assertEquals(
                "nosniff", script.headers().firstValue("X-Content-Type-Options").orElseThrow());
        String tag = script.headers().firstValue("ETag").orElseThrow();
        assertEquals(
                304,
                api.send(api.request("/main.js").header("If-None-Match", tag)).statusCode());
        for (String path : List.of("/", "/index.html", "/studio/main")) {
            HttpResponse<String> start = api.get(path);
            assertEquals("<p>start</p>", start.body(), path);
            assertEquals(
                    "no-cache, no-store, must-revalidate",
                    start.headers().firstValue("Cache-Control").orElseThrow());
        }
    }

    @Test
    void keepsPagesInside() throws Exception {
        // The parser of the server takes whole dot segments out.
        assertEquals(200, raw("/../secret.txt"));
        assertEquals(200, raw("/%2e%2e/secret.txt"));
        for (String path : List.of("/a/..%2f..%2fsecret.txt", "/link.txt")) {
            assertEquals(403, raw(path), path);
        }
        assertEquals(400, raw("/%zz"));
        assertEquals(403, raw("/x%00.js"));
    }

    private static int raw(String path) throws Exception {
        try (Socket socket = new Socket("127.0.0.1", api.port())) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream()
                    .write(("GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            String head = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertFalse(head.contains("secret"), head);
            return Integer.parseInt(head.substring(9, 12));
        }
    }

    @Test
    void showsItsDescription() throws Exception {
        assertTrue(api.get("/docs").body().contains("swagger-ui"));
        assertTrue(api.get("/docs/swagger-initializer.js").body().contains("/openapi.json"));
        assertEquals(200, api.get("/docs/swagger-ui-bundle.js").statusCode());
        assertEquals(
                "text/css; charset=UTF-8",
                api.get("/docs/swagger-ui.css")
                        .headers()
                        .firstValue("Content-Type")
                        .orElseThrow());
        assertEquals(404, api.get("/docs/nothing.js").statusCode());
        assertEquals(
                "Tachyscope",
                RunningApi.json(api.get("/openapi.json"))
                        .path("info")
                        .path("title")
                        .asText());
    }
}
