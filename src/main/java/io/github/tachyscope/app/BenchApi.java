package io.github.tachyscope.app;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** The HTTP interface of the benchmarked server, as its clients use it. */
final class BenchApi {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int POLL_MILLIS = 50;
    private static final String OFFER = "/api/v1/webrtc/offer";

    private final HttpClient http = HttpClient.newHttpClient();
    private final String url;

    /** The answer to an offer. */
    record Answer(String sessionId, String sdp) {}

    BenchApi(String url) {
        this.url = url;
    }

    void load(String pipelineId, BenchOptions.Size size) throws IOException, InterruptedException {
        Map<String, Integer> picture = Map.of("width", size.width(), "height", size.height());
        load(pipelineId, pipelineId.equals("passthrough") ? Map.of() : picture);
    }

    /** @param parameters load-time parameters */
    void load(String pipelineId, Map<String, ?> parameters) throws IOException, InterruptedException {
        Map<String, Object> body = Map.of("pipeline_ids", List.of(pipelineId), "load_params", parameters);
        call("POST", "/api/v1/pipeline/load", JSON.writeValueAsString(body));
        long giveUp = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            JsonNode status = call("GET", "/api/v1/pipeline/status", "");
            String state = status.path("status").asText();
            if (state.equals("loaded")) {
                return;
            }
            if (state.equals("error") || System.nanoTime() > giveUp) {
                throw new IOException("cannot load " + pipelineId + ": " + status);
            }
            Thread.sleep(POLL_MILLIS);
        }
    }

    Answer offer(String sdp) throws IOException, InterruptedException {
        return offer(sdp, Map.of("input_mode", "video"));
    }

    Answer offer(String sdp, String prompt) throws IOException, InterruptedException {
        return offer(sdp, Map.of("input_mode", "video", "prompts", List.of(Map.of("text", prompt))));
    }

    /** Offers; whether that was refused for now, with a time to come back. */
    boolean refused(String sdp) throws IOException, InterruptedException {
        HttpResponse<String> reply = send("POST", OFFER, body(sdp, Map.of("input_mode", "video")));
        return reply.statusCode() == 503
                && reply.headers().firstValue("Retry-After").isPresent();
    }

    private static String body(String sdp, Map<String, ?> initial) throws IOException {
        return JSON.writeValueAsString(Map.of("sdp", sdp, "type", "offer", "initialParameters", initial));
    }

    private Answer offer(String sdp, Map<String, ?> initial) throws IOException, InterruptedException {
        JsonNode reply = call("POST", OFFER, body(sdp, initial));
        return new Answer(reply.path("sessionId").asText(), reply.path("sdp").asText());
    }

    void hangUp(String sessionId) throws IOException, InterruptedException {
        call("DELETE", OFFER + "/" + sessionId, "");
    }

    /** Median from a picture's arrival at the server until it is encoded again; NaN if the server cannot say. */
    double insideMillis(String sessionId) throws IOException, InterruptedException {
        return call("GET", "/api/v1/session/metrics", "")
                .path("sessions")
                .path(sessionId)
                .path("latency_ms")
                .asDouble(Double.NaN);
    }

    private JsonNode call(String method, String path, String body) throws IOException, InterruptedException {
        HttpResponse<String> reply = send(method, path, body);
        if (reply.statusCode() / 100 != 2) {
            throw new IOException(method + " " + path + ": " + reply.statusCode() + " " + reply.body());
        }
        return reply.body().isEmpty() ? JSON.nullNode() : JSON.readTree(reply.body());
    }

    private HttpResponse<String> send(String method, String path, String body)
            throws IOException, InterruptedException {
        return http.send(
                HttpRequest.newBuilder(URI.create(url + path))
                        .timeout(PATIENCE)
                        .header("Content-Type", "application/json")
                        .method(method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }
}
