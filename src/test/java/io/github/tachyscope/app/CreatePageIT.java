package io.github.tachyscope.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.tachyscope.testkit.Browser;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.Keys;

/** The page that makes videos, in a real browser on a whole server. */
class CreatePageIT {
    private static final String RUNNING = "document.querySelector('#cancel').offsetParent !== null";
    private static final String DONE = "document.querySelector('#status').dataset.state === 'live'";

    /** A picture as a person would drop it. */
    private static final String DROP = """
            const canvas = document.createElement('canvas');
            canvas.width = canvas.height = 64;
            const context = canvas.getContext('2d');
            context.fillStyle = '#2468ac';
            context.fillRect(0, 0, 64, 64);
            canvas.toBlob((blob) => {
              const transfer = new DataTransfer();
              transfer.items.add(new File([blob], 'blue.png', { type: 'image/png' }));
              document.querySelector('#drop').dispatchEvent(new DragEvent('drop', { dataTransfer: transfer, cancelable: true }));
            });
            """;

    /** Seeks, and notes when that picture is there. */
    private static final String SEEK = """
            const video = document.querySelector('#video');
            video.pause();
            video.currentTime = arguments[0];
            window.sought = false;
            video.addEventListener('seeked', () => { window.sought = true; }, { once: true });
            """;

    /** A player that asks for the growing video of a job and gets its finished file, because it came too late. */
    private static final String LATE = """
            const video = document.body.appendChild(document.createElement('video'));
            video.id = 'late';
            video.muted = true;
            const file = document.querySelector('#download').href;
            import('./liveplayer.js').then(({ createLivePlayer }) => {
              const player = createLivePlayer(video, () => fetch(file), () => undefined);
              void player.follow('late');
              player.finish('late', file);
            });
            """;

    @TempDir
    static Path directory;

    private static Browser browser;
    private static RunningServer server;

    @BeforeAll
    static void start() throws Exception {
        Optional<String> missing = Browser.missing();
        missing.ifPresent(reason -> System.err.println("The tests in a browser are skipped: " + reason + "."));
        assumeTrue(missing.isEmpty(), () -> missing.orElse(""));
        server = RunningServer.start(
                directory.resolve("server"),
                Map.of(
                        "tachyscope.pipelines.synthetic.step-cost", "0 ms",
                        "tachyscope.comfy.stand-in", "synthetic"));
        server.loadWith(Map.of("width", 256, "height", 256), "synthetic");
        browser = Browser.start(directory.resolve("profile"));
    }

    @AfterAll
    static void stop() {
        if (browser != null) {
            browser.close();
        }
        if (server != null) {
            server.close();
        }
    }

    @BeforeEach
    void open() {
        browser.open("about:blank");
        browser.open(server.url() + "/create.html");
        browser.until("document.querySelector('#pipeline').value === 'synthetic'");
    }

    @Test
    void playsAVideoWhileItIsMadeAndFindsItAgainAfterAReload() throws Exception {
        ask("a red kite over the sea", 12_000);
        browser.click("#create");
        browser.until(RUNNING);
        browser.until("document.querySelector('#video').readyState >= 2");
        browser.until("document.querySelector('#video').currentTime > 0.5");
        assertTrue(browser.holds(RUNNING), "it had ended before it was seen: " + browser.text("#progress-text"));
        assertTrue(browser.holds("document.querySelector('#video').src.startsWith('blob:')"));
        browser.until("/Chunk \\d+ of \\d+, about .* left/.test(document.querySelector('#progress-text').textContent)");
        browser.until("document.querySelector('#progress').value > 0");
        String id = shown();

        browser.evaluate("location.reload()");
        browser.until("document.querySelector('#pipeline')?.value === 'synthetic'");
        browser.until(RUNNING);
        browser.until("document.querySelector('#video').currentTime > 0.2");
        assertEquals(id, shown());

        browser.click("#cancel");
        browser.until("document.querySelector('#progress-text').textContent === 'Cancelled.'");
        assertEquals(
                "cancelled", server.json("/api/v1/jobs/" + id).path("state").asText());
        browser.until("document.querySelector('[data-job=\"" + id + "\"]').dataset.state === 'cancelled'");
        assertEquals(List.of(), browser.complaints());
    }

    @Test
    void listsWhatWasMadeWithItsPictureAndHandsItOut() throws Exception {
        ask("a green field", 24);
        browser.click("#create");
        browser.until(DONE);
        String id = shown();
        browser.until("document.querySelector('[data-job=\"" + id + "\"] .shot img').naturalWidth > 16");
        assertEquals("Done", browser.text("[data-job=\"" + id + "\"] .state"));
        String href = String.valueOf(browser.evaluate("return document.querySelector('#download').href"));
        HttpResponse<byte[]> file = HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(URI.create(href)).build(), HttpResponse.BodyHandlers.ofByteArray());
        assertEquals(200, file.statusCode());
        assertEquals("video/mp4", file.headers().firstValue("Content-Type").orElse(""));
        assertEquals("ftyp", new String(file.body(), 4, 4, StandardCharsets.US_ASCII));
        browser.evaluate(LATE);
        browser.until("document.querySelector('#late').src.includes('/files/')");
        browser.until("document.querySelector('#late').readyState >= 2");
        // Of the file, too, when it is opened again.
        browser.evaluate("location.reload()");
        browser.until("document.querySelector('#video')?.src.includes('/files/')");
        browser.until("document.querySelector('#video').readyState >= 2");

        browser.click("[data-job=\"" + id + "\"] [data-action=remove]");
        assertEquals(200, server.get("/api/v1/jobs/" + id).statusCode(), "only the second press deletes");
        browser.click("[data-job=\"" + id + "\"] [data-action=remove]");
        browser.until("document.querySelector('[data-job=\"" + id + "\"]') === null");
        assertEquals(404, server.get("/api/v1/jobs/" + id).statusCode());
        assertEquals("Ready", browser.text("#status-title"));
        assertEquals(List.of(), browser.complaints());
    }

    @Test
    void keyframesChangeTheVideoFromTheirChunkOn() throws Exception {
        ask("deep blue night", 57);
        String plain = made();
        List<?> plainStart = colourAt(0.1);
        List<?> plainEnd = colourAt(3.2);

        browser.click("#add-keyframe");
        browser.press("bright yellow sand");
        browser.until("document.querySelectorAll('.mark-handle').length === 2");
        browser.evaluate("document.querySelector('[data-testid=mark-1]').focus()");
        String before = mark();
        browser.press(Keys.ARROW_LEFT);
        assertEquals(Integer.parseInt(before) - 1, Integer.parseInt(mark()), "moved by keys");
        drag();
        assertEquals("3", mark(), "moved by dragging");
        browser.enter("#keyframe-transition", "1");
        browser.until("document.querySelector('#keyframe-about').textContent.startsWith('Glides from ')");
        assertEquals(1, ((Number) browser.evaluate("return document.querySelectorAll('.glide').length")).intValue());

        String changed = made();
        assertNotEquals(plain, changed);
        JsonNode said = server.json("/api/v1/jobs/" + changed)
                .path("request")
                .path("schedule")
                .path("keyframes")
                .path("3")
                .path("transition");
        assertEquals(
                "bright yellow sand",
                said.path("target_prompts").path(0).path("text").asText(),
                said.toString());
        assertEquals(2, said.path("num_steps").asInt());
        assertTrue(distance(plainStart, colourAt(0.1)) < 12, "the first chunk is the same");
        assertTrue(distance(plainEnd, colourAt(3.2)) > 30, "the last chunk is not");
        assertEquals(List.of(), browser.complaints());
    }

    @Test
    void fillsTheFormFromAnEarlierJob() throws Exception {
        ask("an old harbour", 33);
        browser.enter("#fps", "12");
        browser.enter("#width", "192");
        browser.enter("#height", "128");
        browser.enter("#field-base_seed", "4711");
        browser.click("#add-keyframe");
        browser.press("the same in fog");
        browser.evaluate(DROP);
        browser.until("!document.querySelector('#input-picture').hidden");
        String id = made();
        assertEquals("192x128", server.json("/v1/videos/" + id).path("size").asText());

        browser.open("about:blank");
        browser.open(server.url() + "/create.html");
        browser.until("document.querySelector('[data-job=\"" + id + "\"]')");
        browser.until("document.querySelector('#pipeline').value === 'synthetic'");
        browser.click("[data-job=\"" + id + "\"] [data-action=again]");
        browser.until("document.querySelector('#keyframe-text').value === 'an old harbour'");
        assertEquals(
                List.of("33", "12", "192", "128", "4711"),
                browser.evaluate("return ['frames', 'fps', 'width', 'height', 'field-base_seed']"
                        + ".map((id) => document.getElementById(id).value)"));
        assertTrue(browser.text("#lane").contains("the same in fog"), browser.text("#lane"));
        browser.until("document.querySelector('#input-picture').naturalWidth === 64");
        String second = made();
        assertNotEquals(id, second);
        assertEquals(
                server.json("/api/v1/jobs/" + id).path("request").path("schedule"),
                server.json("/api/v1/jobs/" + second).path("request").path("schedule"));
        assertEquals(List.of(), browser.complaints());
    }

    @Test
    void saysWhatIsWrongAndShowsJobsOfOtherFaces() throws Exception {
        HttpResponse<String> generated = server.post(
                "/api/v1/generate",
                "{\"pipeline_id\": \"synthetic\", \"prompt\": \"made elsewhere\", \"num_frames\": 12}");
        assertEquals(200, generated.statusCode(), generated.body());
        browser.until(
                "[...document.querySelectorAll('.job')].some((job) => job.textContent.includes('made elsewhere'))");
        browser.evaluate(
                "[...document.querySelectorAll('.job')].find((job) => job.textContent.includes('made elsewhere'))"
                        + ".querySelector('.shot').click()");
        browser.until("document.querySelector('#curtain-advice').textContent.includes('as pictures')");
        assertEquals(List.of(), browser.complaints());

        browser.click("#create");
        browser.until("!document.querySelector('#trouble').hidden");
        assertTrue(browser.text("#trouble").contains("a prompt is empty"), browser.text("#trouble"));
        ask("too long", 99_999);
        browser.click("#create");
        browser.until("document.querySelector('#trouble').textContent.includes('max-frames')");
        // Chromium's own note about the answer 400.
        assertTrue(browser.complaints().stream().allMatch(each -> each.contains("status of 400")));
    }

    @Test
    void showsThePicturesOfAGraphOneByOneAndAsAFlipBook() throws Exception {
        ComfyClient client = new ComfyClient(server.url());
        String id = client.submitted(ComfyGraphs.picture("three foxes", 11, 2, 3), "page");
        client.ended(id);
        browser.until("document.querySelector('[data-job=\"" + id + "\"] .state')?.textContent === 'Done'");
        browser.evaluate("document.querySelector('[data-job=\"" + id + "\"] .shot').click()");
        browser.until(
                "document.querySelector('#still').naturalWidth === 64 && document.querySelector('#curtain').hidden");
        assertEquals("1 of 3", browser.text("#still-about"));
        String first = String.valueOf(browser.evaluate("return document.querySelector('#still').src"));
        browser.click("#still-play");
        browser.until("document.querySelector('#still').src !== '" + first + "'");
        browser.click("#still-play");
        browser.evaluate("const place = document.querySelector('#still-place'); place.value = 3;"
                + "place.dispatchEvent(new Event('input'));");
        assertEquals("3 of 3", browser.text("#still-about"));
        browser.until("document.querySelector('#still').naturalWidth === 64");
        assertTrue(browser.holds("document.querySelector('#still').src.endsWith('00003.png')"));
        assertTrue(String.valueOf(browser.evaluate("return document.querySelector('#download').download"))
                .endsWith(".png"));

        // Another job takes the screen, and its video is not covered.
        ask("a meadow after the foxes", 24);
        made();
        assertTrue(browser.holds("document.querySelector('#stills').hidden"));
        assertEquals(List.of(), browser.complaints());
    }

    @Test
    void fitsItsWindowWhateverItsWidth() throws Exception {
        for (String prompt : List.of("northern lights over a frozen lake", "coral reef", "desert at dusk")) {
            ask(prompt, 24);
            made();
        }
        browser.size(1440, 1140);
        ask("a meadow in spring", 1200);
        keyframe("a meadow in summer rain", 22, 6);
        keyframe("autumn leaves", 50, 0);
        keyframe("snow at night", 76, 14);
        browser.click("#create");
        browser.until(RUNNING);
        browser.until("document.querySelector('#progress').value > 0.1");
        browser.until("document.querySelector('#video').currentTime > 1");
        browser.screenshot("create.png");
        String id = shown();
        for (int width : List.of(1440, 900, 400)) {
            browser.size(width, 900);
            browser.until("document.documentElement.scrollWidth <= innerWidth");
        }
        browser.size(1440, 900);
        server.delete("/api/v1/jobs/" + id);
        browser.complaints();
    }

    private static void keyframe(String prompt, int chunk, int glide) {
        browser.click("#add-keyframe");
        browser.press(prompt);
        browser.enter("#keyframe-chunk", Integer.toString(chunk));
        browser.enter("#keyframe-transition", Integer.toString(glide));
    }

    private static void ask(String prompt, int frames) {
        browser.enter("#keyframe-text", prompt);
        browser.enter("#frames", Integer.toString(frames));
    }

    private static String shown() {
        return String.valueOf(browser.evaluate("return new URLSearchParams(location.hash.slice(1)).get('job')"));
    }

    /** Creates, waits until it is done, and gives its id. */
    private static String made() {
        String before = shown();
        browser.click("#create");
        browser.until("location.hash !== '' && !location.hash.endsWith('" + before + "')");
        browser.until(DONE);
        browser.until("document.querySelector('#video').readyState >= 2");
        return shown();
    }

    private static String mark() {
        return String.valueOf(browser.evaluate(
                "return document.querySelector('[data-testid=mark-1]').getAttribute('aria-valuenow')"));
    }

    /** Pulls the second mark to where the third chunk begins. */
    private static void drag() {
        List<?> at = (List<?>) browser.evaluate("""
                const lane = document.querySelector('.track').getBoundingClientRect();
                const mark = document.querySelector('[data-testid=mark-1]').getBoundingClientRect();
                const to = lane.left + lane.width * (9 + 2 * 12) / 57;
                return [mark.left + mark.width / 2, to, mark.top + mark.height / 2];
                """);
        mouse("mousePressed", at.get(0), at.get(2), 1);
        mouse("mouseMoved", at.get(1), at.get(2), 1);
        mouse("mouseReleased", at.get(1), at.get(2), 0);
    }

    private static void mouse(String type, Object x, Object y, int buttons) {
        browser.command(
                "Input.dispatchMouseEvent",
                Map.of("type", type, "x", x, "y", y, "button", "left", "buttons", buttons, "clickCount", 1));
    }

    private static List<?> colourAt(double seconds) {
        browser.evaluate(SEEK, seconds);
        browser.until("window.sought && document.querySelector('#video').readyState >= 2");
        return (List<?>) browser.evaluate("""
                const canvas = document.createElement('canvas');
                canvas.width = canvas.height = 8;
                const context = canvas.getContext('2d');
                context.drawImage(document.querySelector('#video'), 0, 0, 8, 8);
                return Array.from(context.getImageData(0, 0, 8, 8).data).filter((_, i) => i % 4 !== 3);
                """);
    }

    private static double distance(List<?> left, List<?> right) {
        double sum = 0;
        for (int i = 0; i < left.size(); i++) {
            sum += Math.abs(((Number) left.get(i)).doubleValue() - ((Number) right.get(i)).doubleValue());
        }
        return sum / left.size();
    }
}
