package io.github.tachyscope.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.net.httpserver.HttpServer;
import io.github.tachyscope.testkit.Browser;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Others than the client of a session see its output too, and it does not notice. */
class WatchersIT {
    @TempDir
    static Path directory;

    private static RunningServer server;
    private final HttpClient http = HttpClient.newHttpClient();

    @BeforeAll
    static void start() throws Exception {
        server = RunningServer.start(directory, Map.of());
        server.load("synthetic");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void aBrowserPlaysTheFragmentedStreamAndLeaves(@TempDir Path profile) throws Exception {
        Optional<String> missing = Browser.missing();
        assumeTrue(missing.isEmpty(), () -> missing.orElse(""));
        HttpServer page = page();
        try (LiveClient client = LiveClient.viewing(server, "{\"input_mode\": \"text\"}");
                Browser browser = Browser.start(profile)) {
            client.awaitPictures(5);
            browser.open("http://localhost:" + page.getAddress().getPort() + "/?url="
                    + URLEncoder.encode(server.url() + "/api/v1/session/output.mp4", StandardCharsets.UTF_8));
            browser.until("document.querySelector('#output').currentTime > 0.5");
            assertEquals(List.of(), browser.evaluate("return faults"));
            assertTrue(browser.holds("document.querySelector('#output').videoWidth === 512"));

            browser.evaluate("leave()");
            client.awaitPictures(20);
        } finally {
            page.stop(0);
        }
    }

    @Test
    void watchersThatNeverReadOrLeaveAtOnceDoNotHoldTheSessionUp() throws Exception {
        try (LiveClient client = LiveClient.viewing(server, "{\"input_mode\": \"text\"}")) {
            client.awaitPictures(5);
            for (int i = 0; i < 20; i++) {
                HttpResponse<InputStream> output = get("/api/v1/session/output.mp4");
                if (output.statusCode() == 200 && i % 2 == 0) {
                    assertEquals("ftyp", new String(output.body().readNBytes(8), 4, 4, StandardCharsets.US_ASCII));
                    output.body().close();
                }
                client.awaitPictures(2);
            }
            client.awaitPictures(20);
        }
    }

    @Test
    void aSnapshotIsThePictureShown() throws Exception {
        server.await("/api/v1/session/metrics", all -> all.path("sessions").isEmpty());
        assertEquals(404, get("/api/v1/session/frame").statusCode());
        try (LiveClient client = LiveClient.viewing(server, "{\"input_mode\": \"text\"}")) {
            client.awaitPictures(5);
            HttpResponse<InputStream> picture = get("/api/v1/session/frame?quality=90");
            assertEquals(200, picture.statusCode());
            assertEquals(
                    "image/jpeg", picture.headers().firstValue("Content-Type").orElseThrow());
            assertEquals(512, ImageIO.read(picture.body()).getWidth());
            assertEquals(404, get("/api/v1/session/frame?session_id=nobody").statusCode());
        }
    }

    private HttpResponse<InputStream> get(String path) throws Exception {
        return http.send(
                HttpRequest.newBuilder(URI.create(server.url() + path)).build(),
                HttpResponse.BodyHandlers.ofInputStream());
    }

    private static HttpServer page() throws Exception {
        HttpServer page = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        page.createContext("/", exchange -> {
            try (InputStream file = WatchersIT.class.getResourceAsStream("/browser/watch.html")) {
                byte[] bytes = file.readAllBytes();
                exchange.getResponseHeaders().add("Content-Type", "text/html");
                exchange.sendResponseHeaders(200, bytes.length);
                exchange.getResponseBody().write(bytes);
            } finally {
                exchange.close();
            }
        });
        page.start();
        return page;
    }
}
