package io.github.tachyscope.diffusion.tiny.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tachyscope.diffusion.sd.vae.AutoencoderTiny;
import io.github.tachyscope.diffusion.sd.vae.AutoencoderTinyConfig;
import io.github.tachyscope.diffusion.tiny.TinyForm;
import io.github.tachyscope.diffusion.tiny.training.TrainingPlan.Batches;
import io.github.tachyscope.diffusion.tiny.training.TrainingPlan.Budget;
import io.github.tachyscope.tensor.Linear;
import io.github.tachyscope.tensor.Noise;
import io.github.tachyscope.tensor.Placement;
import io.github.tachyscope.tensor.RandomWeights;
import io.github.tachyscope.tensor.TensorScope;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SplittableRandom;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The parts of a training run, each by itself. */
class TrainingPartsTest {
    private static final int SCENES = 10;

    @TempDir
    static Path drawn;

    @BeforeAll
    static void drawScenes() {
        open(drawn, 2).close();
    }

    @Test
    void theAutoencoderLearns() {
        try (RandomWeights weights = new RandomWeights(1, Placement.CPU);
                SceneStore store = open(drawn, 1)) {
            AutoencoderTiny autoencoder =
                    AutoencoderTiny.take(AutoencoderTinyConfig.read(TinyForm.autoencoder()), weights);
            try (Trained parameters = new Trained(weights);
                    Workers workers = new Workers(batches(1), Placement.CPU)) {
                AutoencoderStage stage =
                        new AutoencoderStage(autoencoder, parameters, new Crops(store, Placement.CPU), batches(1));
                List<Double> losses = new ArrayList<>();
                for (int step = 0; step < 25; step++) {
                    // The same pictures again and again.
                    SplittableRandom random = new SplittableRandom(1);
                    losses.add(workers.step(worker -> stage.loss(random)).total());
                    stage.move(new Optimizer(AutoencoderStage.method(), step, 1e-3, 1, 0.9));
                }
                double first = losses.subList(0, 5).stream()
                        .mapToDouble(Double::doubleValue)
                        .sum();
                double last = losses.subList(20, 25).stream()
                        .mapToDouble(Double::doubleValue)
                        .sum();
                assertTrue(last < 0.9 * first, losses::toString);
            }
        }
    }

    @Test
    void twoWorkersGradientsAreTheSumOfBoth() {
        try (RandomWeights weights = new RandomWeights(1, Placement.CPU)) {
            Linear layer = Linear.take(weights, "layer", 8, 4);
            try (Trained parameters = new Trained(weights);
                    Workers two = new Workers(batches(2), Placement.CPU);
                    TensorScope scope = TensorScope.plain()) {
                Workers.Pass pass = worker -> new Losses()
                        .add(
                                "square",
                                layer.forward(Noise.normal(worker, Placement.CPU, 16, 8))
                                        .square()
                                        .mean(),
                                1);
                two.step(pass);
                Map<String, Tensor> together = gradients(parameters);
                clear(parameters);
                for (int worker = 0; worker < 2; worker++) {
                    pass.loss(worker).total().backward();
                }
                gradients(parameters)
                        .forEach((name, gradient) ->
                                assertTrue(torch.allclose(gradient, together.get(name), 1e-5, 1e-6, false), name));
            }
        }
    }

    @Test
    void whatLearnsNoMoreStaysAsItIs() {
        try (RandomWeights weights = new RandomWeights(1, Placement.CPU)) {
            Linear layer = Linear.take(weights, "layer", 8, 4);
            try (Trained parameters = new Trained(weights);
                    TensorScope scope = TensorScope.plain()) {
                Optimizer optimizer = new Optimizer(new Trained.AdamW(0.9, 0.99, 0.5), 0, 0.1, 1, 0.9);
                layer.forward(torch.ones(2, 8)).square().mean().backward();
                optimizer.move(List.of(parameters));
                parameters.learns(false);
                Tensor before = parameters.slots().get("layer.weight").value().clone();
                optimizer.move(List.of(parameters));
                assertTrue(torch.equal(
                        before, parameters.slots().get("layer.weight").value()));
            }
        }
    }

    @Test
    void refusesGradientsThatAreNoNumbers() {
        try (RandomWeights weights = new RandomWeights(1, Placement.CPU)) {
            Linear layer = Linear.take(weights, "layer", 8, 4);
            try (Trained parameters = new Trained(weights);
                    TensorScope scope = TensorScope.plain()) {
                layer.forward(torch.ones(2, 8).mul(new Scalar(Double.POSITIVE_INFINITY)))
                        .mean()
                        .backward();
                Optimizer optimizer = new Optimizer(AutoencoderStage.method(), 3, 0.1, 1, 0.9);
                assertThrows(IllegalStateException.class, () -> optimizer.move(List.of(parameters)));
            }
        }
    }

    @Test
    void noWorkerDrawsTheNumbersOfAnotherStepOrWorker() {
        Set<Long> seen = new HashSet<>();
        for (long seed = 1; seed <= 2; seed++) {
            for (long step = 0; step < 2000; step++) {
                SplittableRandom random = StageRun.random(seed, step);
                assertTrue(seen.add(random.nextLong()), "step " + step);
                for (int worker = 0; worker < 4; worker++) {
                    assertTrue(seen.add(random.split().nextLong()), "step " + step + ", worker " + worker);
                }
            }
        }
    }

    @Test
    void scenesOfAnotherSeedAreNotTaken() {
        TrainingRefused refused = assertThrows(
                TrainingRefused.class, () -> SceneStore.open(drawn, SCENES, 2, 1, there -> {}, () -> false));
        assertTrue(refused.getMessage().contains("another seed"), refused.getMessage());
    }

    @Test
    void drawingEndsWhenItIsStopped(@TempDir Path folder) {
        assertTrue(
                SceneStore.open(folder, SCENES, 1, 1, there -> {}, () -> true).isEmpty());
        assertFalse(Files.exists(folder.resolve("scenes-00000.rgb")));
    }

    @Test
    void aCheckpointTellsUnderWhichTermsItCameAbout(@TempDir Path folder) {
        try (RandomWeights weights = new RandomWeights(1, Placement.CPU)) {
            Linear.take(weights, "a", 2, 2);
            Checkpoint checkpoints = new Checkpoint(folder);
            Checkpoint.State state =
                    new Checkpoint.State(8, 1.5, false, Optional.of(new Checkpoint.Terms(new Budget(1e9, 10), 3, 7)));
            try (Trained trained = new Trained(weights)) {
                checkpoints.save("stage", Map.of("part", trained), state);
            }
            checkpoints.copy("stage", "kept");
            assertEquals(Optional.of(state), checkpoints.state("kept"));
            assertTrue(state.leftPlateau());
            assertEquals(Optional.empty(), checkpoints.state("other"));
        }
    }

    private static SceneStore open(Path folder, int threads) {
        return SceneStore.open(folder, SCENES, 1, threads, there -> {}, () -> false)
                .orElseThrow();
    }

    private static Batches batches(int workers) {
        return new Batches(2, OptionalInt.empty(), workers, false);
    }

    private static Map<String, Tensor> gradients(Trained parameters) {
        Map<String, Tensor> gradients = new HashMap<>();
        parameters
                .slots()
                .forEach((name, slot) -> gradients.put(name, slot.value().grad().clone()));
        return gradients;
    }

    private static void clear(Trained parameters) {
        parameters.slots().values().forEach(slot -> slot.value().grad().zero_());
    }

    @Test
    void theRateRisesStaysAndFalls() {
        LearningRate rate = new LearningRate(1, 100);
        assertEquals(0.01, rate.at(0, 0), 1e-9);
        assertEquals(1, rate.at(100, 0.1), 1e-9);
        assertEquals(1, rate.at(5000, 0.69), 1e-9);
        assertTrue(rate.at(6000, 0.85) < 0.6 && rate.at(6000, 0.85) > 0.4);
        assertEquals(0.01, rate.at(9000, 1), 1e-9);
    }

    @Test
    void drawnScenesAreKeptAndHalfWrittenOnesDrawnAgain(@TempDir Path folder) throws Exception {
        open(folder, 1).close();
        Path pictures = folder.resolve("scenes-00000.rgb");
        byte[] before = Files.readAllBytes(pictures);
        Files.delete(pictures);
        Files.write(folder.resolve("scenes-00000.rgb.part"), new byte[10]);
        open(folder, 1).close();
        assertEquals(Arrays.hashCode(before), Arrays.hashCode(Files.readAllBytes(pictures)));
        try (SceneStore store = open(folder, 1)) {
            assertFalse(store.content(0).isBlank());
        }
    }

    @Test
    void aCheckpointOfAnotherRunIsNotTaken(@TempDir Path folder) {
        try (RandomWeights small = new RandomWeights(1, Placement.CPU);
                RandomWeights other = new RandomWeights(1, Placement.CPU)) {
            Linear.take(small, "a", 2, 2);
            Linear.take(other, "b", 2, 2);
            Checkpoint checkpoints = new Checkpoint(folder);
            try (Trained first = new Trained(small);
                    Trained second = new Trained(other)) {
                checkpoints.save("stage", Map.of("part", first), new Checkpoint.State(7, 1.5, false, Optional.empty()));
                assertEquals(
                        7,
                        checkpoints
                                .restore("stage", Map.of("part", first))
                                .orElseThrow()
                                .step());
                assertThrows(TrainingRefused.class, () -> checkpoints.restore("stage", Map.of("part", second)));
            }
        }
    }
}
