package io.github.tachyscope.app;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.tachyscope.config.ConfigLoader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/** The whole server on free ports of the loopback address, and a client for its API. */
public final class RunningServer implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** The first load of a process unpacks and links the tensor library. */
    private static final Duration LOAD_PATIENCE = Duration.ofSeconds(60);

    private final Server server;
    private final HttpClient http = HttpClient.newHttpClient();

    private RunningServer(Server server) {
        this.server = server;
    }

    /**
     * Starts a server without a loaded pipeline.
     *
     * @param directory for models and assets
     * @param overrides settings by path, such as {@code tachyscope.session.max}
     */
    public static RunningServer start(Path directory, Map<String, String> overrides) throws Exception {
        Map<String, String> options = new HashMap<>(Map.of(
                "tachyscope.server.port",
                "0",
                "tachyscope.pipelines.preload",
                "",
                "tachyscope.storage.models-dir",
                directory.resolve("models").toString(),
                "tachyscope.storage.assets-dir",
                directory.resolve("assets").toString(),
                "tachyscope.storage.media-dir",
                directory.resolve("media").toString(),
                "tachyscope.jobs.dir",
                directory.resolve("jobs").toString(),
                "tachyscope.session.drain-timeout",
                "2 s",
                "tachyscope.engine.warm-up",
                "300 ms",
                "tachyscope.server.web-dir",
                Path.of("web").toAbsolutePath().toString()));
        options.putAll(overrides);
        return new RunningServer(Server.start(
                ConfigLoader.load(new ConfigLoader.Sources(options, Optional.empty(), Map.of(), Map.of(), directory))));
    }

    public String url() {
        return server.url();
    }

    public HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return send(request(path).GET());
    }

    public HttpResponse<String> post(String path, String body) throws IOException, InterruptedException {
        return send(request(path).POST(HttpRequest.BodyPublishers.ofString(body)));
    }

    public HttpResponse<String> delete(String path) throws IOException, InterruptedException {
        return send(request(path).DELETE());
    }

    public HttpResponse<String> patch(String path, String body) throws IOException, InterruptedException {
        return send(request(path).method("PATCH", HttpRequest.BodyPublishers.ofString(body)));
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(url() + path))
                .timeout(Duration.ofSeconds(20))
                .header("Content-Type", "application/json");
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    public JsonNode json(String path) throws IOException, InterruptedException {
        return JSON.readTree(get(path).body());
    }

    /** Loads a chain as a client does, and waits until the status says so. */
    public void load(String... pipelineIds) throws Exception {
        loadWith(Map.of(), pipelineIds);
    }

    /** Loads a chain with load-time parameters. */
    public void loadWith(Map<String, ?> parameters, String... pipelineIds) throws Exception {
        HttpResponse<String> reply = post(
                "/api/v1/pipeline/load",
                JSON.writeValueAsString(Map.of("pipeline_ids", pipelineIds, "load_params", parameters)));
        if (reply.statusCode() != 200) {
            throw new AssertionError(reply.body());
        }
        await(
                "/api/v1/pipeline/status",
                LOAD_PATIENCE,
                status -> List.of("loaded", "error")
                        .contains(status.path("status").asText()));
        JsonNode status = json("/api/v1/pipeline/status");
        if (!status.path("status").asText().equals("loaded")) {
            throw new AssertionError("not loaded: " + status);
        }
    }

    /** Asks a path until its answer is as wanted, ten seconds at most. */
    public JsonNode await(String path, Predicate<JsonNode> wanted) throws Exception {
        return await(path, Duration.ofSeconds(10), wanted);
    }

    private JsonNode await(String path, Duration patience, Predicate<JsonNode> wanted) throws Exception {
        long deadline = System.nanoTime() + patience.toNanos();
        JsonNode last = json(path);
        while (!wanted.test(last)) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError(path + " still says " + last);
            }
            Thread.sleep(20);
            last = json(path);
        }
        return last;
    }

    @Override
    public void close() {
        server.close();
    }
}
