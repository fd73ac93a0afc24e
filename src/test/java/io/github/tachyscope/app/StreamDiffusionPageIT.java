package io.github.tachyscope.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.tachyscope.testkit.Browser;
import io.github.tachyscope.testkit.SmallModels;
import io.github.tachyscope.testkit.StandInHub;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.Keys;

/** Stable Diffusion on the page: from the button that downloads the weights to the slider of a LoRA. */
@Timeout(180)
class StreamDiffusionPageIT {
    private static final String STYLE = "peft_style.safetensors";

    /** A small model in the place of the one that the pipeline needs. */
    private static final String CATALOGUE = """
            sd-turbo { name = Small, kind = checkpoint, pipelines = [ streamdiffusion ], needed = true,
              repository = "%s", files = [ "unet/*", "vae/*", "text_encoder/*", "tokenizer/*", "scheduler/*" ],
              size = 5 MB, licence = MIT, memory = 5 MB }
            """;

    /** Notes what the server says of the session: how many updates it has taken, and what it refused. */
    private static final String LISTEN = """
            const create = RTCPeerConnection.prototype.createDataChannel;
            window.told = { revision: 0, errors: [] };
            RTCPeerConnection.prototype.createDataChannel = function (...given) {
              const channel = create.apply(this, given);
              channel.addEventListener('message', ({ data }) => {
                const message = JSON.parse(data);
                told.revision = message.parameters_revision ?? told.revision;
                if (message.type === 'error') told.errors.push(message.message);
              });
              return channel;
            };
            """;

    @TempDir
    static Path directory;

    private static StandInHub hub;
    private static RunningServer server;
    private static Browser browser;

    @BeforeAll
    static void start() throws Exception {
        Optional<String> missing = Browser.missing();
        missing.ifPresent(reason -> System.err.println("The tests in a browser are skipped: " + reason + "."));
        assumeTrue(missing.isEmpty(), () -> missing.orElse(""));
        SmallModels onTheHub = SmallModels.in(directory.resolve("hub"));
        hub = StandInHub.serve(onTheHub.root());
        Path style = directory.resolve("models/lora").resolve(STYLE);
        Files.createDirectories(style.getParent());
        Files.copy(onTheHub.folder("lora/" + STYLE), style);
        Path catalogue = directory.resolve("catalogue.conf");
        Files.writeString(catalogue, CATALOGUE.formatted(SmallModels.SD15));
        server = RunningServer.start(
                directory,
                Map.of(
                        "tachyscope.models.hub-url", hub.address().toString(),
                        "tachyscope.models.catalogue-file", catalogue.toString(),
                        "tachyscope.models.min-free-space", "0"));
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
        if (hub != null) {
            hub.close();
        }
    }

    @Test
    void downloadsLoadsAndChangesALiveStream() throws Exception {
        browser.prelude(LISTEN);
        browser.open(server.url() + "/");
        browser.until("window.tachyscope && document.querySelector('#pipeline').options.length > 1");
        browser.choose("#pipeline", "streamdiffusion");
        browser.until("!document.querySelector('#models').hidden");
        browser.click("#models-download");
        browser.until("document.querySelector('#models').hidden");
        everyControlHasALabelAndFits();

        browser.click("#load-controls summary");
        browser.enter("#field-model_id_or_path", SmallModels.SD15);
        browser.enter("#field-width + input", "128");
        browser.enter("#field-height + input", "128");
        browser.click("#field-use_lcm_lora");
        browser.until("document.querySelector('#lora-0')");
        browser.click("#lora-0");
        browser.choose("#source", "testcard");
        browser.click("#start");
        browser.until("tachyscope.state().phase === 'live'");
        shows("the first pictures");
        String session = session();
        assertEquals(128L, browser.evaluate("return document.querySelector('#output').videoWidth"));
        assertTrue(browser.holds("document.querySelector('#lora-0').disabled"));

        changes("a prompt", () -> browser.enter("#prompt-0", "neon jellyfish in a black sea"));
        changes("the scale of a LoRA", () -> slide("#lora-scale-0", Keys.END));
        assertEquals("2", browser.text("#loras output"));
        changes("the filter", () -> browser.click("#field-similar_image_filter_enabled"));
        changes("its threshold", () -> slide("#field-similar_image_filter_threshold", Keys.END));
        changes("the steps", () -> browser.enter("#field-t_index_list", "10, 25, 40"));
        changes("the schedule", () -> slide("#field-num_inference_steps", Keys.ARROW_LEFT));
        changes("the guidance", () -> browser.choose("#field-cfg_type", "3"));
        browser.screenshot("streamdiffusion.png");

        assertEquals(List.of(), browser.evaluate("return told.errors"));
        assertEquals(session, session());
        assertEquals(List.of(), browser.complaints());
        browser.click("#stop");
        browser.until("tachyscope.state().phase === 'idle'");
        server.await("/api/v1/session/metrics", all -> all.path("sessions").isEmpty());
    }

    private static void everyControlHasALabelAndFits() {
        assertEquals(List.of(), browser.evaluate("""
                        return [...document.querySelectorAll('#controls .field, #load-fields .field')]
                          .filter((field) => !field.querySelector('label')?.textContent.trim()
                            || !field.querySelector('.hint') || field.scrollWidth > field.clientWidth + 1)
                          .map((field) => field.outerHTML);
                        """));
    }

    private static String session() throws Exception {
        JsonNode sessions = server.await(
                        "/api/v1/session/metrics", all -> all.path("sessions").size() == 1)
                .path("sessions");
        return sessions.fieldNames().next();
    }

    /** Moves the handle of a slider with the keyboard. */
    private static void slide(String selector, Keys key) {
        browser.evaluate("document.querySelector(arguments[0]).focus()", selector);
        browser.press(key);
    }

    /** Does something that the server must take over, and waits for pictures after that. */
    private static void changes(String what, Runnable change) throws Exception {
        long before = revision();
        change.run();
        browser.until(what + " on the server", () -> revision() > before ? Optional.of(true) : Optional.empty());
        shows("pictures after " + what);
    }

    private static long revision() {
        return ((Number) browser.evaluate("return told.revision")).longValue();
    }

    /** Chromium stops drawing a video that is scrolled away. */
    private static void shows(String what) {
        browser.evaluate("document.querySelector('#output').scrollIntoView()");
        long shown = frames();
        browser.until(what, () -> frames() >= shown + 5 ? Optional.of(true) : Optional.empty());
    }

    private static long frames() {
        return ((Number) browser.evaluate(
                        "return document.querySelector('#output').getVideoPlaybackQuality().totalVideoFrames"))
                .longValue();
    }
}
