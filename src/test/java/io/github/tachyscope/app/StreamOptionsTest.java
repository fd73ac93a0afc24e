package io.github.tachyscope.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;

class StreamOptionsTest {
    @Test
    void everyOptionIsRead() throws Exception {
        assertEquals(
                new StreamOptions("synthetic", 24, 2, new BenchOptions.Size(256, 128)),
                StreamOptions.parse(
                        List.of("--pipeline", "synthetic", "--frames", "24", "--rounds", "2", "--size", "256x128")));
    }

    @Test
    void whatIsUnknownOrTooMuchIsRefused() {
        assertThrows(CommandLine.UsageProblem.class, () -> StreamOptions.parse(List.of("--chunks", "3")));
        assertThrows(CommandLine.UsageProblem.class, () -> StreamOptions.parse(List.of("--frames", "100000")));
    }
}
