package io.github.tachyscope.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.tachyscope.testkit.Browser;
import io.github.tachyscope.testkit.LibWebRtcPeer;
import io.github.tachyscope.testkit.Offers;
import io.github.tachyscope.testkit.PluginBuild;
import io.github.tachyscope.testkit.Thumbnail;
import io.github.tachyscope.testkit.VideoFeed.Colour;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.Keys;

/** The example plugin in the real server, from its jar to the picture, beside jars that are broken. */
class PluginIT {
    /** What a codec and two conversions may do to an even colour. */
    private static final double TOLERANCE = 10;

    @TempDir
    static Path directory;

    private static RunningServer server;

    @BeforeAll
    static void start() throws Exception {
        Path plugins = directory.resolve("plugins");
        Files.createDirectories(plugins);
        PluginBuild.example(plugins);
        PluginBuild.write(
                plugins.resolve("brittle.jar"),
                PluginBuild.provider(
                        "brittle", Map.of("open", "if (true) throw new NoClassDefFoundError(\"gone/Away\");")));
        Files.writeString(plugins.resolve("torn.jar"), "half a download");
        server = RunningServer.start(
                directory.resolve("server"), Map.of("tachyscope.pipelines.plugins-dir", plugins.toString()));
    }

    @AfterAll
    static void stop() {
        if (server != null) {
            server.close();
        }
    }

    @Test
    void thePluginAndItsPipelineAreListed() throws Exception {
        JsonNode all = server.json("/api/v1/plugins");
        assertEquals(3, all.path("total").asInt(), all::toString);
        JsonNode plugin = entry(all.path("plugins"), "name", "kaleidoscope");
        assertEquals("1.0.0", plugin.path("version").asText());
        assertEquals("Example", plugin.path("author").asText());
        assertEquals("kaleidoscope.jar", plugin.path("package_spec").asText());
        assertEquals("local", plugin.path("source").asText());
        assertFalse(plugin.path("bundled").asBoolean(true));
        assertEquals(
                "[{\"pipeline_id\":\"kaleidoscope\",\"pipeline_name\":\"Kaleidoscope\"}]",
                plugin.path("pipelines").toString());
        JsonNode torn = entry(all.path("failed_plugins"), "package_name", "torn.jar");
        assertEquals("UnreadableJar", torn.path("error_type").asText());
        assertFalse(all.toString().contains(directory.toString()), all::toString);

        JsonNode schema =
                server.json("/api/v1/pipelines/schemas").path("pipelines").path("kaleidoscope");
        assertEquals("kaleidoscope", schema.path("plugin_name").asText());
        JsonNode properties = schema.path("config_schema").path("properties");
        assertEquals(24, properties.path("segments").path("maximum").asInt());
        assertFalse(properties.path("hue").path("ui").path("is_load_param").asBoolean(true));
        assertTrue(properties.path("edge").path("ui").path("is_load_param").asBoolean());
    }

    private static JsonNode entry(JsonNode list, String key, String value) {
        for (JsonNode entry : list) {
            if (entry.path(key).asText().equals(value)) {
                return entry;
            }
        }
        throw new AssertionError("no " + key + " " + value + " in " + list);
    }

    @Test
    void itsPicturesComeAndItsParametersAct() throws Exception {
        server.load("kaleidoscope");
        try (LiveClient client = LiveClient.camera(server)) {
            client.video.size(320, 240);
            client.video.grey(90);
            client.video.tint(90, 180);
            client.connect("{\"input_mode\": \"video\", \"segments\": 5}");
            awaitColour(client, new Colour(90, 90, 180));
            assertEquals("320x240", client.video.width() + "x" + client.video.height());
            client.send("{\"hue\": 180, \"zoom\": 2.5}");
            awaitColour(client, new Colour(90, 166, 76));
            client.send("{\"segments\": 25}");
            JsonNode error = client.awaitNotice("error");
            assertTrue(error.path("message").asText().contains("segments"), error.toString());
        }
    }

    @Test
    void itsLoadParameterActsWithTheNextLoad() throws Exception {
        server.loadWith(Map.of("edge", 0), "kaleidoscope");
        try (LiveClient client = LiveClient.camera(server)) {
            client.video.size(320, 240);
            client.video.grey(200);
            client.connect("{\"input_mode\": \"video\"}");
            LibWebRtcPeer.pushUntil(
                    client.video,
                    "a bright circle on black",
                    () -> client.video.decoded() > 5
                            && client.video.mean().y() > 100
                            && client.video.mean().y() < 150);
        }
    }

    private static void awaitColour(LiveClient client, Colour wanted) {
        LibWebRtcPeer.pushUntil(
                client.video,
                "the colour " + wanted,
                () -> client.video.decoded() > 5 && client.video.mean().distance(wanted) < TOLERANCE);
    }

    @Test
    void aPluginThatMissesAClassRefusesItsSessionsAndTheServerStays() throws Exception {
        server.load("brittle");
        HttpResponse<String> refused =
                LiveClient.offer(server, new Offers().video("0", "sendrecv").sdp(), "{\"input_mode\": \"video\"}");
        assertTrue(refused.statusCode() >= 400 && refused.statusCode() < 600, refused::body);
        assertFalse(refused.body().contains("gone"), refused::body);
        HttpResponse<String> ready = server.get("/ready");
        assertEquals(200, ready.statusCode(), ready.body());
    }

    @Test
    void itIsNeitherRemovedNorReloadedOverHttp() throws Exception {
        assertEquals(400, server.delete("/api/v1/plugins/kaleidoscope").statusCode());
        assertEquals(
                400, server.post("/api/v1/plugins/kaleidoscope/reload", "{}").statusCode());
        assertEquals(404, server.delete("/api/v1/plugins/torn.jar").statusCode());
        assertEquals(501, server.post("/api/v1/plugins", "{\"package\": \"x\"}").statusCode());
    }

    @Test
    void itsSchemaMakesItsControlsOnThePageAndTheyAct() throws Exception {
        Optional<String> missing = Browser.missing();
        missing.ifPresent(reason -> System.err.println("The test in a browser is skipped: " + reason + "."));
        assumeTrue(missing.isEmpty(), () -> missing.orElse(""));
        server.load("kaleidoscope");
        try (Browser browser = Browser.start(directory.resolve("profile"))) {
            browser.open(server.url() + "/");
            browser.until("window.tachyscope && document.querySelector('#pipeline').value === 'kaleidoscope'");
            browser.until("document.querySelector('#field-hue')");
            assertEquals("range 2 24 6", browser.evaluate("""
                    const { type, min, max, value } = document.querySelector('#field-segments');
                    return [type, min, max, value].join(' ');
                    """));
            assertTrue(browser.holds("document.querySelector('#field-mirrored').checked"));
            assertEquals(
                    "Edge brightness",
                    browser.evaluate("return document.querySelector('label[for=field-edge]').textContent"));
            browser.choose("#source", "camera");
            browser.click("#start");
            browser.until("tachyscope.state().phase === 'live'");
            browser.until("document.querySelector('#field-edge').disabled");
            Thumbnail before = browser.lookUntil("#output", "a picture", picture -> picture.contrast() > 3);
            browser.evaluate("document.querySelector('#field-hue').focus()");
            browser.press(Keys.END);
            browser.lookUntil("#output", "other colours", now -> now.colourDistance(before) > 25);
            assertEquals(List.of(), browser.complaints());
        }
    }
}
