package io.github.tachyscope.media;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The FFmpeg of the machine, where there is one, as an independent witness. */
public final class Ffprobe {
    private static final Path FFPROBE = Path.of("/usr/bin/ffprobe");

    private Ffprobe() {}

    public static boolean isInstalled() {
        return Files.isExecutable(FFPROBE);
    }

    /** Lines of values of these entries. */
    public static List<String> entries(Path file, String entries, String... options) {
        List<String> command = new ArrayList<>(List.of(FFPROBE.toString(), "-v", "error"));
        command.addAll(List.of(options));
        command.addAll(List.of("-show_entries", entries, "-of", "csv=p=0", file.toString()));
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertEquals(0, process.waitFor(), output);
            return output.lines().toList();
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
