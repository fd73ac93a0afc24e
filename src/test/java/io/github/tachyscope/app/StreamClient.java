package io.github.tachyscope.app;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A client of a streamed video: sends JSON, collects what comes in its order. */
final class StreamClient implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Longest wait for anything; machines may be busy. */
    private static final long PATIENCE_SECONDS = 60;

    /** What came: a text, bytes, or the end. */
    record Frame(Optional<JsonNode> text, Optional<byte[]> bytes, int closeCode) {
        String type() {
            return text.map(json -> json.path("type").asText()).orElse(bytes.isPresent() ? "binary" : "closed");
        }
    }

    final List<Frame> frames = new ArrayList<>();
    private final BlockingQueue<Frame> arrived = new LinkedBlockingQueue<>();
    private final WebSocket socket;

    StreamClient(HttpClient http, String url, String path, Map<String, String> headers) {
        WebSocket.Builder builder = http.newWebSocketBuilder().connectTimeout(Duration.ofSeconds(PATIENCE_SECONDS));
        headers.forEach(builder::header);
        socket = builder.buildAsync(URI.create(url.replaceFirst("^http", "ws") + path), new Listener())
                .join();
    }

    private final class Listener implements WebSocket.Listener {
        private final StringBuilder text = new StringBuilder();
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        @Override
        public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
            text.append(data);
            if (last) {
                try {
                    arrived.add(new Frame(Optional.of(JSON.readTree(text.toString())), Optional.empty(), 0));
                } catch (JsonProcessingException broken) {
                    throw new AssertionError(broken);
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
                arrived.add(new Frame(Optional.empty(), Optional.of(bytes.toByteArray()), 0));
                bytes.reset();
            }
            from.request(1);
            return null;
        }

        @Override
        public CompletionStage<?> onClose(WebSocket from, int code, String reason) {
            arrived.add(new Frame(Optional.empty(), Optional.empty(), code));
            return null;
        }

        @Override
        public void onError(WebSocket from, Throwable error) {
            arrived.add(new Frame(Optional.empty(), Optional.empty(), -1));
        }
    }

    StreamClient send(String json) {
        socket.sendText(json.replace('\'', '"'), true).join();
        return this;
    }

    void sendBinary() {
        socket.sendBinary(ByteBuffer.wrap(new byte[3]), true).join();
    }

    Frame next() throws InterruptedException {
        Frame frame = arrived.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        if (frame == null) {
            throw new AssertionError("nothing more came after " + types());
        }
        frames.add(frame);
        return frame;
    }

    /** The next frame of that type; those before it are only collected. */
    Frame until(String type) throws InterruptedException {
        Frame frame = next();
        while (!frame.type().equals(type)) {
            if (frame.type().equals("closed")) {
                throw new AssertionError("no " + type + " in " + types() + texts());
            }
            frame = next();
        }
        return frame;
    }

    JsonNode text(String type) throws InterruptedException {
        return until(type).text().orElseThrow();
    }

    int closed() throws InterruptedException {
        return until("closed").closeCode();
    }

    List<String> types() {
        return frames.stream().map(Frame::type).toList();
    }

    List<JsonNode> texts() {
        return frames.stream().flatMap(frame -> frame.text().stream()).toList();
    }

    List<byte[]> binaries() {
        return frames.stream().flatMap(frame -> frame.bytes().stream()).toList();
    }

    byte[] media() {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        binaries().forEach(all::writeBytes);
        return all.toByteArray();
    }

    /** Goes without a word, as a client whose machine fails. */
    void vanish() {
        socket.abort();
    }

    @Override
    public void close() {
        socket.abort();
    }
}
