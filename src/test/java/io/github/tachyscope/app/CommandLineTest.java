package io.github.tachyscope.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CommandLineTest {
    @Test
    void servesByDefault() throws Exception {
        assertEquals(new CommandLine.Serve(Map.of(), Optional.empty()), parse());
        assertEquals(parse(), parse("serve"));
        assertEquals(parse("serve", "-N"), parse("--no-browser"));
    }

    @Test
    void optionsBecomeSettings() throws Exception {
        CommandLine expected = new CommandLine.Serve(
                Map.of(
                        "tachyscope.server.host", "::1",
                        "tachyscope.server.port", "81",
                        "tachyscope.server.web-dir", "pages",
                        "tachyscope.server.open-browser", "false"),
                Optional.of(Path.of("my.conf")));
        assertEquals(
                expected, parse("--host", "::1", "--port", "81", "--web-dir", "pages", "-N", "--config", "my.conf"));
        assertEquals(expected, parse("serve", "--host=::1", "--port=81", "--web-dir=pages", "-N", "--config=my.conf"));
    }

    @Test
    void checkTakesTheSameOptions() throws Exception {
        assertEquals(
                new CommandLine.Check(Map.of("tachyscope.server.port", "81"), Optional.empty(), List.of()),
                parse("check", "--port", "81"));
        assertEquals(
                new CommandLine.Check(Map.of(), Optional.empty(), List.of("cuda:1")),
                parse("check", "--device", "cuda:1"));
    }

    @Test
    void benchKeepsItsArguments() throws Exception {
        assertEquals(
                new CommandLine.Bench(List.of("scheduler", "--runs", "3")), parse("bench", "scheduler", "--runs", "3"));
    }

    @Test
    void helpAndVersionWinOverTheRest() throws Exception {
        assertInstanceOf(CommandLine.Help.class, parse("serve", "--port", "1", "-h"));
        assertInstanceOf(CommandLine.Help.class, parse("--help"));
        assertInstanceOf(CommandLine.Version.class, parse("--version"));
    }

    @Test
    void whatItDoesNotKnowIsNamed() {
        assertTrue(problem("--prot", "1").contains("--prot"));
        assertTrue(problem("sevre").contains("sevre"));
        assertTrue(problem("serve", "extra").contains("extra"));
        assertTrue(problem("--port").contains("--port needs a value"));
        assertTrue(problem("--host=").contains("--host needs a value"));
        assertTrue(problem("--no-browser=yes").contains("takes no value"));
    }

    @Test
    void theUsageNamesEveryOption() {
        for (String option : List.of("--config", "--host", "--port", "--web-dir", "-N", "--version", "--help")) {
            assertTrue(CommandLine.USAGE.contains(option), option);
        }
    }

    private static CommandLine parse(String... arguments) throws CommandLine.UsageProblem {
        return CommandLine.parse(List.of(arguments));
    }

    private static String problem(String... arguments) {
        return assertThrows(CommandLine.UsageProblem.class, () -> parse(arguments))
                .getMessage();
    }
}
