package io.github.tachyscope.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.tachyscope.diffusion.tiny.scene.HeldOutScenes;
import io.github.tachyscope.diffusion.tiny.style.Style;
import io.github.tachyscope.testkit.Browser;
import io.github.tachyscope.testkit.CameraFile;
import io.github.tachyscope.testkit.Thumbnail;
import java.nio.file.Path;
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

/** The first minutes of a new user: the page, the bundled model, and a camera that films somebody waving. */
class TinyBrowserIT {
    /** Neighbours in this list look different even from afar. */
    private static final List<Style> STYLES = List.of(
            Style.WATERCOLOR,
            Style.NEON,
            Style.OIL,
            Style.PENCIL,
            Style.CARTOON,
            Style.THERMAL,
            Style.STAINED,
            Style.BLUEPRINT,
            Style.SEPIA,
            Style.VAPOR,
            Style.NIGHT);

    /** Mean difference of a colour value between two looks of one scene; movement and codec alone stay below 2. */
    private static final double DIFFERENT = 6;

    /** After so many more pictures the codec has made up for a sudden change. */
    private static final int SETTLED = 10;

    /** Copies what a video shows, with a name, onto the page's list of copies. */
    private static final String COPY = """
            const video = document.querySelector(arguments[0]);
            const canvas = document.createElement('canvas');
            canvas.width = video.videoWidth;
            canvas.height = video.videoHeight;
            canvas.getContext('2d').drawImage(video, 0, 0);
            (window.copies ??= []).push({ canvas, name: arguments[1] });
            """;

    /** All copies on one sheet, as a data URL. */
    private static final String SHEET = """
            const side = 256, line = 28, columns = 4;
            const sheet = document.createElement('canvas');
            sheet.width = columns * side;
            sheet.height = Math.ceil(copies.length / columns) * (side + line);
            const context = sheet.getContext('2d');
            context.fillStyle = '#fff';
            context.fillRect(0, 0, sheet.width, sheet.height);
            context.fillStyle = '#222';
            context.font = '16px sans-serif';
            copies.forEach(({ canvas, name }, index) => {
              const x = (index % columns) * side, y = Math.floor(index / columns) * (side + line);
              context.drawImage(canvas, x, y, side, side);
              context.fillText(name, x + 6, y + side + 19);
            });
            return sheet.toDataURL('image/jpeg', 0.9);
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
        Path film = directory.resolve("camera.y4m");
        CameraFile.write(film, HeldOutScenes.unseenFamilies().get(0).picture());
        server = RunningServer.start(directory.resolve("server"), Map.of("tachyscope.pipelines.preload", "tiny"));
        browser = Browser.filming(film, directory.resolve("profile"));
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
    void startsFromAFreshPage() throws Exception {
        browser.open("about:blank");
        browser.complaints();
        server.await("/api/v1/session/metrics", all -> all.path("sessions").isEmpty());
        browser.open(server.url() + "/");
        browser.until("window.tachyscope && document.querySelector('#pipeline').options.length > 1");
    }

    @AfterEach
    void leavesNoErrorInTheConsole() {
        assertEquals(List.of(), browser.complaints());
    }

    @Test
    void offersTheBundledModelAndItsControls() {
        assertEquals("tiny", value("#pipeline"));
        assertTrue(browser.holds("document.querySelector('input[value=video]').checked"));
        assertEquals("0.3", value("#field-noise_scale"));
        assertEquals("1000", value("#field-denoising_step_list"));
        assertEquals("0", value("#field-camera_smoothing"));
        assertEquals("256", value("#field-width"));
        assertEquals("256", value("#field-height"));
        assertEquals(
                (long) Style.values().length,
                browser.evaluate("return document.querySelector('#ideas').options.length"));
        browser.click("input[value=text]");
        assertEquals("1000, 800, 620, 450, 300, 180, 90", value("#field-denoising_step_list"));
        assertTrue(browser.holds("!document.querySelector('#field-noise_scale, #field-camera_smoothing')"));
    }

    @Test
    void turnsTheCameraIntoOneStyleAfterTheOther() throws Exception {
        begin(name(STYLES.get(0)));
        copy("#input", "camera");
        Thumbnail camera = browser.look("#input").orElseThrow();
        Thumbnail before = camera;
        for (Style style : STYLES) {
            browser.enter("#prompt-0", name(style));
            Thumbnail last = before;
            differs(name(style), last);
            settle();
            before = differs(name(style), last);
            assertTrue(before.distance(camera) > DIFFERENT, style + " is what the camera shows");
            copy("#output", name(style));
        }
        browser.saveDataUrl("styles.jpg", String.valueOf(browser.evaluate(SHEET)));
        browser.enter("#prompt-0", name(Style.WATERCOLOR));
        differs("watercolor again", before);
        browser.evaluate("document.activeElement.blur()");
        browser.until("Number(document.querySelector('#steps').textContent) > 0");
        browser.until("Number(document.querySelector('#bit-rate').textContent) > 0");
        browser.until("document.querySelector('#timeline-summary').textContent.includes('yours')");
        settle();
        browser.screenshot("page.png");
    }

    @Test
    void blendsTwoPromptsAndGlidesFromOneToTheOther() {
        begin(name(Style.PENCIL));
        settle();
        Thumbnail pencil = look();
        browser.enter("#prompt-0", name(Style.NIGHT));
        differs("night", pencil);
        settle();
        Thumbnail night = look();

        browser.click("#add-prompt");
        browser.enter("#prompt-1", name(Style.PENCIL));
        differs("a blend instead of night", night);
        settle();
        Thumbnail blend = differs("a blend instead of pencil", pencil);

        browser.click("button[aria-label='Remove prompt 1']");
        browser.lookUntil("#output", "pencil alone", now -> now.distance(pencil) < blend.distance(pencil) / 2);
        browser.enter("#transition-steps", "60");
        browser.enter("#prompt-0", name(Style.NIGHT));
        List<Double> way = new ArrayList<>();
        browser.lookUntil("#output", "night at the end of the way", now -> {
            way.add(now.distance(pencil) / (now.distance(pencil) + now.distance(night)));
            return way.get(way.size() - 1) > 0.9;
        });
        long between = way.stream()
                .filter(share -> share > 0.2 && share < 0.8)
                .distinct()
                .count();
        assertTrue(between >= 3, () -> "a jump: " + way);
    }

    private static void begin(String prompt) {
        browser.enter("#prompt-0", prompt);
        browser.click("#start");
        browser.until("tachyscope.state().phase === 'live'");
        assertEquals("camera", value("#source"));
        settle();
    }

    private static String name(Style style) {
        return style.synonyms().get(0);
    }

    private static Object value(String selector) {
        return browser.evaluate("return document.querySelector(arguments[0]).value", selector);
    }

    private static Thumbnail look() {
        return browser.look("#output").orElseThrow();
    }

    private static Thumbnail differs(String wanted, Thumbnail from) {
        return browser.lookUntil("#output", wanted, now -> now.distance(from) > DIFFERENT);
    }

    private static void copy(String video, String name) {
        browser.evaluate(COPY, video, name);
    }

    /** Waits for so many more pictures that what was sent before has been shown, and shown well. */
    private static void settle() {
        long shown = shown();
        browser.until("more pictures", () -> shown() >= shown + SETTLED ? Optional.of(true) : Optional.empty());
    }

    private static long shown() {
        return ((Number) browser.evaluate(
                        "return document.querySelector('#output').getVideoPlaybackQuality().totalVideoFrames"))
                .longValue();
    }
}
