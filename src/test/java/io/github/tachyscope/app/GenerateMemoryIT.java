package io.github.tachyscope.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Requests and answers that are larger than the heap, against a server in a process of its own. */
@Tag("slow")
class GenerateMemoryIT {
    private static final Pattern OPEN = Pattern.compile("^ +open +(http://\\S+)");
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path directory;

    private interface Use {
        void of(String url) throws Exception;
    }

    private void withServer(String heap, Use use) throws Exception {
        Process process = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        heap,
                        "-XX:+ExitOnOutOfMemoryError",
                        "-Dtachyscope.storage.models-dir=" + directory.resolve("models"),
                        "-Dtachyscope.storage.assets-dir=" + directory.resolve("assets"),
                        "-Dtachyscope.storage.media-dir=" + directory.resolve("media"),
                        "-Dtachyscope.jobs.dir=" + directory.resolve("jobs"),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Main.class.getName(),
                        "--port",
                        "0",
                        "--no-browser"))
                .redirectErrorStream(true)
                .start();
        try {
            BufferedReader output =
                    new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
            use.of(address(output));
            assertTrue(process.isAlive(), "the server is still there");
        } finally {
            process.destroy();
            if (!process.waitFor(60, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        }
    }

    private static String address(BufferedReader output) throws IOException {
        StringBuilder all = new StringBuilder();
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            all.append(line).append('\n');
            Matcher open = OPEN.matcher(line);
            if (open.find()) {
                // Nobody reads the rest; a full pipe would stop the server.
                Thread drain = new Thread(() -> output.lines().forEach(more -> {}));
                drain.setDaemon(true);
                drain.start();
                return open.group(1);
            }
        }
        throw new AssertionError(all);
    }

    private static void load(String url, String pipeline, String parameters) throws Exception {
        HttpClient http = HttpClient.newHttpClient();
        http.send(
                HttpRequest.newBuilder(URI.create(url + "/api/v1/pipeline/load"))
                        .POST(HttpRequest.BodyPublishers.ofString(
                                "{\"pipeline_ids\": [\"" + pipeline + "\"], \"load_params\": " + parameters + "}"))
                        .build(),
                HttpResponse.BodyHandlers.discarding());
        String status = "";
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!status.equals("loaded") && System.nanoTime() < until) {
            TimeUnit.MILLISECONDS.sleep(50);
            status = JSON.readTree(http.send(
                                    HttpRequest.newBuilder(URI.create(url + "/api/v1/pipeline/status"))
                                            .build(),
                                    HttpResponse.BodyHandlers.ofString())
                            .body())
                    .path("status")
                    .asText();
        }
        assertEquals("loaded", status);
    }

    /** A video of equal bytes as JSON, made while it is sent. */
    private static final class LongBody extends InputStream {
        private final byte[] head;
        private final byte[] tail;
        private final long base64;
        private long at;

        LongBody(long rgbBytes, String shape) {
            head =
                    "{\"pipeline_id\":\"passthrough\",\"prompt\":\"a\",\"num_frames\":24,\"output_format\":\"path\",\"input_video\":{\"base64\":\""
                            .getBytes(StandardCharsets.US_ASCII);
            tail = ("\",\"shape\":" + shape + "}}").getBytes(StandardCharsets.US_ASCII);
            base64 = rgbBytes / 3 * 4;
        }

        @Override
        public int read() {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0];
        }

        @Override
        public int read(byte[] to, int offset, int length) {
            if (at < head.length) {
                return copied(head, at, to, offset, length);
            }
            long inside = at - head.length;
            if (inside < base64) {
                int count = (int) Math.min(length, base64 - inside);
                Arrays.fill(to, offset, offset + count, (byte) 'Z');
                at += count;
                return count;
            }
            return inside - base64 < tail.length ? copied(tail, inside - base64, to, offset, length) : -1;
        }

        private int copied(byte[] from, long start, byte[] to, int offset, int length) {
            int count = (int) Math.min(length, from.length - start);
            System.arraycopy(from, (int) start, to, offset, count);
            at += count;
            return count;
        }
    }

    @Test
    @Timeout(300)
    void aRequestOfAGigabytePassesThroughAHeapOfAQuarterOfThat() throws Exception {
        withServer("-Xmx256m", url -> {
            load(url, "passthrough", "{}");
            // 768 x 1024 x 1024 bytes are 1 GiB of text.
            LongBody body = new LongBody(256L * 1024 * 1024 * 3, "[256,1024,1024,3]");
            HttpResponse<InputStream> answer = HttpClient.newHttpClient()
                    .send(
                            HttpRequest.newBuilder(URI.create(url + "/api/v1/generate"))
                                    .POST(HttpRequest.BodyPublishers.ofInputStream(() -> body))
                                    .build(),
                            HttpResponse.BodyHandlers.ofInputStream());
            assertEquals(200, answer.statusCode());
            GenerateClient.Event last = GenerateClient.last(new GenerateClient.Answer(answer).all());
            assertEquals("complete", last.name(), last::toString);
            assertEquals("[24,1024,1024,3]", last.data().path("video_shape").toString());
        });
    }

    @Test
    @Timeout(300)
    void anAnswerOfThreeGigabytesLeavesAHeapOfHalfAOne() throws Exception {
        withServer("-Xmx512m", url -> {
            load(url, "synthetic", "{\"width\": 576, \"height\": 320, \"step_cost_ms\": 0}");
            JsonNode request = GenerateClient.request("synthetic", 1024);
            HttpResponse<InputStream> answer = HttpClient.newHttpClient()
                    .send(
                            HttpRequest.newBuilder(URI.create(url + "/api/v1/generate"))
                                    .POST(HttpRequest.BodyPublishers.ofString(request.toString()))
                                    .build(),
                            HttpResponse.BodyHandlers.ofInputStream());
            assertEquals(200, answer.statusCode());
            byte[] buffer = new byte[1 << 16];
            long bytes = 0;
            StringBuilder end = new StringBuilder();
            try (InputStream in = answer.body()) {
                for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                    bytes += read;
                    end.append(new String(buffer, 0, read, StandardCharsets.ISO_8859_1));
                    end.delete(0, Math.max(0, end.length() - 200));
                }
            }
            assertTrue(end.toString().contains("\"video_shape\":[1024,320,576,3]"), end::toString);
            assertTrue(bytes > 1024L * 320 * 576 * 3 * 16 / 3, bytes + " bytes");
        });
    }
}
