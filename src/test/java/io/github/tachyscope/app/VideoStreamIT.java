package io.github.tachyscope.app;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpServer;
import io.github.tachyscope.frame.FramePool;
import io.github.tachyscope.frame.VideoFrame;
import io.github.tachyscope.media.Ffprobe;
import io.github.tachyscope.media.InputLimits;
import io.github.tachyscope.media.VideoReader;
import io.github.tachyscope.testkit.Browser;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole server behind the sockets of streamed videos, as its clients see it. */
class VideoStreamIT {
    private static final String PLAIN = "/v1/videos/stream";
    private static final String ANNOUNCED = "/v1/realtime/video";

    /** Three chunks of 9, 12 and 12 frames. */
    private static final String SHORT = "'num_frames':33,'fps':16,'size':'128x96'";

    /** As long as a test wants. */
    private static final String LONG = "'num_frames':6000,'fps':24,'size':'64x64','num_inference_steps':50";

    private static final InputLimits ANY = new InputLimits(1 << 30, 4096, 4096, 100_000, Duration.ofHours(1));
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    @TempDir
    static Path directory;

    private static RunningServer server;
    private final List<StreamClient> clients = new ArrayList<>();

    @BeforeAll
    static void start() throws Exception {
        server = RunningServer.start(
                directory,
                Map.of(
                        "tachyscope.pipelines.synthetic.step-cost",
                        "2 ms",
                        "tachyscope.video.stream.max-streams",
                        "70",
                        "tachyscope.video.model-aliases",
                        "[\"someone-elses-model\"]"));
        server.load("synthetic");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @AfterEach
    void hangUp() throws Exception {
        clients.forEach(StreamClient::close);
        awaitRuns(0);
    }

    private StreamClient connect(String path) {
        StreamClient client = new StreamClient(HTTP, server.url(), path, Map.of());
        clients.add(client);
        return client;
    }

    private StreamClient started(String path, String fields) {
        return connect(path).send(start(fields));
    }

    private static String start(String fields) {
        return "{'type':'session.start','prompt':'a harbour at dawn'," + fields + "}";
    }

    private static String update(String id, String more) {
        return "{'type':'session.interaction','interaction':{'event_id':'" + id + "','event':{'prompt':'a storm'}"
                + more + "}}";
    }

    private static double metric(String name) throws Exception {
        return server.get("/metrics")
                .body()
                .lines()
                .filter(line -> line.startsWith(name + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
                .findFirst()
                .orElse(0);
    }

    private static void awaitRuns(int wanted) throws Exception {
        long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (metric("tachyscope_open_runs") != wanted) {
            assertTrue(System.nanoTime() < deadline, () -> "the engine still works");
            Thread.sleep(20);
        }
    }

    private static List<byte[]> pictures(byte[] video) throws Exception {
        Path file = Files.write(Files.createTempFile(directory, "video", ".mp4"), video);
        List<byte[]> pictures = new ArrayList<>();
        try (VideoReader reader = VideoReader.open(file, ANY, new FramePool(4))) {
            Optional<VideoFrame> next = reader.next();
            while (next.isPresent()) {
                pictures.add(Arrays.copyOf(next.get().data(), next.get().bytes()));
                next.get().release();
                next = reader.next();
            }
        }
        return pictures;
    }

    // --- one after the other -----------------------------------------------------------------------------------------

    @Test
    void sendsOneFileInChunksAndSaysWhatItSent() throws Exception {
        StreamClient client = started(PLAIN, SHORT + ",'seed':7,'format':'m4s'");
        assertEquals(1000, client.closed());
        assertEquals(List.of("video.start", "binary", "binary", "binary", "session.done", "closed"), client.types());
        JsonNode begun = client.texts().get(0);
        assertTrue(begun.path("request_id").asText().matches("video_stream-[0-9a-f]{32}"), begun::toString);
        assertEquals("m4s", begun.path("format").asText());
        assertEquals("a harbour at dawn", begun.at("/config/prompt").asText());
        assertEquals(7, begun.at("/config/seed").asInt());
        assertEquals("false", begun.at("/config/generate_sound").asText());
        assertTrue(begun.at("/config/format").isMissingNode(), begun::toString);
        assertTrue(begun.path("codecs").asText().startsWith("avc1."), begun::toString);
        assertEquals(128, begun.path("width").asInt());
        JsonNode done = client.texts().get(1);
        assertEquals("false", done.path("stopped").asText());
        assertEquals("completed", done.path("reason").asText());
        assertEquals(3, done.path("chunks").asInt());
        assertEquals(33, done.path("frames").asInt());
        assertEquals(33 / 16.0, done.path("media_seconds").asDouble());
        assertTrue(done.path("ttfc_ms").asDouble() <= done.path("total_ms").asDouble(), done::toString);

        assertEquals(33, pictures(client.media()).size());
        if (Ffprobe.isInstalled()) {
            Path file = Files.write(directory.resolve("whole.mp4"), client.media());
            List<String> packets = Ffprobe.entries(file, "packet=pts_time,flags");
            assertEquals(33, packets.size());
            for (int i = 0; i < packets.size(); i++) {
                String[] packet = packets.get(i).split(",");
                assertEquals(i / 16.0, Double.parseDouble(packet[0]), 1e-6);
                assertEquals(i == 0 || i == 9 || i == 21, packet[1].startsWith("K"), "frame " + i);
            }
        }
    }

    @Test
    void saysTheSizeThatThePipelineIsLoadedForIfTheClientWantsNoOther() throws Exception {
        server.loadWith(Map.of("width", 192, "height", 128), "synthetic");
        try {
            StreamClient client = started(PLAIN, "'num_frames':9,'fps':16");
            assertEquals(1000, client.closed());
            JsonNode begun = client.texts().get(0);
            assertEquals(192, begun.path("width").asInt(), begun::toString);
            assertEquals(128, begun.path("height").asInt());
            String codecs = begun.path("codecs").asText();
            assertTrue(codecs.startsWith("avc1."), begun::toString);
            assertEquals(
                    "video/mp4; codecs=\"" + codecs + "\"", begun.path("mime").asText());
            assertTrue(begun.at("/config/size").isMissingNode(), begun::toString);
            List<byte[]> pictures = pictures(client.media());
            assertEquals(9, pictures.size());
            assertEquals(192 * 128 * 3, pictures.get(0).length);
        } finally {
            server.load("synthetic");
        }
    }

    @Test
    void announcesEachBinaryFrameOnTheOtherPath() throws Exception {
        StreamClient client = started(ANNOUNCED, SHORT);
        client.closed();
        assertEquals(
                List.of(
                        "video.start",
                        "video.chunk_metadata",
                        "binary",
                        "video.chunk_metadata",
                        "binary",
                        "video.chunk_metadata",
                        "binary",
                        "session.done",
                        "closed"),
                client.types());
        for (int i = 0; i < 3; i++) {
            JsonNode metadata = client.texts().get(1 + i);
            assertEquals("media", metadata.path("kind").asText());
            assertEquals(i, metadata.path("transport_chunk_index").asInt());
            assertEquals(i, metadata.path("generation_chunk_index").asInt());
            assertEquals(i == 0 ? 9 : 12, metadata.path("num_frames").asInt());
            assertEquals(
                    client.binaries().get(i).length,
                    metadata.path("byte_length").asInt());
        }
        StreamClient quiet = started(ANNOUNCED, SHORT + ",'chunk_metadata':false");
        quiet.closed();
        assertFalse(quiet.types().contains("video.chunk_metadata"));
    }

    @Test
    void aStreamHasTheFramesOfAJobWithTheSameSeed() throws Exception {
        StreamClient client = started(PLAIN, SHORT + ",'seed':11");
        client.closed();
        byte[] file = new VideoClient(server)
                .postJson(
                        "/v1/videos/sync",
                        ("{'prompt':'a harbour at dawn'," + SHORT + ",'seed':11}").replace('\'', '"'))
                .body();
        List<byte[]> streamed = pictures(client.media());
        List<byte[]> stored = pictures(file);
        assertEquals(stored.size(), streamed.size());
        for (int i = 0; i < stored.size(); i++) {
            assertArrayEquals(stored.get(i), streamed.get(i), "frame " + i);
        }
    }

    @Test
    void aWrongStartIsToldAndCloses() throws Exception {
        Map<String, String> wrong = Map.of(
                start("'format':'webm'"),
                "format",
                "{'type':'session.interaction'}",
                "Expected session.start, got: session.interaction",
                start("'x':'" + "x".repeat(5 << 20) + "'"),
                "session.start message too large",
                start("'model':'no-such-model'"),
                "Model mismatch:",
                start("'size':'65x64'"),
                "Invalid session.start: width",
                start("'num_frames':-1"),
                "Invalid session.start: num_frames");
        for (Map.Entry<String, String> each : wrong.entrySet()) {
            StreamClient client = connect(PLAIN).send(each.getKey());
            String message = client.text("error").path("message").asText();
            assertTrue(message.contains(each.getValue()), message);
            assertEquals(1000, client.closed());
        }
    }

    @Test
    void takesAliasesSamplingParametersAndAPictureToStartFrom() throws Exception {
        BufferedImage red = new BufferedImage(64, 64, BufferedImage.TYPE_INT_RGB);
        ByteArrayOutputStream png = new ByteArrayOutputStream();
        ImageIO.write(red, "png", png);
        StreamClient client = started(
                PLAIN,
                "'model':'someone-elses-model','sampling_params':{'num_frames':9,'size':'64x64','noise_scale':0.3},"
                        + "'image_reference':{'image_url':'data:image/png;base64,"
                        + Base64.getEncoder().encodeToString(png.toByteArray()) + "'}");
        JsonNode begun = client.text("video.start");
        assertEquals(9, begun.at("/config/num_frames").asInt());
        assertEquals(0.3, begun.at("/config/extra_params/noise_scale").asDouble());
        assertEquals(9, client.text("session.done").path("frames").asInt());
    }

    @Test
    void stopFreesTheEngineAndIsAnsweredByDone() throws Exception {
        StreamClient client = started(PLAIN, LONG);
        client.until("binary");
        client.send("{'type':'session.stop'}");
        JsonNode done = client.text("session.done");
        assertEquals("true", done.path("stopped").asText());
        assertEquals("stopped", done.path("reason").asText());
        assertEquals(client.binaries().size(), done.path("chunks").asInt());
        assertEquals(1000, client.closed());
        awaitRuns(0);
    }

    @Test
    void aClientThatVanishesFreesTheEngine() throws Exception {
        StreamClient client = started(PLAIN, LONG);
        client.until("binary");
        client.vanish();
        awaitRuns(0);
    }

    @Test
    void aBinaryFrameOfTheClientClosesTheSocket() throws Exception {
        StreamClient client = started(PLAIN, LONG);
        client.until("binary");
        client.sendBinary();
        assertTrue(client.text("error").path("message").asText().contains("Binary"));
        assertEquals(1003, client.closed());
        awaitRuns(0);
    }

    @Test
    void anUpdateIsQueuedThenStartedThenCompleted() throws Exception {
        StreamClient client = started(ANNOUNCED, LONG);
        client.until("binary");
        client.send("{'type':'session.ping'}");
        client.text("session.pong");
        client.send(update("e-17", ",'transition_chunks':2"));
        assertEquals(
                "e-17",
                client.text("session.interaction.queued").path("event_id").asText());
        List<JsonNode> listed = new ArrayList<>();
        while (listed.isEmpty()
                || listed.get(listed.size() - 1).path("completed_event_ids").isEmpty()) {
            JsonNode metadata = client.text("video.chunk_metadata");
            if (!metadata.path("active_event_ids").isEmpty()) {
                listed.add(metadata);
            }
        }
        assertEquals(2, listed.size(), listed::toString);
        assertEquals("[\"e-17\"]", listed.get(0).path("started_event_ids").toString());
        assertEquals("[]", listed.get(0).path("completed_event_ids").toString());
        assertEquals("[]", listed.get(1).path("started_event_ids").toString());
        assertEquals("[\"e-17\"]", listed.get(1).path("completed_event_ids").toString());

        client.send(update("e-17", ""));
        assertEquals("event_id_conflict", client.text("error").path("code").asText());
        for (String chunks : List.of("'x'", "2.9", "true", "-1")) {
            client.send(update("e-18", ",'transition_chunks':" + chunks));
            assertTrue(client.text("error").path("message").asText().startsWith("transition_chunks must be"));
        }
        client.send("{'type':'session.interaction','interaction':{'event':{'prompt':' '}}}");
        assertTrue(client.text("error").path("message").asText().contains("non-empty event.prompt"));
        client.send("{'type':'session.interaction','interaction':{'event_id':'e-19','event':"
                + "{'prompt':'x','multi_modal_data':{'camera':{'pan':1}}}}}");
        JsonNode failed = client.text("error");
        assertEquals("interaction_failed", failed.path("code").asText());
        assertTrue(failed.path("message").asText().startsWith("Failed to apply interaction"), failed::toString);
        client.send(
                "{'type':'session.prompt_update','prompt':'calm','event_id':'e-19','transition_duration_chunks':0}");
        assertEquals(
                "e-19",
                client.text("session.prompt_update.accepted").path("event_id").asText());
        client.send("{'type':'no.such'}");
        assertEquals(
                "Unknown message type: no.such",
                client.text("error").path("message").asText());
        client.until("binary");
        client.send("{'type':'session.stop'}");
        client.text("session.done");
    }

    @Test
    void withoutAnUpgradeThePathSaysWhatItIs() throws Exception {
        assertEquals(426, server.get(PLAIN).statusCode());
    }

    // --- side by side ------------------------------------------------------------------------------------------------

    @Test
    void eightClientsThatDoNotReadDisturbNobody() throws Exception {
        double before = metric("tachyscope_video_frames_total");
        double bytesBefore = metric("tachyscope_video_bytes_total");
        List<Socket> stalled = new ArrayList<>();
        try {
            for (int i = 0; i < 8; i++) {
                stalled.add(deaf());
            }
            List<StreamClient> fast = new ArrayList<>();
            for (int i = 0; i < 56; i++) {
                fast.add(started(PLAIN, "'num_frames':21,'fps':16,'size':'64x64'"));
            }
            Set<Integer> frames = new HashSet<>();
            for (StreamClient each : fast) {
                frames.add(each.text("session.done").path("frames").asInt());
            }
            assertEquals(Set.of(21), frames);
            // What does not fit into the buffers of the system stays unmade: far less than was asked for.
            double made = settled(before) - 56 * 21;
            assertTrue(made < 8 * 6000 / 2, () -> made + " frames for clients that do not read");
            long fastBytes = fast.stream()
                    .flatMap(each -> each.binaries().stream())
                    .mapToLong(each -> each.length)
                    .sum();
            double stalledBytes = metric("tachyscope_video_bytes_total") - bytesBefore - fastBytes;
            double waitingBytes = metric("tachyscope_video_waiting_bytes");
            long systemBytes =
                    stalled.stream().mapToLong(VideoStreamIT::inTheSystem).sum();
            double each = (stalledBytes + waitingBytes - systemBytes) / stalled.size();
            System.out.printf(
                    "per client that does not read: %.0f KiB sent, %.0f KiB of it with the system, %.0f KiB encoded beyond it%n",
                    stalledBytes / 8 / 1024, systemBytes / 8.0 / 1024, waitingBytes / 8 / 1024);
            assertTrue(waitingBytes > 0, "the encoder is one chunk ahead");
            assertTrue(
                    systemBytes == 0 || each <= 2 << 20,
                    () -> each + " bytes in this process for a client that does not read");
            double queued = server.get("/metrics")
                    .body()
                    .lines()
                    .filter(line -> line.startsWith("tachyscope_video_queue_peak_max "))
                    .mapToDouble(line -> Double.parseDouble(line.substring(line.indexOf(' '))))
                    .findFirst()
                    .orElseThrow();
            assertTrue(queued <= 2, () -> queued + " chunks waited");
        } finally {
            for (Socket each : stalled) {
                each.close();
            }
        }
    }

    /** Bytes that the system holds of what the server wrote to that socket; 0 where it does not tell. */
    private static long inTheSystem(Socket client) {
        String end = String.format("%04X", client.getLocalPort());
        try {
            long bytes = 0;
            for (String table : List.of("/proc/net/tcp", "/proc/net/tcp6")) {
                for (String line : Files.readAllLines(Path.of(table))) {
                    String[] fields = line.trim().split("\\s+");
                    String[] queues = fields[4].split(":");
                    if (fields[2].endsWith(":" + end) && queues.length == 2) {
                        bytes += Long.parseLong(queues[0], 16);
                    } else if (fields[1].endsWith(":" + end) && queues.length == 2) {
                        bytes += Long.parseLong(queues[1], 16);
                    }
                }
            }
            return bytes;
        } catch (IOException elsewhere) {
            return 0;
        }
    }

    /** Frames sent since then, once no more come: those who do not read are stuck. */
    private static double settled(double before) throws Exception {
        long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        double last = -1;
        int same = 0;
        double now = metric("tachyscope_video_frames_total");
        while (same < 5) {
            assertTrue(System.nanoTime() < deadline, "clients that do not read are served all the time");
            Thread.sleep(200);
            same = now == last ? same + 1 : 0;
            last = now;
            now = metric("tachyscope_video_frames_total");
        }
        return now - before;
    }

    /** Asks for a long video of large chunks, and never reads. */
    private static Socket deaf() throws Exception {
        Socket socket = new Socket();
        socket.setReceiveBufferSize(4096);
        URI uri = URI.create(server.url());
        socket.connect(new InetSocketAddress(uri.getHost(), uri.getPort()));
        socket.getOutputStream()
                .write(("GET " + PLAIN + " HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                                + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
                        .getBytes(StandardCharsets.US_ASCII));
        InputStream in = socket.getInputStream();
        StringBuilder head = new StringBuilder();
        while (!head.toString().endsWith("\r\n\r\n")) {
            head.append((char) in.read());
        }
        assertTrue(head.toString().startsWith("HTTP/1.1 101"), head::toString);
        byte[] text = start("'num_frames':6000,'fps':24,'size':'256x256'")
                .replace('\'', '"')
                .getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream frame = new ByteArrayOutputStream();
        frame.write(0x81);
        frame.write(0x80 | 126);
        frame.write(text.length >> 8);
        frame.write(text.length);
        // Masked with zeros, which change nothing.
        frame.writeBytes(new byte[4]);
        frame.writeBytes(text);
        socket.getOutputStream().write(frame.toByteArray());
        return socket;
    }

    // --- a browser ---------------------------------------------------------------------------------------------------

    @Test
    void aBrowserPlaysItThroughMediaSource() throws Exception {
        Optional<String> missing = Browser.missing();
        assumeTrue(missing.isEmpty(), () -> missing.orElse(""));
        // A page of no policy of its own; pages from nowhere may not call this machine.
        HttpServer page = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        page.createContext("/", exchange -> {
            byte[] body = "<!DOCTYPE html><link rel='icon' href='data:,'><video muted></video>"
                    .getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "text/html");
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        page.start();
        try (Browser browser = Browser.start(Files.createDirectory(directory.resolve("profile")))) {
            browser.open("http://127.0.0.1:" + page.getAddress().getPort() + "/");
            browser.evaluate("""
                    const socket = new WebSocket(arguments[0]);
                    socket.binaryType = 'arraybuffer';
                    const source = new MediaSource();
                    const video = document.querySelector('video');
                    const waiting = [];
                    let buffer = null, ended = false;
                    window.fault = null;
                    const pump = () => {
                      if (!buffer || buffer.updating) return;
                      if (waiting.length) buffer.appendBuffer(waiting.shift());
                      else if (ended && source.readyState === 'open') source.endOfStream();
                    };
                    source.addEventListener('sourceopen', () =>
                      socket.send(JSON.stringify({ type: 'session.start', prompt: 'x', num_frames: 33, fps: 16, size: '128x96' })));
                    socket.onmessage = ({ data }) => {
                      if (typeof data !== 'string') waiting.push(data);
                      else {
                        const message = JSON.parse(data);
                        if (message.type === 'video.start') {
                          buffer = source.addSourceBuffer(message.mime);
                          buffer.mode = 'segments';
                          buffer.onupdateend = pump;
                          buffer.onerror = () => window.fault = 'buffer';
                        } else if (message.type === 'session.done') ended = true;
                        else window.fault = data;
                      }
                      pump();
                    };
                    video.onerror = () => window.fault = video.error.message;
                    video.onended = () => window.played = video.currentTime;
                    socket.onopen = () => { video.src = URL.createObjectURL(source); video.play(); };
                    """, server.url().replaceFirst("^http", "ws") + PLAIN);
            browser.until("window.played > 2 || window.fault");
            assertEquals(null, browser.evaluate("return window.fault"));
            assertEquals(128L, browser.evaluate("return document.querySelector('video').videoWidth"));
        } finally {
            page.stop(0);
        }
    }
}
