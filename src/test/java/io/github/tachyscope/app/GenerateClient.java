package io.github.tachyscope.app;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads events as a client of the generate endpoint does. */
final class GenerateClient {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private GenerateClient() {}

    record Event(String name, JsonNode data) {}

    /** A video of bytes that came as floats. */
    record Video(int frames, int height, int width, byte[] rgb) {
        byte[] frame(int index) {
            int bytes = height * width * 3;
            return java.util.Arrays.copyOfRange(rgb, index * bytes, (index + 1) * bytes);
        }
    }

    /** An answer that is still coming. */
    static final class Answer implements AutoCloseable {
        final HttpResponse<InputStream> response;
        private final BufferedReader lines;
        final List<String> comments = new ArrayList<>();

        Answer(HttpResponse<InputStream> response) {
            this.response = response;
            this.lines = new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8), 1 << 16);
        }

        String jobId() {
            return response.headers().firstValue("X-Job-Id").orElseThrow();
        }

        Optional<Event> next() {
            try {
                String name = "";
                String data = "";
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    if (line.startsWith(":")) {
                        comments.add(line);
                    } else if (line.startsWith("event: ")) {
                        name = line.substring(7);
                    } else if (line.startsWith("data: ")) {
                        data = line.substring(6);
                    } else if (line.isEmpty() && !name.isEmpty()) {
                        return Optional.of(new Event(name, JSON.readTree(data)));
                    }
                }
                return Optional.empty();
            } catch (IOException broken) {
                throw new UncheckedIOException(broken);
            }
        }

        List<Event> all() {
            List<Event> events = new ArrayList<>();
            for (Optional<Event> event = next(); event.isPresent(); event = next()) {
                events.add(event.get());
            }
            return events;
        }

        @Override
        public void close() throws IOException {
            response.body().close();
        }
    }

    static ObjectNode request(String pipeline, int frames) {
        return JSON.createObjectNode()
                .put("pipeline_id", pipeline)
                .put("prompt", "a red harbour at dusk")
                .put("num_frames", frames);
    }

    static ObjectNode with(ObjectNode request, String json) throws IOException {
        return request.setAll((ObjectNode) JSON.readTree(json));
    }

    static ObjectNode withVideo(ObjectNode request, byte[] rgb, int... shape) {
        ObjectNode video = request.putObject("input_video");
        video.put("base64", Base64.getEncoder().encodeToString(rgb));
        for (int size : shape) {
            video.withArray("shape").add(size);
        }
        return request;
    }

    static Answer post(String url, JsonNode request) throws Exception {
        return post(url, "/api/v1/generate", request, Map.of());
    }

    static Answer post(String url, String path, JsonNode request, Map<String, String> headers) throws Exception {
        HttpRequest.Builder call = HttpRequest.newBuilder(URI.create(url + path))
                .timeout(Duration.ofSeconds(60))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(request.toString()));
        headers.forEach(call::header);
        return new Answer(HTTP.send(call.build(), HttpResponse.BodyHandlers.ofInputStream()));
    }

    /** All events of a request that is taken. */
    static List<Event> events(String url, JsonNode request) throws Exception {
        try (Answer answer = post(url, request)) {
            if (answer.response.statusCode() != 200) {
                throw new AssertionError(new String(answer.response.body().readAllBytes(), StandardCharsets.UTF_8));
            }
            return answer.all();
        }
    }

    static Event last(List<Event> events) {
        return events.get(events.size() - 1);
    }

    /** The video of a request that ends well. */
    static Video video(String url, JsonNode request) throws Exception {
        Event last = last(events(url, request));
        if (!last.name().equals("complete")) {
            throw new AssertionError(last);
        }
        return video(last.data());
    }

    static Video video(JsonNode complete) {
        JsonNode shape = complete.path("video_shape");
        byte[] raw = Base64.getDecoder().decode(complete.path("video_base64").asText());
        ByteBuffer floats = ByteBuffer.wrap(raw).order(ByteOrder.LITTLE_ENDIAN);
        byte[] rgb = new byte[raw.length / 4];
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = (byte) Math.round(floats.getFloat() * 255);
        }
        return new Video(
                shape.get(0).asInt(), shape.get(1).asInt(), shape.get(2).asInt(), rgb);
    }
}
