package io.github.tachyscope.app;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Does what scripts for ComfyUI do. */
final class ComfyClient {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final HttpClient http = HttpClient.newHttpClient();
    private final String url;

    ComfyClient(String url) {
        this.url = url;
    }

    /** A message of a socket. */
    sealed interface Heard {}

    record Text(JsonNode json) implements Heard {
        String type() {
            return json.path("type").asText();
        }

        JsonNode data() {
            return json.path("data");
        }
    }

    record Binary(byte[] bytes) implements Heard {}

    enum Closed implements Heard {
        INSTANCE
    }

    /** An open socket. */
    static final class Socket implements WebSocket.Listener, AutoCloseable {
        final BlockingQueue<Heard> heard = new LinkedBlockingQueue<>();
        private final StringBuilder text = new StringBuilder();
        private final ByteArrayOutputStream binary = new ByteArrayOutputStream();
        private final CompletableFuture<WebSocket> socket = new CompletableFuture<>();

        @Override
        public void onOpen(WebSocket open) {
            socket.complete(open);
            open.request(1);
        }

        @Override
        public CompletionStage<?> onText(WebSocket open, CharSequence data, boolean last) {
            text.append(data);
            if (last) {
                heard.add(new Text(parse(text.toString())));
                text.setLength(0);
            }
            open.request(1);
            return CompletableFuture.completedStage(null);
        }

        @Override
        public CompletionStage<?> onBinary(WebSocket open, ByteBuffer data, boolean last) {
            byte[] bytes = new byte[data.remaining()];
            data.get(bytes);
            binary.writeBytes(bytes);
            if (last) {
                heard.add(new Binary(binary.toByteArray()));
                binary.reset();
            }
            open.request(1);
            return CompletableFuture.completedStage(null);
        }

        @Override
        public CompletionStage<?> onClose(WebSocket open, int code, String reason) {
            heard.add(Closed.INSTANCE);
            return CompletableFuture.completedStage(null);
        }

        @Override
        public void onError(WebSocket open, Throwable error) {
            heard.add(Closed.INSTANCE);
        }

        Socket say(String message) {
            socket.join().sendText(message, true).join();
            return this;
        }

        Heard next() throws InterruptedException {
            Heard next = heard.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            if (next == null) {
                throw new AssertionError("nothing was heard for " + PATIENCE);
            }
            return next;
        }

        /** The next message of that type; others before it are left out. */
        Text next(String type) throws InterruptedException {
            while (true) {
                Heard next = next();
                if (next instanceof Text message && message.type().equals(type)) {
                    return message;
                }
                assertEquals(false, next instanceof Closed, "closed before " + type);
            }
        }

        /** All messages up to the one that says that the prompt is over. */
        List<Heard> untilIdle(String promptId) throws InterruptedException {
            List<Heard> all = new ArrayList<>();
            while (true) {
                Heard next = next();
                all.add(next);
                assertEquals(false, next instanceof Closed, () -> "closed after " + all);
                if (next instanceof Text message
                        && message.type().equals("executing")
                        && message.data().path("node").isNull()
                        && message.data().path("prompt_id").asText().equals(promptId)) {
                    return all;
                }
            }
        }

        @Override
        public void close() {
            socket.join().abort();
        }
    }

    private static JsonNode parse(String text) {
        try {
            return JSON.readTree(text);
        } catch (IOException notJson) {
            throw new AssertionError(text, notJson);
        }
    }

    /** An open socket, greeted. */
    Socket connect(String clientId) throws InterruptedException {
        Socket socket = open(clientId);
        Text greeting = socket.next("status");
        assertEquals(clientId, greeting.data().path("sid").asText());
        return socket;
    }

    Socket open(String clientId) {
        Socket socket = new Socket();
        http.newWebSocketBuilder()
                .header("Authorization", "Bearer whatever")
                .buildAsync(URI.create(url.replaceFirst("http", "ws") + "/ws?clientId=" + clientId), socket)
                .join();
        return socket;
    }

    HttpResponse<byte[]> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return http.send(request.timeout(PATIENCE).build(), BodyHandlers.ofByteArray());
    }

    HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(url + path));
    }

    HttpResponse<byte[]> get(String path) throws IOException, InterruptedException {
        return send(request(path).GET());
    }

    JsonNode json(String path) throws IOException, InterruptedException {
        HttpResponse<byte[]> reply = get(path);
        assertEquals(200, reply.statusCode(), () -> path + ": " + text(reply));
        return json(reply);
    }

    /** As scripts in Python do, which say that it is a form. */
    HttpResponse<byte[]> post(String path, String body) throws IOException, InterruptedException {
        return send(request(path)
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(BodyPublishers.ofString(body)));
    }

    /** The first line of the answer to a body that is announced and never sent: clients that send it may not read that far. */
    String announced(String path, long bytes) throws IOException {
        URI server = URI.create(url);
        try (java.net.Socket socket = new java.net.Socket(server.getHost(), server.getPort())) {
            socket.setSoTimeout((int) PATIENCE.toMillis());
            socket.getOutputStream()
                    .write(("POST " + path + " HTTP/1.1\r\nHost: " + server.getAuthority() + "\r\nContent-Length: "
                                    + bytes + "\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            return new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII))
                    .readLine();
        }
    }

    static JsonNode json(HttpResponse<byte[]> reply) {
        return parse(text(reply));
    }

    static String text(HttpResponse<byte[]> reply) {
        return new String(reply.body(), StandardCharsets.UTF_8);
    }

    static ObjectNode body(String graph) {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        body.set("prompt", parse(graph));
        return body;
    }

    HttpResponse<byte[]> submit(ObjectNode body) throws IOException, InterruptedException {
        return post("/prompt", body.toString());
    }

    /** Puts a graph into the queue; its id. */
    String submitted(String graph, String clientId) throws IOException, InterruptedException {
        return submitted(body(graph).put("client_id", clientId));
    }

    String submitted(ObjectNode body) throws IOException, InterruptedException {
        HttpResponse<byte[]> reply = submit(body);
        assertEquals(200, reply.statusCode(), () -> text(reply));
        return json(reply).path("prompt_id").asText();
    }

    JsonNode history(String id) throws IOException, InterruptedException {
        return json("/history/" + id).path(id);
    }

    /** Waits as a tool does that polls. */
    JsonNode ended(String id) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            JsonNode entry = history(id);
            if (entry.isObject()) {
                return entry;
            }
            if (System.nanoTime() > deadline) {
                throw new AssertionError(id + " has not ended: " + json("/queue"));
            }
            Thread.sleep(20);
        }
    }

    /** Waits until the queue is as wanted. */
    JsonNode queue(java.util.function.Predicate<JsonNode> wanted) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            JsonNode queue = json("/queue");
            if (wanted.test(queue)) {
                return queue;
            }
            if (System.nanoTime() > deadline) {
                throw new AssertionError("the queue is " + queue);
            }
            Thread.sleep(10);
        }
    }

    static List<String> ids(JsonNode queued) {
        return queued.valueStream().map(entry -> entry.path(1).asText()).toList();
    }

    static String newId() {
        return UUID.randomUUID().toString();
    }

    HttpResponse<byte[]> upload(String name, byte[] content, String... fields)
            throws IOException, InterruptedException {
        String boundary = "b" + newId();
        ByteArrayOutputStream form = new ByteArrayOutputStream();
        for (int i = 0; i < fields.length; i += 2) {
            form.writeBytes(("--" + boundary + "\r\nContent-Disposition: form-data; name=\"" + fields[i] + "\"\r\n\r\n"
                            + fields[i + 1] + "\r\n")
                    .getBytes(StandardCharsets.UTF_8));
        }
        form.writeBytes(("--" + boundary + "\r\nContent-Disposition: form-data; name=\"image\"; filename=\"" + name
                        + "\"\r\nContent-Type: image/png\r\n\r\n")
                .getBytes(StandardCharsets.UTF_8));
        form.writeBytes(content);
        form.writeBytes(("\r\n--" + boundary + "--\r\n").getBytes(StandardCharsets.UTF_8));
        return send(request("/upload/image")
                .header("Content-Type", "multipart/form-data; boundary=" + boundary)
                .POST(BodyPublishers.ofByteArray(form.toByteArray())));
    }
}
