package io.github.tachyscope.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.tachyscope.diffusion.StepKind;
import io.github.tachyscope.exec.RunId;
import io.github.tachyscope.schedule.CostModel;
import io.github.tachyscope.schedule.StepSpan;
import io.github.tachyscope.testkit.Browser;
import io.github.tachyscope.testkit.RunningApi;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page over an engine with a scripted past: sixteen sessions on two devices, and one on a third.*/
class TimelinePageIT {
    /** Of eight sessions in a bar 26 pixels high a few have no row of pixels for themselves. */
    private static final int LEAST_COLOURS = 10;

    private static final int BATCH = 8;
    private static final int BATCHES = 12;
    private static final long STEP_MICROS = 120_000;

    /** Points at each place of the canvas in turn, until a text with the wanted words comes up. */
    private static final String HOVER = """
            const canvas = document.querySelector('#timeline');
            const tip = document.querySelector('#timeline-tip');
            const box = canvas.getBoundingClientRect();
            for (let y = 10; y < box.height; y += 6) {
              for (let x = 100; x < box.width; x += 4) {
                canvas.dispatchEvent(new PointerEvent('pointermove', { clientX: box.left + x, clientY: box.top + y }));
                if (!tip.hidden && tip.textContent.includes(arguments[0])) return tip.textContent;
              }
            }
            return null;
            """;

    /** How many different colours there are in runs of a few equal pixels side by side. */
    private static final String COLOURS = """
            const canvas = document.querySelector('#timeline');
            const context = canvas.getContext('2d');
            const colours = new Set();
            const width = canvas.width - 100;
            const { data } = context.getImageData(100, 0, width, canvas.height);
            for (let y = 0; y < canvas.height; y++) {
              const row = data.subarray(4 * y * width, 4 * (y + 1) * width);
              let run = 0;
              for (let x = 4; x < row.length; x += 4) {
                const same = row[x] === row[x - 4] && row[x + 1] === row[x - 3] && row[x + 2] === row[x - 2];
                run = same && row[x + 3] === 255 ? run + 1 : 0;
                if (run === 5) colours.add(row[x] + '-' + row[x + 1] + '-' + row[x + 2]);
              }
            }
            return colours.size;
            """;

    private static final String PAUSE = """
            if (!document.querySelector('#timeline-summary')?.textContent.includes('17 sessions')) return false;
            document.querySelector('#timeline-pause').click();
            return true;
            """;

    @TempDir
    static Path directory;

    private static Browser browser;
    private static RunningApi api;

    @BeforeAll
    static void start() throws Exception {
        Optional<String> missing = Browser.missing();
        missing.ifPresent(reason -> System.err.println("The tests in a browser are skipped: " + reason + "."));
        assumeTrue(missing.isEmpty(), () -> missing.orElse(""));
        api = new RunningApi(
                directory.resolve("api"),
                "tachyscope.server.web-dir = \"" + Path.of("web").toAbsolutePath() + "\"");
        browser = Browser.start(directory.resolve("profile"));
    }

    @AfterAll
    static void stop() {
        if (browser != null) {
            browser.close();
        }
        if (api != null) {
            api.close();
        }
    }

    @Test
    void showsSixteenSessionsOnTwoDevicesAndWhatStepsCost() throws Exception {
        script();
        api.costs = costs();
        browser.open("http://127.0.0.1:" + api.port() + "/");
        browser.until("all sessions in the timeline", TimelinePageIT::paused);
        String summary = browser.text("#timeline-summary");
        assertTrue(summary.contains("on 5 lanes") && !summary.contains(" 0 late"), summary);
        int colours = ((Number) browser.evaluate(COLOURS)).intValue();
        assertTrue(colours >= LEAST_COLOURS, "sessions look alike: only " + colours + " colours");

        String shared = String.valueOf(browser.evaluate(HOVER, "4 more"));
        assertTrue(shared.startsWith("denoise, step"), shared);
        assertTrue(shared.contains("120.0 ms, waited 7.0 ms"), shared);
        String late = String.valueOf(browser.evaluate(HOVER, "late for 1 of 8"));
        assertTrue(late.contains("shared by"), late);

        browser.click("#costs summary");
        browser.until("document.querySelectorAll('#costs-table tbody tr').length === 3");
        assertEquals("Pipeline Step Form 1 session 2 sessions 4 sessions", browser.text("#costs-table thead"));
        assertTrue(
                browser.text("#costs-table").contains("tiny denoise 256x256 31.5 33.0"), browser.text("#costs-table"));
        browser.evaluate("document.querySelector('.engine').scrollIntoView({ block: 'end' })");
        browser.evaluate(HOVER, "late for 1 of 8");
        browser.screenshot("timeline.png");
        assertEquals(List.of(), browser.complaints());
    }

    /** Pauses the timeline once all sessions are in it; empty before. */
    private static Optional<Boolean> paused() {
        // The page takes its clock from each message, and the server's stands still: so nothing leaves the picture.
        add("cuda:0", StepKind.DECODE, 0, 1, 0, 0, -100_000_000, 1, true);
        Object done = browser.evaluate(PAUSE);
        return Optional.of(true).filter(done::equals);
    }

    /** Batches of eight sessions in turn on the denoiser, each decoded with one other session. */
    private static void script() {
        long now = api.parts.clock().micros();
        for (String device : List.of("cuda:0", "cuda:1")) {
            int first = device.endsWith("0") ? 0 : BATCH;
            for (int n = 0; n < BATCHES; n++) {
                long start = now - (BATCHES - n) * (STEP_MICROS + 10_000);
                for (int i = 0; i < BATCH; i++) {
                    int session = first + i;
                    boolean met = n % 6 != 5 || i != 2;
                    add(device, StepKind.DENOISE, session, BATCH, n % 4, i * 1_000, start, STEP_MICROS, met);
                    if (i / 2 == n % 4) {
                        add(device, StepKind.DECODE, session, 2, 4, 500, start + 2_000, STEP_MICROS / 2, true);
                    }
                }
            }
        }
    }

    private static void add(
            String device,
            StepKind kind,
            int session,
            int batch,
            int step,
            long queue,
            long start,
            long micros,
            boolean met) {
        api.timeline.add(new StepSpan(
                0,
                "%08x-session".formatted(0x5e550000 + session),
                new RunId(session),
                "tiny",
                kind,
                kind.lane(),
                device,
                batch,
                0,
                step,
                queue,
                start,
                micros,
                met));
    }

    private static List<CostModel.Measured> costs() {
        List<CostModel.Measured> costs = new ArrayList<>();
        for (int batch : List.of(1, 2, 4)) {
            costs.add(cost(StepKind.IMAGE_ENCODE, batch, 9_900L * batch));
            costs.add(cost(StepKind.DENOISE, batch, 30_000L * batch + 1_500));
            costs.add(cost(StepKind.DECODE, batch, 11_600L * batch));
        }
        return costs;
    }

    private static CostModel.Measured cost(StepKind kind, int batch, long micros) {
        return new CostModel.Measured("tiny", kind, "256x256", batch, micros, micros, micros + 1_500, 40);
    }
}
