package io.github.tachyscope.api.scope;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.tachyscope.testkit.RunningApi;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.URLEncoder;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AssetRoutesIT {
    @TempDir
    private static Path directory;

    private static RunningApi api;

    @BeforeAll
    static void start() throws Exception {
        api = new RunningApi(directory, "tachyscope.storage.max-upload-size = 3 MiB");
        Files.writeString(directory.resolve("secret.png"), "secret");
        Files.createDirectories(directory.resolve("assets"));
        Files.createSymbolicLink(directory.resolve("assets/out.png"), directory.resolve("secret.png"));
    }

    @AfterAll
    static void stop() {
        api.close();
    }

    private static HttpResponse<String> upload(String name, BodyPublisher body) throws Exception {
        String query = URLEncoder.encode(name, StandardCharsets.UTF_8);
        return api.send(api.request("/api/v1/assets?filename=" + query)
                .header("Content-Type", "application/octet-stream")
                .POST(body));
    }

    private static HttpResponse<byte[]> fetch(String path, String... headers) throws Exception {
        var request = api.request("/api/v1/assets/" + path);
        if (headers.length > 0) {
            request.headers(headers);
        }
        return api.client().send(request.build(), BodyHandlers.ofByteArray());
    }

    private static byte[] random(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return bytes;
    }

    private static void assertNothingLeftAside() throws IOException {
        try (Stream<Path> aside = Files.list(directory.resolve("assets/.uploads"))) {
            assertEquals(List.of(), aside.toList());
        }
    }

    @Test
    void storesListsAndServes() throws Exception {
        byte[] content = random(300_000);
        HttpResponse<String> reply = upload("set one/Cat.PNG", BodyPublishers.ofByteArray(content));
        assertEquals(200, reply.statusCode(), reply.body());
        JsonNode info = RunningApi.json(reply);
        assertEquals("Cat", info.path("name").asText());
        assertEquals("set one", info.path("folder").asText());
        assertEquals("image", info.path("type").asText());
        assertEquals(0.29, info.path("size_mb").asDouble());
        JsonNode listed = RunningApi.json(api.get("/api/v1/assets?type=image")).path("assets");
        assertTrue(listed.findValuesAsText("path").contains(info.path("path").asText()));
        assertEquals(
                0,
                RunningApi.json(api.get("/api/v1/assets?type=audio"))
                        .path("assets")
                        .size());

        assertArrayEquals(content, fetch("set%20one/Cat.PNG").body());
        assertArrayEquals(
                content, fetch(info.path("path").asText().replace(" ", "%20")).body());
        HttpResponse<byte[]> absolute =
                fetch(URLEncoder.encode(info.path("path").asText(), StandardCharsets.UTF_8)
                        .replace("+", "%20"));
        assertArrayEquals(content, absolute.body());
        assertEquals("image/png", absolute.headers().firstValue("Content-Type").orElseThrow());
    }

    @Test
    void servesRanges() throws Exception {
        byte[] content = random(200_000);
        upload("clip.mp4", BodyPublishers.ofByteArray(content));
        HttpResponse<byte[]> middle = fetch("clip.mp4", "Range", "bytes=100000-100009");
        assertEquals(206, middle.statusCode());
        assertEquals(
                "bytes 100000-100009/200000",
                middle.headers().firstValue("Content-Range").orElseThrow());
        assertArrayEquals(Arrays.copyOfRange(content, 100_000, 100_010), middle.body());
        assertArrayEquals(
                Arrays.copyOfRange(content, 70_000, 200_000),
                fetch("clip.mp4", "Range", "bytes=70000-").body());
        assertArrayEquals(
                Arrays.copyOfRange(content, 199_995, 200_000),
                fetch("clip.mp4", "Range", "bytes=-5").body());
        HttpResponse<byte[]> beyond = fetch("clip.mp4", "Range", "bytes=200000-");
        assertEquals(416, beyond.statusCode());
        assertEquals(
                "bytes */200000", beyond.headers().firstValue("Content-Range").orElseThrow());
        for (String odd : List.of("bytes=-", "lines=1-2", "bytes=a-b", "bytes=1-2,5-6")) {
            assertEquals(200, fetch("clip.mp4", "Range", odd).statusCode(), odd);
        }
        String tag = middle.headers().firstValue("ETag").orElseThrow();
        assertEquals(304, fetch("clip.mp4", "If-None-Match", tag).statusCode());
        assertEquals(
                200,
                fetch("clip.mp4", "Range", "bytes=0-1", "If-Range", "\"other\"").statusCode());
    }

    @Test
    void refusesWhatIsNoAssetOrLeavesTheDirectory() throws Exception {
        assertEquals(422, api.post("/api/v1/assets", "x").statusCode());
        for (String name : List.of(
                "run.exe",
                "png",
                "../x.png",
                "a/../../x.png",
                "/tmp/x.png",
                ".png",
                "a/.b/x.png",
                "x\u0000.png",
                "a\\b.png",
                "n".repeat(300) + ".png",
                "out.png/x.png")) {
            HttpResponse<String> reply = upload(name, BodyPublishers.ofString("x"));
            assertEquals(400, reply.statusCode(), name);
            assertTrue(RunningApi.json(reply).has("detail"));
        }
        assertEquals(403, fetch("..%2fsecret.png").statusCode());
        assertEquals(403, fetch("x/..%2f..%2fsecret.png").statusCode());
        assertEquals(403, fetch("out.png").statusCode());
        assertEquals(404, fetch("nothing.png").statusCode());
        assertEquals(404, fetch("%2Fetc%2Fpasswd").statusCode());
        assertEquals(404, fetch("x%00.png").statusCode());
    }

    @Test
    void refusesWhatIsTooLargeAndLeavesNothing() throws Exception {
        byte[] large = random((3 << 20) + 1);
        assertEquals(413, upload("large.png", BodyPublishers.ofByteArray(large)).statusCode());
        try {
            int status = upload("large.png", BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(large)))
                    .statusCode();
            assertEquals(413, status);
        } catch (IOException closedWhileSending) {
            // The server may close the connection before a client that only sends looks for the reply.
        }
        assertEquals(404, fetch("large.png").statusCode());
        assertNothingLeftAside();
    }

    @Test
    void leavesNothingOfAnUploadThatBreaksOff() throws Exception {
        try (Socket socket = new Socket("127.0.0.1", api.port())) {
            socket.getOutputStream()
                    .write(
                            ("POST /api/v1/assets?filename=half.png HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nhalf")
                                    .getBytes(StandardCharsets.US_ASCII));
            await(() -> aside() == 1);
        }
        await(() -> aside() == 0);
        assertEquals(404, fetch("half.png").statusCode());
    }

    private static long aside() {
        try (Stream<Path> files = Files.list(directory.resolve("assets/.uploads"))) {
            return files.count();
        } catch (IOException none) {
            return 0;
        }
    }

    private static void await(BooleanSupplier condition) {
        long end = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < end, "waited too long");
            Thread.onSpinWait();
        }
    }

    @Test
    void takesManyUploadsOfOneNameAtOnceAndKeepsOneWhole() throws Exception {
        List<CompletableFuture<HttpResponse<String>>> replies = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            byte[] content = new byte[100_000];
            Arrays.fill(content, (byte) i);
            replies.add(api.client()
                    .sendAsync(
                            api.request("/api/v1/assets?filename=same.webm")
                                    .POST(BodyPublishers.ofByteArray(content))
                                    .build(),
                            BodyHandlers.ofString()));
        }
        for (var reply : replies) {
            assertEquals(200, reply.get().statusCode());
        }
        byte[] kept = fetch("same.webm").body();
        assertEquals(100_000, kept.length);
        for (byte value : kept) {
            assertEquals(kept[0], value);
        }
    }
}
