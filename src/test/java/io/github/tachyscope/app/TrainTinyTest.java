package io.github.tachyscope.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tachyscope.diffusion.tiny.training.TrainingPlan;
import io.github.tachyscope.diffusion.tiny.training.TrainingPlan.Batches;
import io.github.tachyscope.diffusion.tiny.training.TrainingPlan.Budget;
import io.github.tachyscope.diffusion.tiny.training.TrainingPlan.Part;
import io.github.tachyscope.tensor.Placement;
import io.github.tachyscope.tensor.Precision;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TrainTinyTest {
    @Test
    void everythingButTheFolderHasADefault() throws Exception {
        int processors = Runtime.getRuntime().availableProcessors();
        assertEquals(
                new TrainingPlan(
                        Path.of("here"),
                        6000,
                        new Budget(30, Long.MAX_VALUE),
                        new Budget(150, Long.MAX_VALUE),
                        new Batches(14, OptionalInt.empty(), processors, false),
                        1,
                        Placement.CPU,
                        Part.ALL,
                        false),
                TrainTiny.parse(List.of("--out", "here")));
        CommandLine.UsageProblem problem =
                assertThrows(CommandLine.UsageProblem.class, () -> TrainTiny.parse(List.of("--scenes", "3")));
        assertTrue(problem.getMessage().contains("--out"), problem.getMessage());
    }

    @Test
    void readsEveryOption() throws Exception {
        String line = "--out d --scenes 7 --autoencoder-minutes 1.5 --minutes 2 --autoencoder-steps 30 --steps 40"
                + " --stage denoiser --extend --batch 5 --crop 112 --threads 3 --bf16 yes --seed -4 --device cuda";
        assertEquals(
                new TrainingPlan(
                        Path.of("d"),
                        7,
                        new Budget(1.5, 30),
                        new Budget(2, 40),
                        new Batches(5, OptionalInt.of(112), 3, true),
                        -4,
                        new Placement("cuda:0", Precision.FP32),
                        Part.DENOISER,
                        true),
                TrainTiny.parse(List.of(line.split(" "))));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--scenes 0",
                "--minutes 0",
                "--minutes NaN",
                "--steps x",
                "--stage some",
                "--batch 0",
                "--crop 100",
                "--crop 16",
                "--crop 272",
                "--threads 0",
                "--bf16 maybe",
                "--seed",
                "--device cuda:x",
                "--device gpu",
                "--out",
                "--epochs 3"
            })
    void refusesWhatItCannotDo(String line) {
        CommandLine.UsageProblem problem =
                assertThrows(CommandLine.UsageProblem.class, () -> TrainTiny.parse(List.of(line.split(" "))));
        assertTrue(problem.getMessage().contains(line.split(" ")[0]), problem.getMessage());
    }
}
