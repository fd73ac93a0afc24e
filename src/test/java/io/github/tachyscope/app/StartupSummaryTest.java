package io.github.tachyscope.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.ConfigFactory;
import io.github.tachyscope.config.Settings;
import io.github.tachyscope.diffusion.Plugins;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class StartupSummaryTest {
    @Test
    void eachFactStandsUnderItsName() {
        StartupSummary summary = new StartupSummary(
                "1.2.3",
                List.of("http://127.0.0.1:8000", "http://[::1]:8000"),
                List.of("udp 127.0.0.1:4000"),
                List.of("cpu: test, 2 processors"),
                List.of("passthrough", "tiny"),
                List.of("kaleidoscope 1.0.0 (k.jar): kaleidoscope"),
                List.of("16 sessions", "64 generations"),
                List.of("be careful"));
        assertEquals("""
                Tachyscope 1.2.3
                  open       http://127.0.0.1:8000
                             http://[::1]:8000
                  media      udp 127.0.0.1:4000
                  devices    cpu: test, 2 processors
                  pipelines  passthrough, tiny
                  plugins    kaleidoscope 1.0.0 (k.jar): kaleidoscope
                  limits     16 sessions, 64 generations
                  WARNING    be careful
                """, summary.text());
    }

    @Test
    void aHiddenServerHasNoWarnings() {
        StartupSummary summary = summary("");
        assertEquals(List.of(), summary.warnings());
        assertTrue(summary.text().contains("none loaded"));
        assertTrue(summary.limits().contains("16 sessions"), summary.limits()::toString);
    }

    @Test
    void anOpenServerWarnsOfStrangersAndOfTheMissingCamera() {
        List<String> warnings = summary("tachyscope.server { host = \"0.0.0.0\", allow-exposed = true }")
                .warnings();
        assertEquals(2, warnings.size());
        assertTrue(warnings.get(0).contains("tachyscope.server.access-token"));
        assertTrue(warnings.get(1).contains("tachyscope.server.tls"));
    }

    @Test
    void aTokenSilencesTheFirstWarning() {
        assertEquals(
                1,
                summary("tachyscope.server { host = \"0.0.0.0\", access-token = t }")
                        .warnings()
                        .size());
    }

    @Test
    void namesThePluginsAndWarnsOfThoseThatCannotBeUsed() {
        StartupSummary summary = summary(
                "",
                new Plugins(
                        List.of(new Plugins.Plugin(
                                "kaleidoscope",
                                "1.0.0",
                                Optional.empty(),
                                Optional.empty(),
                                "k.jar",
                                List.of("kaleidoscope", "mandala"))),
                        List.of(
                                new Plugins.Failure("a.jar", "a.jar", Plugins.Reason.UNREADABLE_JAR, "not a jar"),
                                new Plugins.Failure("b.jar", "b.One", Plugins.Reason.BROKEN_PROVIDER, "broken"))));
        assertEquals(List.of("kaleidoscope 1.0.0 (k.jar): kaleidoscope, mandala"), summary.plugins());
        assertEquals(List.of("plugin a.jar: not a jar", "plugin b.jar, b.One: broken"), summary.warnings());
    }

    private static StartupSummary summary(String config) {
        return summary(config, Plugins.NONE);
    }

    private static StartupSummary summary(String config, Plugins plugins) {
        Settings settings = Settings.from(ConfigFactory.parseString(config).withFallback(ConfigFactory.load()));
        return StartupSummary.of(
                "1", List.of("http://x"), List.of(), List.of(), List.of(), plugins, settings, List.of());
    }
}
