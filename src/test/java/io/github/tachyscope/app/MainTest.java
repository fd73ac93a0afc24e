package io.github.tachyscope.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tachyscope.config.Configuration;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MainTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final List<Configuration> served = new ArrayList<>();
    private final Map<String, Command> commands = new HashMap<>(Map.of("serve", (configuration, arguments) -> {
        served.add(configuration);
        return served.size() < 3 ? ExitCode.RESTART : ExitCode.OK;
    }));
    private final Map<String, String> environment = new HashMap<>();

    @TempDir
    Path home;

    @Test
    void underASupervisorEndsWithWhatTheServerSays() {
        environment.put("DAYDREAM_SCOPE_MANAGED", "1");
        assertEquals(ExitCode.RESTART, run("--port", "81"));
        assertEquals(1, served.size());
        assertEquals(81, served.get(0).settings().server().port());
    }

    @Test
    void startsAgainByItselfWithItsConfigurationReadAnew() throws Exception {
        Path file = Files.createDirectory(home.resolve("conf")).resolve("tachyscope.conf");
        commands.compute("serve", (name, serve) -> (configuration, arguments) -> {
            Files.writeString(file, "tachyscope.server.port = " + (82 + served.size()));
            return serve.run(configuration, arguments);
        });
        assertEquals(ExitCode.OK, run());
        assertEquals(
                List.of(8000, 82, 83),
                served.stream().map(each -> each.settings().server().port()).toList());
    }

    @Test
    void printsVersionAndUsageWithoutReadingTheConfiguration() throws Exception {
        Files.createDirectory(home.resolve("conf"));
        Files.writeString(home.resolve("conf").resolve("tachyscope.conf"), "tachyscope.x = 1");
        assertEquals(ExitCode.OK, run("--version"));
        assertTrue(text(out).matches("tachyscope \\d+\\.\\d+\\.\\d+\\S*\\R"), text(out));
        assertEquals(ExitCode.OK, run("--help"));
        assertTrue(text(out).contains("Usage: tachyscope"));
    }

    @Test
    void aWrongOptionShowsTheUsageOnTheErrorStream() {
        assertEquals(ExitCode.USAGE, run("--wrong"));
        assertTrue(text(err).contains("unknown option \"--wrong\"") && text(err).contains("Usage:"), text(err));
        assertEquals("", text(out));
    }

    @Test
    void aBadConfigurationIsListedAndNothingStarts() {
        assertEquals(ExitCode.CONFIGURATION, run("--port", "70000", "--host", "0.0.0.0"));
        assertTrue(text(err).contains("tachyscope.server.port (command line)"), text(err));
        assertTrue(text(err).contains("tachyscope.server.access-token"), text(err));
        assertTrue(served.isEmpty());
    }

    @Test
    void aStartFailureIsOneLine() {
        commands.put("serve", (configuration, arguments) -> {
            throw new StartFailure(ExitCode.CANNOT_BIND, "port 8000 is taken");
        });
        assertEquals(ExitCode.CANNOT_BIND, run());
        assertEquals("tachyscope: port 8000 is taken", text(err).strip());
    }

    @Test
    void anythingElseShowsItsStackTrace() {
        commands.put("serve", (configuration, arguments) -> {
            throw new IllegalStateException("broken");
        });
        assertEquals(ExitCode.FAILURE, run());
        assertTrue(text(err).contains("IllegalStateException: broken"), text(err));
    }

    @Test
    void benchGetsItsArguments() {
        List<String> seen = new ArrayList<>();
        commands.put("bench", (configuration, arguments) -> {
            seen.addAll(arguments);
            return ExitCode.OK;
        });
        assertEquals(ExitCode.OK, run("bench", "scheduler", "--runs", "3"));
        assertEquals(List.of("scheduler", "--runs", "3"), seen);
    }

    @Test
    void checkTellsWhatItFound() {
        commands.put("check", check(new Check.Probe("codecs", () -> "vp8, h264")));
        assertEquals(ExitCode.OK, run("check"), text(err));
        assertTrue(text(out).contains("codecs    vp8, h264"), text(out));
        assertTrue(text(out).contains("device    cpu: "), text(out));
        assertTrue(text(out).contains(home.resolve("models").toString()), text(out));
    }

    @Test
    void checkFailsWithoutItsNativeLibrary() {
        commands.put("check", check(new Check.Probe("codecs", () -> {
            throw new UnsatisfiedLinkError("no avcodec");
        })));
        assertEquals(ExitCode.NO_DEVICE, run("check"));
        assertTrue(text(out).contains("PROBLEM   codecs: no avcodec"), text(out));
    }

    @Test
    void checkFailsWhenADirectoryIsAFile() throws Exception {
        Files.writeString(home.resolve("models"), "");
        commands.put("check", check());
        assertEquals(
                ExitCode.CONFIGURATION,
                run("check", "--web-dir", home.resolve("absent").toString()));
        assertTrue(text(out).contains("PROBLEM   storage.models-dir"), text(out));
        assertTrue(text(out).contains("PROBLEM   server.web-dir"), text(out));
        assertFalse(text(out).contains("result    ok"), text(out));
    }

    @Test
    void checkNamesThePluginsAndWarnsOfThoseThatCannotBeUsed() throws Exception {
        Path plugins = Files.createDirectories(home.resolve("plugins"));
        Files.writeString(plugins.resolve("torn.jar"), "half a download");
        commands.put("check", check());
        Path file = Files.writeString(
                home.resolve("plugins.conf"), "tachyscope.pipelines.plugins-dir = \"" + plugins + "\"");
        assertEquals(ExitCode.OK, run("check", "--config", file.toString()), text(out) + text(err));
        assertTrue(text(out).contains("plugins   " + plugins), text(out));
        assertTrue(text(out).contains("WARNING   plugin torn.jar: it is not a jar"), text(out));
    }

    @Test
    void checkTestsADeviceThoroughly() {
        commands.put("check", check());
        assertEquals(ExitCode.OK, run("check", "--device", "cpu"), text(out));
        assertTrue(text(out).contains("passed    layout: numel: ok"), text(out));
        assertTrue(text(out).contains("passed    conv2d in bf16: error"), text(out));
        assertTrue(text(out).contains("speed     fp32: conv"), text(out));
        assertTrue(text(out).contains("WARNING   set OMP_WAIT_POLICY=PASSIVE"), text(out));
    }

    @Test
    void checkSaysWhyADeviceIsNotThere() {
        commands.put("check", check());
        assertEquals(ExitCode.NO_DEVICE, run("check", "--device", "cuda:99"));
        assertTrue(text(out).contains("PROBLEM   device cuda:99: "), text(out));
        assertEquals(ExitCode.USAGE, run("check", "--device", "tpu"));
        assertEquals(ExitCode.USAGE, run("serve", "--device", "cpu"));
    }

    @Test
    void exitCodesAreDistinctAndDocumented() throws Exception {
        String document = Files.readString(Path.of("docs", "exit-codes.md"));
        Set<Integer> codes = new HashSet<>();
        for (ExitCode code : ExitCode.values()) {
            assertTrue(codes.add(code.code()), code.name());
            assertTrue(document.contains("| " + code.code() + " |"), code.name());
        }
    }

    private Check check(Check.Probe... probes) {
        return new Check(new PrintStream(out, true, StandardCharsets.UTF_8), List.of(probes), Map.of());
    }

    private ExitCode run(String... arguments) {
        environment.putAll(Map.of(
                "DAYDREAM_SCOPE_MODELS_DIR", home.resolve("models").toString(),
                "DAYDREAM_SCOPE_ASSETS_DIR", home.resolve("assets").toString()));
        Map<String, String> properties = Map.of("user.home", home.toString(), "app.home", home.toString());
        return new Main(
                        new PrintStream(out, true, StandardCharsets.UTF_8),
                        new PrintStream(err, true, StandardCharsets.UTF_8),
                        environment,
                        properties,
                        commands)
                .run(List.of(arguments));
    }

    private static String text(ByteArrayOutputStream stream) {
        return stream.toString(StandardCharsets.UTF_8);
    }
}
