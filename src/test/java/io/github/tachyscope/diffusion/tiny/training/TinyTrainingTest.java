package io.github.tachyscope.diffusion.tiny.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tachyscope.diffusion.sd.text.BytePairLearner;
import io.github.tachyscope.diffusion.sd.text.ClipTokenizer;
import io.github.tachyscope.diffusion.tiny.TinyModel;
import io.github.tachyscope.diffusion.tiny.style.ColourOperation;
import io.github.tachyscope.diffusion.tiny.style.Style;
import io.github.tachyscope.diffusion.tiny.training.TrainingPlan.Batches;
import io.github.tachyscope.diffusion.tiny.training.TrainingPlan.Budget;
import io.github.tachyscope.diffusion.tiny.training.TrainingPlan.Part;
import io.github.tachyscope.tensor.Placement;
import io.github.tachyscope.tensor.SafetensorsFile;
import io.github.tachyscope.tensor.TensorScope;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whole runs, of a few steps each. */
class TinyTrainingTest {
    private static final int SCENES = 10;
    private static final String VAE = "vae/diffusion_pytorch_model.safetensors";
    private static final String UNET = "unet/diffusion_pytorch_model.safetensors";
    private static final String TEXT = "text_encoder/model.safetensors";

    @TempDir
    static Path drawn;

    @TempDir
    static Path tokenizer;

    @BeforeAll
    static void drawScenes() throws Exception {
        SceneStore.open(drawn, SCENES, 1, 2, there -> {}, () -> false)
                .orElseThrow()
                .close();
        BytePairLearner.learn(TinyTraining.words(List.of(), 1), 200).write(tokenizer);
    }

    @Test
    void namesOfStylesAndColoursAreOneTokenOrTwoAndOthersFallApart() {
        ClipTokenizer learned = BytePairLearner.learn(TinyTraining.words(List.of("a man with a hat"), 1), 1200);
        Stream.concat(
                        Arrays.stream(Style.values()).flatMap(style -> style.synonyms().stream()),
                        Arrays.stream(ColourOperation.values()).flatMap(colour -> colour.names().stream()))
                .flatMap(name -> Stream.of(name.split("\\P{L}+")))
                .forEach(word -> assertTrue(learned.ids(word).length - 2 <= 2, word));
        assertTrue(learned.ids("zbrxqutoll").length - 2 > 3);
    }

    @Test
    void aSmokeRunEndsInAModelThatLoads(@TempDir Path folder) throws Exception {
        String log = train(folder, plan(folder, 6, 6).workers(2), () -> false);
        assertTrue(Files.exists(folder.resolve("model/model_index.json")), log);
        try (TinyModel model = TinyModel.load(TinyTraining.exported(folder), Placement.CPU);
                TensorScope scope = TensorScope.inference()) {
            Tensor picture = torch.rand(1, 3, 64, 64);
            Tensor back = model.autoencoder().decode(model.autoencoder().encode(picture));
            assertTrue(torch.isfinite(back).all().item_bool());
        }
        long bytes = 0;
        for (String file : List.of(VAE, UNET, TEXT)) {
            bytes += Files.size(exported(folder, file));
        }
        assertTrue(bytes < 8_000_000, "weights of " + bytes + " bytes");
        averagesAreExported(folder);
    }

    private static void averagesAreExported(Path folder) {
        try (SafetensorsFile checkpoint = checkpoint(folder, "denoiser");
                SafetensorsFile unet = SafetensorsFile.open(exported(folder, UNET));
                TensorScope scope = TensorScope.inference()) {
            unet.entries().keySet().forEach(name -> {
                Tensor average = checkpoint.tensor("denoiser/average/" + name).to(ScalarType.Half);
                assertTrue(torch.equal(average, unet.tensor(name)), name);
            });
            assertEquals("1", unet.metadata().get("seed"));
            assertEquals(Integer.toString(SCENES), unet.metadata().get("scenes"));
            assertTrue(unet.metadata().get("denoiser").startsWith("6 steps"), unet.metadata()::toString);
            assertTrue(unet.metadata().get("autoencoder").startsWith("6 steps"), unet.metadata()::toString);
        }
    }

    @Test
    void anInterruptedRunGoesOnAsItWouldHave(@TempDir Path whole, @TempDir Path pieces) throws Exception {
        train(whole, plan(whole, 3, 10), () -> false);
        // In the first stage, in the second one's plateau, and when pictures count already.
        for (int steps : new int[] {2, 3, 7}) {
            train(pieces, plan(pieces, 3, 10), stopAfter(steps));
        }
        String log = train(pieces, plan(pieces, 3, 10), () -> false);
        assertTrue(log.contains("denoiser     goes on at step 9"), log);
        for (String file : List.of(VAE, UNET, TEXT)) {
            same(exported(whole, file), exported(pieces, file));
        }
    }

    @Test
    void theDecoderLearnsAtTheEndAndTheEncoderDoesNot(@TempDir Path folder) throws Exception {
        train(folder, plan(folder, 3, 6), () -> false);
        try (SafetensorsFile before = checkpoint(folder, "autoencoder");
                SafetensorsFile after = checkpoint(folder, "denoiser");
                TensorScope scope = TensorScope.inference()) {
            for (String name : before.entries().keySet()) {
                if (name.startsWith("autoencoder/average/")) {
                    // What the denoiser was trained with are the averages.
                    Tensor now = after.tensor(name.replace("/average/", "/value/"));
                    assertEquals(name.contains("/encoder."), torch.equal(before.tensor(name), now), name);
                }
            }
        }
    }

    @Test
    void aFinishedRunGoesOnFromItsPlateauForMore(@TempDir Path folder) throws Exception {
        train(folder, plan(folder, 2, 6), () -> false);
        TrainingRefused refused =
                assertThrows(TrainingRefused.class, () -> train(folder, plan(folder, 2, 8), () -> false));
        assertTrue(refused.getMessage().contains("--extend"), refused.getMessage());
        String first = train(folder, plan(folder, 2, 8).extended(), stopAfter(2));
        assertTrue(first.contains("denoiser     goes on at step 5"), first);
        // Interrupted, it does not begin at the plateau once more.
        String second = train(folder, plan(folder, 2, 8).extended(), () -> false);
        assertTrue(second.contains("denoiser     goes on at step 7"), second);
    }

    @Test
    void partsOfARunAreDoneOneByOne(@TempDir Path parts, @TempDir Path whole) throws Exception {
        assertThrows(TrainingRefused.class, () -> train(parts, plan(parts, 2, 2).part(Part.EXPORT), () -> false));
        assertThrows(TrainingRefused.class, () -> train(parts, plan(parts, 2, 2).part(Part.DENOISER), () -> false));
        train(parts, plan(parts, 2, 2).part(Part.AUTOENCODER), () -> false);
        assertFalse(Files.exists(TinyTraining.exported(parts)));
        train(parts, plan(parts, 9, 2).part(Part.DENOISER), () -> false);
        Files.delete(exported(parts, UNET));
        train(parts, plan(parts, 2, 2).part(Part.EXPORT), () -> false);
        train(whole, plan(whole, 2, 2), () -> false);
        same(exported(parts, UNET), exported(whole, UNET));
        TinyModel.load(TinyTraining.exact(parts), Placement.CPU).close();
        long rounded = Files.size(exported(parts, UNET));
        assertTrue(Files.size(TinyTraining.exact(parts).resolve(UNET)) > 1.9 * rounded);
        assertThrows(TrainingRefused.class, () -> train(parts, plan(parts, 3, 2).part(Part.AUTOENCODER), () -> false));
    }

    /** It is asked once when the scenes are there, then before every step. */
    private static BooleanSupplier stopAfter(int steps) {
        AtomicInteger asked = new AtomicInteger();
        return () -> asked.getAndIncrement() > steps;
    }

    private static Path exported(Path folder, String file) {
        return TinyTraining.exported(folder).resolve(file);
    }

    private static SafetensorsFile checkpoint(Path folder, String stage) {
        return SafetensorsFile.open(folder.resolve("checkpoints").resolve(stage + ".safetensors"));
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

    private static Plan plan(Path folder, int autoencoder, int denoiser) {
        return new Plan(folder, autoencoder, denoiser, 1, Part.ALL, false);
    }

    private record Plan(Path folder, int autoencoder, int denoiser, int workers, Part part, boolean extend) {
        Plan workers(int count) {
            return new Plan(folder, autoencoder, denoiser, count, part, extend);
        }

        Plan part(Part other) {
            return new Plan(folder, autoencoder, denoiser, workers, other, extend);
        }

        Plan extended() {
            return new Plan(folder, autoencoder, denoiser, workers, part, true);
        }

        TrainingPlan toTrain() {
            return new TrainingPlan(
                    folder,
                    SCENES,
                    new Budget(1e9, autoencoder),
                    new Budget(1e9, denoiser),
                    new Batches(1, OptionalInt.of(64), workers, false),
                    1,
                    Placement.CPU,
                    part,
                    extend);
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

    private static String train(Path folder, Plan plan, BooleanSupplier stopped) throws Exception {
        share(drawn, folder.resolve("scenes"));
        share(tokenizer, folder.resolve("tokenizer"));
        ByteArrayOutputStream log = new ByteArrayOutputStream();
        new TinyTraining(plan.toTrain(), new PrintStream(log, true, StandardCharsets.UTF_8), stopped).run();
        return log.toString(StandardCharsets.UTF_8);
    }
}
