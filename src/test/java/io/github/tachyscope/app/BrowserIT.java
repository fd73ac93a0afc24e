package io.github.tachyscope.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import io.github.tachyscope.testkit.Browser;
import io.github.tachyscope.testkit.Offers;
import io.github.tachyscope.testkit.Thumbnail;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.Keys;

/** The page, and the client of Scope's quick start on a page of another origin, in a real browser. */
class BrowserIT {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Chromium logs each answer that is not 2xx as an error of the page; these belong to the test. */
    private static final String REFUSAL_LOGGED = ".*the server responded with a status of %d.*";

    /** A picture made of text may change its colour much within a second while it begins. */
    private static final double MOST_DRIFT = 30;

    @TempDir
    static Path directory;

    private static Optional<String> missing = Browser.missing();
    private static Browser browser;
    private static RunningServer server;
    private static HttpServer elsewhere;

    @BeforeAll
    static void start() throws Exception {
        missing.ifPresent(reason -> System.err.println("The tests in a browser are skipped: " + reason + "."));
        assumeTrue(missing.isEmpty(), () -> missing.orElse(""));
        server = RunningServer.start(
                directory.resolve("server"),
                Map.of("tachyscope.session.max", "4", "tachyscope.pipelines.aliases.longlive", "synthetic"));
        browser = Browser.start(directory.resolve("profile"));
        elsewhere = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        elsewhere.createContext("/", exchange -> {
            try (InputStream page = BrowserIT.class.getResourceAsStream("/browser/quickstart.html")) {
                byte[] bytes = page.readAllBytes();
                exchange.getResponseHeaders().add("Content-Type", "text/html");
                exchange.sendResponseHeaders(200, bytes.length);
                exchange.getResponseBody().write(bytes);
            } finally {
                exchange.close();
            }
        });
        elsewhere.start();
    }

    @AfterAll
    static void stop() {
        if (browser != null) {
            browser.close();
        }
        if (elsewhere != null) {
            elsewhere.stop(0);
        }
        if (server != null) {
            server.close();
        }
    }

    @BeforeEach
    void startFromAnEmptyServer() throws Exception {
        browser.open("about:blank");
        browser.complaints();
        awaitSessions(server, 0);
    }

    @AfterEach
    void leavesNoErrorInTheConsole() {
        assertEquals(List.of(), browser.complaints());
        browser.evaluate("window.client?.peer?.close()");
    }

    @Test
    void passesTheCameraThrough() throws Exception {
        server.load("passthrough");
        openPage(server);
        browser.choose("#source", "camera");
        begin();
        Thumbnail early = shown("#output");
        Thumbnail alike = browser.until("the output like the input", () -> {
            Optional<Thumbnail> output = browser.look("#output");
            return browser.look("#input")
                    .filter(input -> output.isPresent()
                            && output.get().colourDistance(input) < 20
                            && output.get().distance(input) < 20)
                    .flatMap(input -> output);
        });
        assertTrue(alike.contrast() > 10, alike::toString);
        browser.lookUntil("#output", "a moving picture", later -> later.distance(early) > 1);
        browser.until("Number(document.querySelector('#fps-out').textContent) > 10");
        browser.until("Number(document.querySelector('#fps-in').textContent) > 10");
        browser.until("Number(document.querySelector('#latency').textContent) < 2000");
    }

    @Test
    void restylesTheCameraAsThePromptSays() throws Exception {
        server.load("synthetic");
        openPage(server);
        begin();
        assertEquals("camera", browser.evaluate("return document.querySelector('#source').value"));
        moves("#output");
        changesWithThePrompt(() -> browser.enter("#prompt-0", "neon jellyfish in a black sea"));
    }

    @Test
    void makesPicturesOfTextPausesResumesStopsAndStartsAgain() throws Exception {
        server.load("synthetic");
        openPage(server);
        browser.click("input[value=text]");
        begin();
        moves("#output");
        changesWithThePrompt(() -> browser.enter("#prompt-0", "neon jellyfish in a black sea"));

        browser.click("#pause");
        phase("paused");
        staysStill();
        browser.click("#pause");
        phase("live");
        moves("#output");

        browser.click("#stop");
        phase("idle");
        awaitSessions(server, 0);
        begin();
        moves("#output");
    }

    @Test
    void reconnectsByItselfWhenTheServerEndsTheSession() throws Exception {
        server.load("synthetic");
        openPage(server);
        browser.click("input[value=text]");
        begin();
        shown("#output");
        String first = onlySession(server);
        server.delete("/api/v1/webrtc/offer/" + first);
        browser.until("'live' !== tachyscope.state().phase");
        phase("live");
        assertNotEquals(first, onlySession(server));
        moves("#output");
    }

    @Test
    void fallsBackToTheTestCardWhenTheCameraIsRefused() throws Exception {
        server.load("passthrough");
        Runnable forget = browser.prelude("navigator.mediaDevices.getUserMedia = () =>"
                + " Promise.reject(new DOMException('Permission denied', 'NotAllowedError'));");
        try {
            openPage(server);
            browser.choose("#source", "camera");
            browser.until("!document.querySelector('#source-trouble').hidden");
            String why = browser.text("#source-why");
            assertTrue(why.contains("Permit it"), why);
            begin();
            assertEquals("testcard", browser.evaluate("return document.querySelector('#source').value"));
            assertTrue(browser.holds("document.querySelector('#source-trouble').hidden"));
            assertTrue(browser.text("#toasts").contains("test card"), browser.text("#toasts"));
            moves("#output");
        } finally {
            forget.run();
        }
    }

    @Test
    void countsDownWhileTheServerIsFullThenTakesItsPlace() throws Exception {
        try (RunningServer small = RunningServer.start(
                directory.resolve("small"),
                Map.of("tachyscope.session.max", "1", "tachyscope.session.retry-after", "2 s"))) {
            small.load("synthetic");
            String offer = JSON.writeValueAsString(Map.of(
                    "type", "offer", "sdp", new Offers().video("0", "recvonly").sdp()));
            JsonNode holder =
                    JSON.readTree(small.post("/api/v1/webrtc/offer", offer).body());
            openPage(small);
            browser.click("input[value=text]");
            browser.click("#start");
            browser.until("tachyscope.state().phase === 'busy' && tachyscope.state().seconds > 0");
            assertTrue(browser.text("#status").matches("(?s).*full.*Next try in \\d+ s.*"), browser.text("#status"));
            small.delete("/api/v1/webrtc/offer/" + holder.path("sessionId").asText());
            phase("live");
            moves("#output");
            forgive(REFUSAL_LOGGED.formatted(503));
        }
        browser.until("['reconnecting', 'draining', 'error'].includes(tachyscope.state().phase)");
        assertFalse(browser.text("#status").isBlank());
        browser.open("about:blank");
        browser.complaints();
    }

    @Test
    void servesTheQuickStartOfAnotherOrigin() throws Exception {
        quickStart(server, Map.of());
        moves("#video");
        Thumbnail before = shown("#video");
        browser.evaluate("client.channel.send(JSON.stringify({prompts:"
                + " [{text: 'neon jellyfish in a black sea', weight: 1}], base_seed: 42}))");
        browser.lookUntil("#video", "another picture", now -> now.colourDistance(before) > 25);
        assertEquals(
                1,
                ((Number) browser.evaluate("return document.querySelector('#video').srcObject.getTracks().length"))
                        .intValue());
    }

    @Test
    void servesAClientThatOnlyReceives() throws Exception {
        quickStart(server, Map.of("direction", "recvonly"));
        moves("#video");
    }

    @Test
    void servesAClientThatSendsItsCamera() throws Exception {
        quickStart(server, Map.of("camera", true, "parameters", Map.of("input_mode", "video")));
        moves("#video");
        JsonNode figures = server.json("/api/v1/session/metrics")
                .path("sessions")
                .elements()
                .next();
        assertTrue(figures.path("frames_in").asInt() > 0, figures::toString);
    }

    @Test
    void speaksH264Only() throws Exception {
        quickStart(server, Map.of("codec", "video/H264", "camera", true, "parameters", Map.of("input_mode", "video")));
        moves("#video");
        assertEquals(
                Map.of("in", List.of("video/H264"), "out", List.of("video/H264")), browser.evaluate("return codecs()"));
    }

    @Test
    void tellsTheQuickStartThatItsPipelineIsUnknown() throws Exception {
        try (RunningServer plain = RunningServer.start(directory.resolve("plain"), Map.of())) {
            browser.open("http://localhost:" + elsewhere.getAddress().getPort() + "/");
            browser.evaluate("start(arguments[0])", Map.of("server", plain.url()));
            browser.until("client.stage === 'refused'");
            assertTrue(browser.holds("client.status.status === 'error' && client.status.error.length > 10"));
            assertTrue(browser.holds("client.refused.status === 400 && client.refused.detail.length > 10"));
            forgive(REFUSAL_LOGGED.formatted(400));
        }
    }

    @Test
    void showsFiguresAndTheTimeline() throws Exception {
        server.load("synthetic");
        openPage(server);
        browser.choose("#source", "testcard");
        begin();
        moves("#output");
        browser.until("Number(document.querySelector('#steps').textContent) > 0");
        browser.until("Number(document.querySelector('#bit-rate').textContent) > 0");
        browser.until("document.querySelector('#timeline-summary').textContent.includes('yours')");
    }

    @Test
    void isStartedAndStoppedWithTheKeyboardAlone() throws Exception {
        server.load("synthetic");
        openPage(server);
        focusByTab("prompt-0");
        browser.press(Keys.chord(Keys.CONTROL, "a"), "a garden in the rain");
        focusByTab("start");
        browser.press(Keys.ENTER);
        phase("live");
        assertEquals("stop", browser.evaluate("return document.activeElement.id"));
        browser.press(Keys.ENTER);
        phase("idle");
        assertEquals("start", browser.evaluate("return document.activeElement.id"));
    }

    private static void focusByTab(String id) {
        for (int presses = 0; presses < 30; presses++) {
            if (id.equals(browser.evaluate("return document.activeElement.id"))) {
                return;
            }
            browser.press(Keys.TAB);
        }
        throw new AssertionError("the tab key does not lead to " + id);
    }

    private static void openPage(RunningServer of) {
        browser.open(of.url() + "/");
        browser.until("window.tachyscope && document.querySelector('#pipeline').options.length > 1");
    }

    private static void begin() {
        browser.click("#start");
        phase("live");
    }

    private static void phase(String phase) {
        browser.until("tachyscope.state().phase === '" + phase + "'");
    }

    private static Thumbnail shown(String video) {
        return browser.lookUntil(video, "a picture in " + video, picture -> picture.contrast() > 3);
    }

    private static void moves(String video) {
        Thumbnail before = shown(video);
        browser.lookUntil(video, "movement in " + video, now -> now.distance(before) > 2);
    }

    /** The colour of a second goes much further away with a new prompt than from one second to the next before. */
    private static void changesWithThePrompt(Runnable change) {
        Thumbnail early = meanOfASecond();
        Thumbnail before = meanOfASecond();
        double drift = Math.min(MOST_DRIFT, early.colourDistance(before));
        change.run();
        browser.until("another colour than " + before + ", which drifted by " + drift, () -> {
            Thumbnail now = meanOfASecond();
            return now.colourDistance(before) > 15 + drift ? Optional.of(now) : Optional.empty();
        });
    }

    private static Thumbnail meanOfASecond() {
        List<Thumbnail> pictures = new ArrayList<>();
        long until = System.nanoTime() + Duration.ofSeconds(1).toNanos();
        while (System.nanoTime() < until) {
            pictures.add(shown("#output"));
        }
        return Thumbnail.mean(pictures);
    }

    /** Once the last frames on their way have come, nothing moves for a second. */
    private static void staysStill() {
        browser.until("a second without change", () -> {
            Thumbnail first = shown("#output");
            long until = System.nanoTime() + Duration.ofSeconds(1).toNanos();
            while (System.nanoTime() < until) {
                if (shown("#output").distance(first) > 0.5) {
                    return Optional.empty();
                }
            }
            return Optional.of(true);
        });
    }

    private static void quickStart(RunningServer of, Map<String, Object> options) {
        browser.open("http://localhost:" + elsewhere.getAddress().getPort() + "/");
        browser.evaluate("start({ server: arguments[0], ...arguments[1] })", of.url(), options);
        browser.until("client.stage !== 'loading'");
        assertEquals("answered", browser.evaluate("return client.stage"));
    }

    private static String onlySession(RunningServer of) throws Exception {
        JsonNode sessions = of.await(
                        "/api/v1/session/metrics", all -> all.path("sessions").size() == 1)
                .path("sessions");
        return sessions.fieldNames().next();
    }

    private static void awaitSessions(RunningServer of, int count) throws Exception {
        of.await("/api/v1/session/metrics", all -> all.path("sessions").size() == count);
    }

    private static void forgive(String expected) {
        assertEquals(
                List.of(),
                browser.complaints().stream()
                        .filter(complaint -> !complaint.matches(expected))
                        .toList());
    }
}
