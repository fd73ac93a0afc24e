package io.github.tachyscope.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tachyscope.app.BenchOptions.Size;
import io.github.tachyscope.frame.VideoCodec;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BenchOptionsTest {
    @Test
    void everyOptionHasADefault() throws Exception {
        assertEquals(
                new BenchOptions(
                        10, List.of(new Size(512, 512), new Size(1280, 720)), VideoCodec.VP8, "passthrough", false),
                BenchOptions.parse(List.of()));
    }

    @Test
    void readsEveryOption() throws Exception {
        assertEquals(
                new BenchOptions(3, List.of(new Size(640, 480)), VideoCodec.H264, "synthetic", true),
                BenchOptions.parse(List.of(
                        "--seconds",
                        "3",
                        "--sizes",
                        "640x480",
                        "--codec",
                        "H264",
                        "--pipeline",
                        "synthetic",
                        "--threads")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--seconds",
                "--seconds 0",
                "--seconds x",
                "--sizes 512",
                "--sizes 511x512",
                "--sizes 64x64",
                "--sizes 512x512,",
                "--sizes 9999x512",
                "--codec av1",
                "--frames 3"
            })
    void refusesWhatItCannotMeasure(String line) {
        CommandLine.UsageProblem problem =
                assertThrows(CommandLine.UsageProblem.class, () -> BenchOptions.parse(List.of(line.split(" "))));
        assertTrue(problem.getMessage().contains(line.split(" ")[0]), problem.getMessage());
    }
}
