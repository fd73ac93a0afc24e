package io.github.tachyscope.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The tests of the web pages' own modules, run by Node where there is one; nothing of Node is needed to build. */
class PageModulesIT {
    private static final Path TESTS = Path.of("web", "test");

    @Test
    void passTheirOwnTests() throws Exception {
        assumeTrue(Files.isDirectory(TESTS), "no web/test");
        List<String> command = new ArrayList<>(List.of("node", "--test"));
        try (Stream<Path> files = Files.walk(TESTS)) {
            files.map(Path::toString)
                    .filter(name -> name.matches(".*[.]test[.]m?js"))
                    .sorted()
                    .forEach(command::add);
        }
        assertFalse(command.size() == 2, "web/test has no *.test.js");
        Process process = start(command);
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor(60, TimeUnit.SECONDS), "still running");
        assertEquals(0, process.exitValue(), output);
    }

    private static Process start(List<String> command) {
        try {
            return new ProcessBuilder(command).redirectErrorStream(true).start();
        } catch (IOException e) {
            System.err.println("The tests in web/test are skipped: there is no node on this machine.");
            return abort("no node on this machine");
        }
    }
}
