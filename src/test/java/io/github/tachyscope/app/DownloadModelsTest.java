package io.github.tachyscope.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tachyscope.testkit.StandInHub;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class DownloadModelsTest {
    @TempDir
    private Path directory;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private StandInHub hub;

    @BeforeEach
    void serve() {
        hub = StandInHub.serve(directory.resolve("hub"))
                .put("maker/model", "w.safetensors", StandInHub.safetensors(1000));
    }

    @AfterEach
    void stop() {
        hub.close();
    }

    private ExitCode run(String... arguments) {
        PrintStream print = new PrintStream(out, true, StandardCharsets.UTF_8);
        Map<String, String> environment =
                Map.of("HF_ENDPOINT", hub.address().toString(), "HUGGING_FACE_HUB_TOKEN", "good");
        Map<String, String> properties = Map.of(
                "user.home",
                directory.toString(),
                "app.home",
                directory.toString(),
                "tachyscope.storage.models-dir",
                directory.resolve("models").toString(),
                "tachyscope.models.min-free-space",
                "0",
                "tachyscope.models.attempts",
                "1");
        Main main = new Main(
                print, print, environment, properties, Map.of("download_models", new DownloadModels(print, false)));
        return main.run(Stream.concat(Stream.of("download_models"), Stream.of(arguments))
                .toList());
    }

    private String printed() {
        return out.toString(StandardCharsets.UTF_8);
    }

    @Test
    void fetchesARepositoryWithTheTokenOfTheEnvironment() {
        hub.guard("maker/model", "good");
        assertEquals(ExitCode.OK, run("--repo", "maker/model"), this::printed);
        assertTrue(Files.exists(directory.resolve("models/maker/model/w.safetensors")));
        assertTrue(printed().contains("done: 1 files"), printed());
    }

    @Test
    void saysWhatWentWrongAndEndsWithACodeOfItsOwn() {
        assertEquals(ExitCode.DOWNLOAD, run("--repo=maker/gone"));
        assertTrue(printed().contains("failed: The hub has no maker/gone"), printed());
    }

    @Test
    void printsTheCatalogueAndTheUsage() {
        assertEquals(ExitCode.OK, run("--list"));
        assertTrue(printed().contains("stabilityai/sd-turbo"), printed());
        assertEquals(ExitCode.OK, run("--help"));
    }

    @Test
    void aPipelineThatNeedsNoModelsIsDoneAtOnce() {
        assertEquals(ExitCode.OK, run("--pipeline", "passthrough"), this::printed);
        assertTrue(printed().contains("nothing to download"), printed());
    }

    @Test
    void refusesWhatItDoesNotUnderstand() {
        for (String[] wrong : List.of(
                new String[] {},
                new String[] {"--pipeline", "unknown"},
                new String[] {"--model", "unknown"},
                new String[] {"--repo", "../x"},
                new String[] {"--url", "no address"},
                new String[] {"--what"})) {
            assertEquals(ExitCode.USAGE, run(wrong), () -> String.join(" ", wrong));
        }
    }
}
