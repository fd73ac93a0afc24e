package io.github.tachyscope.diffusion.tiny.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tachyscope.diffusion.sd.text.BytePairLearner;
import io.github.tachyscope.diffusion.sd.vae.AutoencoderTiny;
import io.github.tachyscope.diffusion.sd.vae.AutoencoderTinyConfig;
import io.github.tachyscope.diffusion.tiny.TinyForm;
import io.github.tachyscope.diffusion.tiny.TinyModel;
import io.github.tachyscope.diffusion.tiny.style.Captions;
import io.github.tachyscope.diffusion.tiny.training.TrainingPlan.Budget;
import io.github.tachyscope.tensor.Linear;
import io.github.tachyscope.tensor.Noise;
import io.github.tachyscope.tensor.Placement;
import io.github.tachyscope.tensor.RandomWeights;
import io.github.tachyscope.tensor.SafetensorsFile;
import io.github.tachyscope.tensor.TensorScope;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TinyTrainingTest {
    private static final int SCENES = 10;

    @TempDir
    static Path drawn;

    @TempDir
    static Path tokenizer;

    @BeforeAll
    static void drawScenes() throws Exception {
        SceneStore.open(drawn, SCENES, 1, 2, there -> {}).close();
        BytePairLearner.learn(Captions.lexicon(), 200).write(tokenizer);
    }

    @Test
    void aSmokeRunEndsInAModelThatLoads(@TempDir Path folder) throws Exception {
        String log = train(folder, 6, 6, 2, () -> false);
        assertTrue(Files.exists(folder.resolve("model/model_index.json")), log);
        try (TinyModel model = TinyModel.load(TinyTraining.exported(folder), Placement.CPU);
                TensorScope scope = TensorScope.inference()) {
            Tensor picture = torch.rand(1, 3, 64, 64);
            Tensor back = model.autoencoder().decode(model.autoencoder().encode(picture));
            assertTrue(torch.isfinite(back).all().item_bool());
        }
        long bytes = 0;
        try (Stream<Path> files = Files.walk(TinyTraining.exported(folder))) {
            for (Path file : files.filter(path -> path.toString().endsWith(".safetensors"))
                    .toList()) {
                bytes += Files.size(file);
            }
        }
        assertTrue(bytes < 8_000_000, "weights of " + bytes + " bytes");
    }

    @Test
    void anInterruptedRunGoesOnAsItWouldHave(@TempDir Path whole, @TempDir Path halves) throws Exception {
        train(whole, 3, 4, 1, () -> false);
        AtomicInteger asked = new AtomicInteger();
        // Five steps: all of the first stage and two of the second.
        train(halves, 3, 4, 1, () -> asked.incrementAndGet() > 5);
        String log = train(halves, 3, 4, 1, () -> false);
        assertTrue(log.contains("goes on at step"), log);
        for (String file : List.of(
                "unet/diffusion_pytorch_model.safetensors",
                "text_encoder/model.safetensors",
                "vae/diffusion_pytorch_model.safetensors")) {
            same(whole.resolve("model").resolve(file), halves.resolve("model").resolve(file));
        }
    }

    private static void same(Path first, Path second) {
        try (SafetensorsFile a = SafetensorsFile.open(first);
                SafetensorsFile b = SafetensorsFile.open(second);
                TensorScope scope = TensorScope.inference()) {
            a.entries()
                    .keySet()
                    .forEach(name ->
                            assertTrue(torch.equal(a.tensor(name), b.tensor(name)), first.getFileName() + " " + name));
        }
    }

    @Test
    void theAutoencoderLearns() {
        try (RandomWeights weights = new RandomWeights(1, Placement.CPU);
                SceneStore store = SceneStore.open(drawn, SCENES, 1, 1, there -> {})) {
            AutoencoderTiny autoencoder =
                    AutoencoderTiny.take(AutoencoderTinyConfig.read(TinyForm.autoencoder()), weights);
            try (Trained parameters = new Trained(weights);
                    Workers workers = new Workers(1, false)) {
                AutoencoderStage stage =
                        new AutoencoderStage(autoencoder, parameters, new Crops(store, Placement.CPU), 2);
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
                    Workers two = new Workers(2, false);
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
        SceneStore.open(folder, SCENES, 1, 1, there -> {}).close();
        Path pictures = folder.resolve("scenes-00000.rgb");
        byte[] before = Files.readAllBytes(pictures);
        Files.delete(pictures);
        Files.write(folder.resolve("scenes-00000.rgb.part"), new byte[10]);
        SceneStore.open(folder, SCENES, 1, 1, there -> {}).close();
        assertEquals(Arrays.hashCode(before), Arrays.hashCode(Files.readAllBytes(pictures)));
        try (SceneStore store = SceneStore.open(folder, SCENES, 1, 1, there -> {})) {
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
                checkpoints.save("stage", Map.of("part", first), new Checkpoint.State(7, 1.5, false));
                assertEquals(
                        7,
                        checkpoints
                                .restore("stage", Map.of("part", first))
                                .orElseThrow()
                                .step());
                assertThrows(IllegalStateException.class, () -> checkpoints.restore("stage", Map.of("part", second)));
            }
        }
    }

    /** What takes long and is the same for all runs. */
    private static void share(Path from, Path to) throws Exception {
        if (Files.exists(to)) {
            return;
        }
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : files.toList()) {
                Files.createDirectories(to);
                Files.createLink(to.resolve(file.getFileName()), file);
            }
        }
    }

    private static String train(Path folder, int autoencoder, int denoiser, int workers, BooleanSupplier stopped)
            throws Exception {
        share(drawn, folder.resolve("scenes"));
        share(tokenizer, folder.resolve("tokenizer"));
        TrainingPlan plan = new TrainingPlan(
                folder,
                SCENES,
                new Budget(1e9, autoencoder),
                new Budget(1e9, denoiser),
                1,
                workers,
                false,
                1,
                Placement.CPU,
                false);
        ByteArrayOutputStream log = new ByteArrayOutputStream();
        try (TinyTraining training =
                new TinyTraining(plan, new PrintStream(log, true, StandardCharsets.UTF_8), stopped)) {
            training.run();
        }
        return log.toString(StandardCharsets.UTF_8);
    }
}
