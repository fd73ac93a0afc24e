package io.github.tachyscope.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.tachyscope.api.BuildInfo;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The archive as a user gets it: unpacked somewhere, started from somewhere else. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "starts the POSIX launcher")
class LauncherIT {
    private static final Pattern OPEN = Pattern.compile("^ +open +(http://\\S+)");

    @TempDir
    static Path directory;

    private static Path home;

    private record Result(int exit, String output) {}

    @BeforeAll
    static void unpack() throws IOException {
        Path archive;
        try (Stream<Path> files = Files.list(Path.of("target"))) {
            archive = files.filter(file -> file.getFileName().toString().matches("tachyscope-.*\\.zip"))
                    .findFirst()
                    .orElseThrow();
        }
        try (InputStream in = Files.newInputStream(archive);
                ZipInputStream zip = new ZipInputStream(in)) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                Path file = directory.resolve("with space").resolve(entry.getName());
                if (entry.isDirectory()) {
                    Files.createDirectories(file);
                } else {
                    Files.createDirectories(file.getParent());
                    Files.copy(zip, file);
                }
            }
        }
        try (Stream<Path> files = Files.list(directory.resolve("with space"))) {
            home = files.findFirst().orElseThrow();
        }
        // java.util.zip does not restore modes; unzip does.
        assertTrue(home.resolve("bin/tachyscope").toFile().setExecutable(true));
    }

    @Test
    void printsItsVersion() throws Exception {
        Result result = start(home.resolve("bin/tachyscope"), "--version");
        assertEquals(new Result(0, "tachyscope " + BuildInfo.load(Instant.EPOCH).version()), result);
    }

    @Test
    void checksThroughAChainOfLinksFromAnotherDirectory() throws Exception {
        Path far = Files.createDirectory(directory.resolve("far"));
        Files.createSymbolicLink(far.resolve("first"), home.resolve("bin/tachyscope"));
        Files.createSymbolicLink(far.resolve("second"), Path.of("first"));
        Result result = start(far.resolve("second"), "check");
        assertEquals(0, result.exit(), result.output());
        assertTrue(result.output().contains("device    cpu: "), result.output());
    }

    @Test
    void servesTheBundledModelWithoutFurtherAdo() throws Exception {
        Process process = serve();
        try {
            JsonNode loaded = json(HttpRequest.newBuilder(URI.create(address(process) + "/api/v1/pipeline/status")));
            assertEquals("loaded", loaded.path("status").asText(), loaded::toString);
            assertEquals("tiny", loaded.path("pipeline_id").asText(), loaded::toString);
        } finally {
            stop(process);
        }
        assertEquals(0, process.exitValue());
    }

    @Test
    void aSignalPutsARunningJobBackForTheNextStart() throws Exception {
        String job;
        Process first = serve();
        try {
            String url = address(first);
            job = json(HttpRequest.newBuilder(URI.create(url + "/v1/videos"))
                            .header("Content-Type", "application/json")
                            .POST(HttpRequest.BodyPublishers.ofString(
                                    "{\"prompt\": \"neon\", \"num_frames\": 5000, \"size\": \"256x256\"}")))
                    .path("id")
                    .asText();
            await(url, job, "in_progress");
        } finally {
            stop(first);
        }
        assertEquals(0, first.exitValue());
        Process second = serve();
        try {
            String url = address(second);
            await(url, job, "in_progress");
            JsonNode removed = json(HttpRequest.newBuilder(URI.create(url + "/v1/videos/" + job))
                    .DELETE());
            assertTrue(removed.path("deleted").asBoolean(), removed::toString);
        } finally {
            stop(second);
        }
        assertEquals(0, second.exitValue());
    }

    private static Process serve() throws IOException {
        ProcessBuilder builder =
                new ProcessBuilder(home.resolve("bin/tachyscope").toString(), "--port", "0");
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().keySet().removeIf(name -> name.startsWith("TACHYSCOPE_") || name.equals("PIPELINE"));
        builder.environment()
                .put(
                        "TACHYSCOPE_JAVA_OPTS",
                        "-Dtachyscope.storage.models-dir=" + directory.resolve("models")
                                + " -Dtachyscope.storage.assets-dir=" + directory.resolve("assets")
                                + " -Dtachyscope.storage.media-dir=" + directory.resolve("media")
                                + " -Dtachyscope.jobs.dir=" + directory.resolve("jobs")
                                + " -Dtachyscope.jobs.drain-timeout=0s");
        Process process =
                builder.directory(directory.toFile()).redirectErrorStream(true).start();
        process.getOutputStream().close();
        return process;
    }

    private static void stop(Process process) throws InterruptedException {
        // By its handle: ending the process itself would also close what it still says.
        process.toHandle().destroy();
        if (!process.waitFor(60, TimeUnit.SECONDS)) {
            process.destroyForcibly();
        }
    }

    private static JsonNode json(HttpRequest.Builder request) throws IOException, InterruptedException {
        return new ObjectMapper()
                .readTree(HttpClient.newHttpClient()
                        .send(request.build(), HttpResponse.BodyHandlers.ofString())
                        .body());
    }

    private static void await(String url, String job, String status) throws Exception {
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        JsonNode now = json(HttpRequest.newBuilder(URI.create(url + "/v1/videos/" + job)));
        while (!now.path("status").asText().equals(status)) {
            assertTrue(System.nanoTime() < until, now::toString);
            TimeUnit.MILLISECONDS.sleep(50);
            now = json(HttpRequest.newBuilder(URI.create(url + "/v1/videos/" + job)));
        }
    }

    /** Where it listens, from the summary that it prints when it is ready. */
    private static String address(Process process) throws IOException {
        StringBuilder said = new StringBuilder();
        BufferedReader reader =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        for (String line = reader.readLine(); line != null; line = reader.readLine()) {
            said.append(line).append('\n');
            Matcher open = OPEN.matcher(line);
            if (open.find()) {
                return open.group(1);
            }
        }
        throw new AssertionError("it ended: " + said);
    }

    @Test
    void usesTheConfigurationBesideIt() throws Exception {
        Path file = home.resolve("conf/tachyscope.conf");
        String shipped = Files.readString(file);
        try {
            Files.writeString(file, "tachyscope.server.prot = 1");
            Result result = start(home.resolve("bin/tachyscope"), "check");
            assertEquals(ExitCode.CONFIGURATION.code(), result.exit(), result.output());
            assertTrue(result.output().contains("tachyscope.conf: 1)"), result.output());
        } finally {
            Files.writeString(file, shipped);
        }
    }

    @Test
    void passesArgumentsWithSpacesOn() throws Exception {
        Result result = start(home.resolve("bin/tachyscope"), "--an option");
        assertEquals(ExitCode.USAGE.code(), result.exit(), result.output());
        assertTrue(result.output().contains("\"--an option\""), result.output());
    }

    @Test
    void saysWhenThereIsNoJava() throws Exception {
        ProcessBuilder builder =
                new ProcessBuilder(home.resolve("bin/tachyscope").toString(), "--version");
        builder.environment().put("JAVA_HOME", directory.toString());
        Result result = run(builder);
        assertEquals(ExitCode.NO_DEVICE.code(), result.exit(), result.output());
        assertTrue(result.output().contains("JAVA_HOME"), result.output());
    }

    @Test
    void refusesAnOldJava() throws Exception {
        Path old = Files.createDirectories(directory.resolve("old/bin")).resolve("java");
        Files.writeString(old, "#!/bin/sh\necho '    java.specification.version = 1.8' >&2\n");
        assertTrue(old.toFile().setExecutable(true));
        ProcessBuilder builder =
                new ProcessBuilder(home.resolve("bin/tachyscope").toString(), "--version");
        builder.environment().put("JAVA_HOME", directory.resolve("old").toString());
        Result result = run(builder);
        assertEquals(ExitCode.NO_DEVICE.code(), result.exit(), result.output());
        assertTrue(result.output().contains("too old"), result.output());
    }

    private static Result start(Path launcher, String... arguments) throws Exception {
        ProcessBuilder builder = new ProcessBuilder(Stream.concat(Stream.of(launcher.toString()), Stream.of(arguments))
                .toList());
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        return run(builder);
    }

    private static Result run(ProcessBuilder builder) throws Exception {
        builder.environment().keySet().removeIf(name -> name.startsWith("TACHYSCOPE_"));
        Process process =
                builder.directory(directory.toFile()).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String output = read(process);
        assertTrue(process.waitFor(60, TimeUnit.SECONDS), "still running");
        return new Result(process.exitValue(), output.strip());
    }

    private static String read(Process process) {
        try (InputStream in = process.getInputStream()) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
