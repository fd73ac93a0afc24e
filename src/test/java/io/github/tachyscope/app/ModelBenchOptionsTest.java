package io.github.tachyscope.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tachyscope.tensor.Precision;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Options of the benchmarks "sd" and "soak". */
class ModelBenchOptionsTest {
    @Test
    void everyOptionHasADefault() throws Exception {
        assertEquals(
                new SdBenchOptions(
                        List.of(SdMode.SD15),
                        256,
                        List.of(1, 2, 4),
                        List.of(1, 2),
                        List.of(Precision.FP32, Precision.BF16),
                        10),
                SdBenchOptions.parse(List.of()));
        assertEquals(
                new SoakOptions(4, "tiny", 60, 60, new BenchOptions.Size(256, 256), 64), SoakOptions.parse(List.of()));
    }

    @Test
    void readsEveryOption() throws Exception {
        assertEquals(
                new SdBenchOptions(
                        List.of(SdMode.LCM4, SdMode.SDXL_TURBO),
                        512,
                        List.of(3),
                        List.of(4),
                        List.of(Precision.BF16),
                        2),
                SdBenchOptions.parse(List.of(
                        ("--modes lcm4,sdxl-turbo --side 515 --batches 3 --threads 4 --precisions bf16 --seconds 2")
                                .split(" "))));
        assertEquals(
                new SoakOptions(2, "synthetic", 3, 20, new BenchOptions.Size(320, 240), 5),
                SoakOptions.parse(List.of(
                        ("--sessions 2 --pipeline synthetic --minutes 3 --every 20 --size 320x240" + " --growth 5")
                                .split(" "))));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--batches 0",
                "--threads",
                "--precisions int8",
                "--seconds 0",
                "--sizes 256",
                "--modes sd3",
                "--side 32"
            })
    void refusesAStepThatItCannotMeasure(String line) {
        CommandLine.UsageProblem problem =
                assertThrows(CommandLine.UsageProblem.class, () -> SdBenchOptions.parse(List.of(line.split(" "))));
        assertTrue(problem.getMessage().contains(line.split(" ")[0]), problem.getMessage());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"--sessions 0", "--minutes x", "--every 60 --minutes 7", "--size 10x10", "--growth -1", "--fps 3"
            })
    void refusesASoakThatItCannotJudge(String line) {
        CommandLine.UsageProblem problem =
                assertThrows(CommandLine.UsageProblem.class, () -> SoakOptions.parse(List.of(line.split(" "))));
        assertTrue(problem.getMessage().contains(line.split(" ")[0]), problem.getMessage());
    }
}
