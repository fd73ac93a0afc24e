package io.github.tachyscope.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class InterleaveOptionsTest {
    private static InterleaveOptions parse(String... arguments) throws Exception {
        return InterleaveOptions.parse(List.of(arguments));
    }

    @Test
    void takesWhatItIsTold() throws Exception {
        assertEquals(
                new InterleaveOptions(
                        2, List.of("tiny"), List.of(3, 5), List.of(0, 1), 20, 128, 1, Optional.of(Path.of("plots"))),
                parse(
                        "--seconds",
                        "2",
                        "--pipelines",
                        "tiny",
                        "--sessions",
                        "3,5",
                        "--jobs",
                        "0,1",
                        "--fps",
                        "20",
                        "--size",
                        "128",
                        "--lanes",
                        "1",
                        "--plot",
                        "plots"));
        assertEquals(List.of(1, 2, 4, 8, 16), parse().sessions());
    }

    @Test
    void namesWhatItDoesNotUnderstand() {
        for (List<String> wrong : List.of(
                List.of("--seconds"),
                List.of("--seconds", "0"),
                List.of("--jobs", "9"),
                List.of("--jobs", "-1"),
                List.of("--sessions", "0"),
                List.of("--frames", "3"))) {
            String message = assertThrows(
                            CommandLine.UsageProblem.class, () -> InterleaveOptions.parse(wrong), wrong::toString)
                    .getMessage();
            assertTrue(message.contains(wrong.get(0)), message);
        }
    }
}
