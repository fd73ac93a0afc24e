package io.github.tachyscope.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.onvoid.webrtc.RTCRtpTransceiverDirection;
import io.github.tachyscope.testkit.LibWebRtcPeer;
import io.github.tachyscope.testkit.Offers;
import io.github.tachyscope.testkit.TestChannel;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Clients that mean harm, or are merely broken: each gets an answer it can understand, and the server lives on. */
class HostileClientIT {
    private static final int SESSIONS = 6;
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String OFFER =
            new Offers().video("0", "sendrecv").data("1").sdp();

    /** What no answer may tell: names of our classes, of libraries, of files, and where in the code something broke. */
    private static final Pattern INSIDES =
            Pattern.compile("io\\.github|org\\.apache|com\\.fasterxml|java\\.|Exception|\\.java:|\tat ");

    private static final Pattern CANDIDATE = Pattern.compile("candidate:\\S+ 1 udp \\d+ (\\S+) (\\d+) typ host");

    @TempDir
    static Path directory;

    private static RunningServer server;

    @BeforeAll
    static void start() throws Exception {
        server = RunningServer.start(
                directory,
                Map.of(
                        "tachyscope.session.max", "" + SESSIONS,
                        "tachyscope.rtc.ice-timeout", "2 s",
                        "tachyscope.rtc.handshake-timeout", "2 s"));
        server.load("synthetic");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @AfterEach
    void theServerStillServes() throws Exception {
        server.await("/ready", ready -> ready.path("ready").asBoolean());
        server.await(
                "/api/v1/session/metrics", metrics -> metrics.path("sessions").isEmpty());
        HttpResponse<String> offer = offer("{}");
        assertEquals(200, offer.statusCode(), offer.body());
        server.delete("/api/v1/webrtc/offer/"
                + JSON.readTree(offer.body()).path("sessionId").asText());
        server.await(
                "/api/v1/session/metrics", metrics -> metrics.path("sessions").isEmpty());
    }

    @Test
    void brokenBodiesAreRefusedOnEveryRouteThatTakesOne() throws Exception {
        List<String> bodies = List.of(
                "",
                "{",
                "null",
                "[]",
                "\"text\"",
                "{} {}",
                "[".repeat(50_000),
                "{\"a\":".repeat(5_000) + "1" + "}".repeat(5_000),
                "{\"sdp\":" + "9".repeat(20_000) + "}",
                "{\"pipeline_ids\":[{}],\"sdp\":[1],\"candidates\":{},\"value\":[],\"url\":{},\"completed\":3}",
                "\u0000\uffff");
        List<String> posts = new ArrayList<>();
        List<String> others = new ArrayList<>();
        server.json("/openapi.json").path("paths").properties().forEach(path -> {
            String concrete = path.getKey().replaceAll("\\{[^}]*}", "x");
            if (concrete.endsWith("/restart")) {
                return;
            }
            path.getValue().fieldNames().forEachRemaining(method -> {
                if (method.equals("post")) {
                    posts.add(concrete);
                } else if (method.equals("patch")) {
                    others.add(concrete);
                }
            });
        });
        assertTrue(posts.size() > 5, "" + posts);
        for (String body : bodies) {
            for (String path : posts) {
                // The beginning of an upload is any bytes, and without a name it is refused.
                understood(path, server.post(path, body));
            }
            for (String path : others) {
                understood(path, server.patch(path, body));
            }
        }
    }

    @Test
    void aBodyBeyondTheLimitIsRefused() throws Exception {
        String huge = "{\"sdp\":\"" + "x".repeat(2 << 20) + "\"}";
        assertEquals(413, server.post("/api/v1/webrtc/offer", huge).statusCode());
        assertEquals(413, server.post("/api/v1/session/parameters", huge).statusCode());
    }

    @Test
    void noFormOfAPathLeadsOutOfTheDirectories() throws Exception {
        List<String> ways = List.of(
                "../../../../etc/passwd",
                "..%2f..%2f..%2f..%2fetc%2fpasswd",
                "%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
                "%252e%252e/%252e%252e/etc/passwd",
                "..%5c..%5cetc%5cpasswd",
                "%2fetc%2fpasswd",
                "/etc/passwd",
                "//etc/passwd",
                "a/../../../../../etc/passwd",
                "..;/etc/passwd",
                "x%00.png",
                "%c0%ae%c0%ae/etc/passwd",
                ".uploads/x.png",
                "pom.xml",
                "..%2fpom.xml");
        for (String way : ways) {
            for (String root : List.of("/", "/api/v1/assets/", "/docs/")) {
                String reply = raw("GET " + root + way + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
                assertTrue(reply.startsWith("HTTP/1.1 "), root + way + ": " + reply);
                assertFalse(reply.contains("root:x:0") || reply.contains("<modelVersion>"), root + way);
            }
        }
    }

    @Test
    void absurdRequestsAreRefusedBeforeTheyCost() throws Exception {
        String headers = "X-A: b\r\n".repeat(10_000);
        assertTrue(raw("GET / HTTP/1.1\r\nHost: x\r\n" + headers + "Connection: close\r\n\r\n")
                .startsWith("HTTP/1.1 400"));
        assertTrue(raw("GET /" + "a".repeat(20_000) + " HTTP/1.1\r\nHost: x\r\n\r\n")
                .startsWith("HTTP/1.1 414"));
        assertTrue(raw("\u0016\u0003\u0001 nonsense\r\n\r\n").startsWith("HTTP/1.1 400"));
    }

    @Test
    void offersThatNobodyFollowsUpStayWithinTheLimitAndComeToAnEnd() throws Exception {
        int threads = Thread.activeCount();
        ExecutorService clients = Executors.newFixedThreadPool(8);
        try {
            List<Future<HttpResponse<String>>> replies = new ArrayList<>();
            for (int i = 0; i < 300; i++) {
                replies.add(clients.submit(() -> offer("{}")));
            }
            int answered = 0;
            for (Future<HttpResponse<String>> reply : replies) {
                HttpResponse<String> response = reply.get();
                answered += response.statusCode() == 200 ? 1 : 0;
                if (response.statusCode() != 200) {
                    assertEquals(503, response.statusCode(), response.body());
                    assertTrue(response.body().contains("tachyscope.session.max"), response.body());
                    assertTrue(response.headers().firstValue("Retry-After").isPresent());
                }
            }
            assertTrue(answered >= SESSIONS, answered + " were answered");
        } finally {
            clients.shutdownNow();
        }
        server.await(
                "/api/v1/session/metrics", metrics -> metrics.path("sessions").isEmpty());
        assertTrue(Thread.activeCount() < threads + 50, "threads are left: " + Thread.activeCount());
    }

    @Test
    void absurdParametersOfAnOfferAreRefusedOrHarmless() throws Exception {
        String prompts = "{\"text\":\"x\"},".repeat(1_000);
        List<String> parameters = List.of(
                "{\"prompts\":[{\"text\":\"" + "y".repeat(900_000) + "\"}]}",
                "{\"prompts\":[" + prompts.substring(0, prompts.length() - 1) + "]}",
                "{\"prompts\":[{\"text\":\"a\",\"weight\":-1}]}",
                "{\"prompts\":[{\"text\":\"a\",\"weight\":1e400}]}",
                "{\"prompts\":[{\"text\":\"a\",\"weight\":\"NaN\"}]}",
                "{\"prompts\":[null]}",
                "{\"prompts\":{\"text\":\"a\"}}",
                "{\"noise_scale\":1e308}",
                "{\"base_seed\":1e300}",
                "{\"base_seed\":-1}",
                "{\"denoising_step_list\":[0,0]}",
                "{\"denoising_step_list\":[" + "1,".repeat(9_999) + "1]}",
                "{\"transition\":{\"target_prompts\":5,\"num_steps\":1e9}}",
                "{\"pipeline_ids\":[\"nonsense\"]}",
                "{\"pipeline_ids\":{\"a\":\"b\"}}",
                "{\"graph\":{\"nodes\":[{\"type\":\"pipeline\",\"id\":\"a\"}],\"edges\":[{\"from\":\"a\",\"to_node\":\"a\"}]}}",
                "{\"input_mode\":\"sideways\"}",
                "{\"paused\":\"yes\"}");
        for (String given : parameters) {
            HttpResponse<String> reply = offer(given);
            understood(given.substring(0, Math.min(60, given.length())), reply);
            if (reply.statusCode() == 200) {
                server.delete("/api/v1/webrtc/offer/"
                        + JSON.readTree(reply.body()).path("sessionId").asText());
            }
            server.await(
                    "/api/v1/session/metrics",
                    metrics -> metrics.path("sessions").isEmpty());
        }
    }

    @Test
    void absurdLoadParametersAreToldInTheStatus() throws Exception {
        for (String given : List.of(
                "{\"width\":1000000000}",
                "{\"width\":-5}",
                "{\"width\":\"NaN\"}",
                "{\"width\":1e400,\"height\":\"wide\"}",
                "{\"height\":[512]}")) {
            HttpResponse<String> reply = server.post(
                    "/api/v1/pipeline/load", "{\"pipeline_ids\":[\"synthetic\"],\"load_params\":" + given + "}");
            understood(given, reply);
            JsonNode status = server.await(
                    "/api/v1/pipeline/status",
                    now -> !now.path("status").asText().equals("loading"));
            assertEquals("error", status.path("status").asText(), given);
            assertFalse(INSIDES.matcher(status.toString()).find(), status.toString());
        }
        server.load("synthetic");
    }

    @Test
    void loadsThatOvertakeEachOtherLeaveTheLastOne() throws Exception {
        List<CompletableFuture<Void>> loads = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            int width = 128 + 64 * (i % 5);
            loads.add(CompletableFuture.runAsync(() -> {
                try {
                    assertEquals(
                            200,
                            server.post(
                                            "/api/v1/pipeline/load",
                                            "{\"pipeline_ids\":[\"synthetic\",\"passthrough\"],\"load_params\":{\"width\":"
                                                    + width + "}}")
                                    .statusCode());
                } catch (IOException | InterruptedException failure) {
                    throw new IllegalStateException(failure);
                }
            }));
        }
        CompletableFuture.allOf(loads.toArray(CompletableFuture[]::new)).join();
        server.load("synthetic");
        JsonNode status = server.json("/api/v1/pipeline/status");
        assertEquals("loaded", status.path("status").asText(), status.toString());
    }

    @Test
    void garbageOnTheMediaPortDisturbsNoSession() throws Exception {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        HttpResponse<String> reply = offer("{}");
        JsonNode answer = JSON.readTree(reply.body());
        Matcher candidate = CANDIDATE.matcher(answer.path("sdp").asText());
        assertTrue(candidate.find(), reply.body());
        Matcher ufrag =
                Pattern.compile("a=ice-ufrag:(\\S+)").matcher(answer.path("sdp").asText());
        assertTrue(ufrag.find());
        InetAddress host = InetAddress.getByName(candidate.group(1));
        int port = Integer.parseInt(candidate.group(2));
        try (DatagramSocket socket = new DatagramSocket()) {
            for (int i = 0; i < 50_000; i++) {
                byte[] datagram = datagram(i % 4, random, ufrag.group(1) + ":aB3+");
                socket.send(new DatagramPacket(datagram, datagram.length, host, port));
            }
        }
        JsonNode metrics = server.json("/api/v1/session/metrics");
        assertTrue(metrics.path("sessions").size() <= 1, "seed " + seed + ": " + metrics);
        assertTrue(server.json("/ready").path("ready").asBoolean(), "seed " + seed);
    }

    @Test
    void aLiveSessionGoesOnThroughGarbageChangesAndLoads() throws Exception {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        try (LibWebRtcPeer browser = new LibWebRtcPeer();
                DatagramSocket socket = new DatagramSocket()) {
            browser.video(RTCRtpTransceiverDirection.SEND_RECV);
            TestChannel channel = browser.openChannel("parameters");
            JsonNode answer = JSON.readTree(
                    offer(browser.offer(), "{\"input_mode\":\"text\"}").body());
            String id = answer.path("sessionId").asText();
            String sdp = answer.path("sdp").asText();
            browser.answer(sdp);
            channel.awaitOpen();
            awaitFramesBeyond(id, 10);
            Matcher candidate = CANDIDATE.matcher(sdp);
            assertTrue(candidate.find(), sdp);
            InetAddress host = InetAddress.getByName(candidate.group(1));
            int port = Integer.parseInt(candidate.group(2));
            for (int i = 0; i < 20_000; i++) {
                byte[] datagram = datagram(i % 4, random, "someone:else");
                socket.send(new DatagramPacket(datagram, datagram.length, host, port));
            }
            String path = "/api/v1/session/parameters?session_id=" + id;
            for (int i = 0; i < 60; i++) {
                String mode = i % 2 == 0 ? "video" : "text";
                server.post(path, "{\"input_mode\":\"" + mode + "\",\"noise_scale\":\"wrong\"}");
                server.post(path, "{\"unknown_" + i + "\":\"" + "z".repeat(300_000) + "\"}");
            }
            server.load("passthrough");
            server.post(path, "{\"input_mode\":\"text\"}");
            long frames = awaitFramesBeyond(id, 0);
            assertTrue(awaitFramesBeyond(id, frames + 30) > frames, "seed " + seed);
            server.delete("/api/v1/webrtc/offer/" + id);
        } finally {
            server.load("synthetic");
        }
    }

    private static long awaitFramesBeyond(String id, long frames) throws Exception {
        return server.await(
                        "/api/v1/session/metrics",
                        metrics -> metrics.path("sessions")
                                        .path(id)
                                        .path("frames_out")
                                        .asLong()
                                > frames)
                .path("sessions")
                .path(id)
                .path("frames_out")
                .asLong();
    }

    /** Noise, STUN requests with wrong keys for a real session, DTLS hellos cut anywhere, and RTP. */
    private static byte[] datagram(int kind, Random random, String username) {
        byte[] bytes = new byte[random.nextInt(1_200) + 1];
        random.nextBytes(bytes);
        switch (kind) {
            case 1 -> {
                byte[] name = username.getBytes(StandardCharsets.US_ASCII);
                int padded = (name.length + 3) / 4 * 4;
                bytes = new byte[20 + 4 + padded + 24];
                random.nextBytes(bytes);
                byte[] head = {0, 1, 0, (byte) (bytes.length - 20), 0x21, 0x12, (byte) 0xA4, 0x42};
                System.arraycopy(head, 0, bytes, 0, head.length);
                byte[] user = {0, 6, 0, (byte) name.length};
                System.arraycopy(user, 0, bytes, 20, 4);
                System.arraycopy(name, 0, bytes, 24, name.length);
                byte[] integrity = {0, 8, 0, 20};
                System.arraycopy(integrity, 0, bytes, 24 + padded, 4);
            }
            case 2 -> {
                byte[] head = {22, (byte) 0xFE, (byte) 0xFF, 0, 0, 0, 0, 0, 0, 0, 0, 0, 100, 1, 0, 0, 88};
                System.arraycopy(head, 0, bytes, 0, Math.min(head.length, bytes.length));
            }
            case 3 -> bytes[0] = (byte) 0x80;
            default -> {}
        }
        return bytes;
    }

    @Test
    void manyChangesOfOneSessionAreTakenAndItEndsAtOnce() throws Exception {
        String id = JSON.readTree(offer("{}").body()).path("sessionId").asText();
        for (int i = 0; i < 300; i++) {
            HttpResponse<String> reply = server.post(
                    "/api/v1/session/parameters?session_id=" + id,
                    "{\"noise_scale\":" + i / 300.0 + ",\"unknown_" + i + "\":\"" + "z".repeat(10_000) + "\"}");
            assertTrue(reply.statusCode() == 200 || reply.statusCode() == 404, reply.body());
        }
        server.delete("/api/v1/webrtc/offer/" + id);
    }

    @Test
    void streamsThatNobodyReadsCostNoOneElse() throws Exception {
        List<Socket> silent = new ArrayList<>();
        try {
            for (int i = 0; i < 50; i++) {
                Socket socket = connect();
                silent.add(socket);
                socket.getOutputStream()
                        .write(("GET /api/v1/engine/timeline HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n\r\n")
                                .getBytes(StandardCharsets.US_ASCII));
            }
            assertEquals(200, server.get("/health").statusCode());
        } finally {
            for (Socket socket : silent) {
                socket.close();
            }
        }
    }

    private static HttpResponse<String> offer(String parameters) throws IOException, InterruptedException {
        return offer(OFFER, parameters);
    }

    private static HttpResponse<String> offer(String sdp, String parameters) throws IOException, InterruptedException {
        return server.post(
                "/api/v1/webrtc/offer",
                "{\"type\":\"offer\",\"sdp\":" + JSON.writeValueAsString(sdp) + ",\"initialParameters\":" + parameters
                        + "}");
    }

    private static void understood(String what, HttpResponse<String> reply) {
        assertTrue(
                reply.statusCode() < 500 || reply.statusCode() == 501 || reply.statusCode() == 503,
                () -> what + " gets " + reply.statusCode() + ": " + reply.body());
        assertFalse(INSIDES.matcher(reply.body()).find(), () -> what + " gets " + reply.body());
    }

    private static Socket connect() throws IOException {
        URI url = URI.create(server.url());
        Socket socket = new Socket(url.getHost(), url.getPort());
        socket.setSoTimeout(10_000);
        return socket;
    }

    private static String raw(String request) throws IOException {
        try (Socket socket = connect()) {
            OutputStream out = socket.getOutputStream();
            try {
                out.write(request.getBytes(StandardCharsets.ISO_8859_1));
            } catch (IOException closedEarly) {
                // The answer may have been given before the request was complete.
            }
            InputStream in = socket.getInputStream();
            byte[] start = in.readNBytes(4_096);
            return new String(start, StandardCharsets.ISO_8859_1);
        }
    }
}
