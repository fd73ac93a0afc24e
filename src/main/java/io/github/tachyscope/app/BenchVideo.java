package io.github.tachyscope.app;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Asks the benchmarked server for videos, as clients do. */
final class BenchVideo {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final int CHANGED_LENGTH = 4;

    /** A stored video. */
    record Stored(double totalMillis, byte[] bytes) {}

    /**
     * A streamed video.
     *
     * @param firstMillis from the request to the first media byte
     * @param totalMillis from the request to the end
     * @param changeMillis from the changed prompt to the first byte that shows it; 0 without one
     * @param changeChunks chunks that arrive after the change and do not show it
     */
    record Streamed(
            double firstMillis,
            double totalMillis,
            double chunks,
            double changeMillis,
            double changeChunks,
            byte[] bytes) {}

    /** What came over the socket, and when. */
    private record Message(Optional<JsonNode> text, byte[] bytes, long atNanos) {}

    private final HttpClient http = HttpClient.newHttpClient();
    private final String url;
    private final StreamOptions options;

    BenchVideo(String url, StreamOptions options) {
        this.url = url;
        this.options = options;
    }

    private ObjectNode request(int seed, int frames) {
        return JSON.createObjectNode()
                .put("prompt", "watercolor painting")
                .put("num_frames", frames)
                .put("width", options.size().width())
                .put("height", options.size().height())
                .put("fps", 16)
                .put("seed", seed);
    }

    Stored stored(int seed) throws IOException, InterruptedException {
        long begun = System.nanoTime();
        HttpResponse<byte[]> reply = http.send(
                HttpRequest.newBuilder(URI.create(url + "/v1/videos/sync"))
                        .timeout(PATIENCE)
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(
                                request(seed, options.frames()).toString()))
                        .build(),
                HttpResponse.BodyHandlers.ofByteArray());
        if (reply.statusCode() != 200) {
            throw new IOException("no video: " + reply.statusCode());
        }
        return new Stored(millis(System.nanoTime() - begun), reply.body());
    }

    /** @param change a prompt to change to, as a hard cut, after the first chunk; the video is longer then, so that the change finds
     *     something left to act on */
    Streamed streamed(int seed, Optional<String> change) throws IOException, InterruptedException {
        BlockingQueue<Message> arrived = new LinkedBlockingQueue<>();
        WebSocket socket = http.newWebSocketBuilder()
                .buildAsync(URI.create(url.replaceFirst("^http", "ws") + "/v1/realtime/video"), new Listener(arrived))
                .join();
        long begun = System.nanoTime();
        int frames = change.isPresent() ? CHANGED_LENGTH * options.frames() : options.frames();
        socket.sendText(request(seed, frames).put("type", "session.start").toString(), true)
                .join();
        ByteArrayOutputStream media = new ByteArrayOutputStream();
        double first = 0;
        int chunks = 0;
        long changed = 0;
        boolean shows = false;
        int missed = 0;
        double changeMillis = 0;
        while (true) {
            Message message = arrived.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            if (message == null) {
                throw new IOException("the stream stands still");
            }
            if (message.text().isPresent()) {
                JsonNode text = message.text().get();
                shows = shows || text.path("started_event_ids").size() > 0;
                String type = text.path("type").asText();
                if (type.equals("error")) {
                    throw new IOException(text.path("message").asText());
                } else if (type.equals("session.done")) {
                    socket.abort();
                    return new Streamed(
                            first,
                            millis(message.atNanos() - begun),
                            chunks,
                            changeMillis,
                            missed,
                            media.toByteArray());
                }
                continue;
            }
            media.writeBytes(message.bytes());
            chunks++;
            first = chunks == 1 ? millis(message.atNanos() - begun) : first;
            if (changed != 0 && shows && changeMillis == 0) {
                changeMillis = millis(message.atNanos() - changed);
            } else if (changed != 0 && !shows) {
                missed++;
            }
            if (chunks == 1 && change.isPresent()) {
                changed = System.nanoTime();
                socket.sendText(interaction(change.get()), true).join();
            }
        }
    }

    private static String interaction(String prompt) {
        ObjectNode message = JSON.createObjectNode().put("type", "session.interaction");
        ObjectNode interaction = message.putObject("interaction").put("transition_chunks", 0);
        interaction.putObject("event").put("prompt", prompt);
        return message.toString();
    }

    private static double millis(long nanos) {
        return nanos / 1e6;
    }

    private static final class Listener implements WebSocket.Listener {
        private final BlockingQueue<Message> arrived;
        private final StringBuilder text = new StringBuilder();
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        Listener(BlockingQueue<Message> arrived) {
            this.arrived = arrived;
        }

        @Override
        public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
            text.append(data);
            if (last) {
                try {
                    arrived.add(
                            new Message(Optional.of(JSON.readTree(text.toString())), new byte[0], System.nanoTime()));
                } catch (IOException broken) {
                    from.abort();
                }
                text.setLength(0);
            }
            from.request(1);
            return null;
        }

        @Override
        public CompletionStage<?> onBinary(WebSocket from, ByteBuffer data, boolean last) {
            byte[] part = new byte[data.remaining()];
            data.get(part);
            bytes.writeBytes(part);
            if (last) {
                arrived.add(new Message(Optional.empty(), bytes.toByteArray(), System.nanoTime()));
                bytes.reset();
            }
            from.request(1);
            return null;
        }
    }
}
