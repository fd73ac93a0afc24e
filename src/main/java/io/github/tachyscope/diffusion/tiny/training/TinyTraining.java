package io.github.tachyscope.diffusion.tiny.training;

import io.github.tachyscope.diffusion.sd.text.BytePairLearner;
import io.github.tachyscope.diffusion.sd.text.ClipTokenizer;
import io.github.tachyscope.diffusion.tiny.TinyForm;
import io.github.tachyscope.diffusion.tiny.TinyModel;
import io.github.tachyscope.diffusion.tiny.evaluation.Samples;
import io.github.tachyscope.diffusion.tiny.style.Captions;
import io.github.tachyscope.diffusion.tiny.style.ColourOperation;
import io.github.tachyscope.diffusion.tiny.style.Style;
import io.github.tachyscope.tensor.Linear;
import io.github.tachyscope.tensor.RandomWeights;
import io.github.tachyscope.tensor.TensorScope;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;
import java.util.function.LongToDoubleFunction;
import java.util.stream.Stream;
import org.bytedeco.pytorch.NoGradGuard;

/**
 * A training run from nothing to a model folder, resumable at any moment: scenes, tokenizer, autoencoder, denoiser with
 * text encoder, export.
 */
public final class TinyTraining implements AutoCloseable {
    private static final double AUTOENCODER_RATE = 2e-3;
    private static final double DENOISER_RATE = 1.5e-3;
    private static final int NONSENSE_WORDS = 1500;
    private static final double SAVE_MINUTES = 5;
    private static final double TELL_SECONDS = 20;

    private final TrainingPlan plan;
    private final PrintStream out;
    private final BooleanSupplier stopped;
    private final Checkpoint checkpoints;
    private final SceneStore store;
    private final ClipTokenizer tokenizer;
    private final TinyModel model;
    private final RandomWeights headWeights;
    private final DenoiserStage.Heads heads;
    private final Map<String, Trained> parts = new LinkedHashMap<>();

    /** @param stopped asked between two steps; the run then saves its state and ends */
    public TinyTraining(TrainingPlan plan, PrintStream out, BooleanSupplier stopped) {
        this.plan = plan;
        this.out = out;
        this.stopped = stopped;
        checkpoints = new Checkpoint(plan.folder().resolve("checkpoints"));
        store = SceneStore.open(
                plan.folder().resolve("scenes"),
                plan.scenes(),
                plan.seed(),
                plan.workers(),
                there -> out.printf(Locale.ROOT, "scenes       %d of %d%n", there, plan.scenes()));
        tokenizer = tokenizer();
        RandomWeights autoencoder = new RandomWeights(plan.seed() + 1, plan.placement());
        RandomWeights denoiser = new RandomWeights(plan.seed() + 2, plan.placement());
        RandomWeights text = new RandomWeights(plan.seed() + 3, plan.placement());
        headWeights = new RandomWeights(plan.seed() + 4, plan.placement());
        model = TinyModel.of(autoencoder, denoiser, text, tokenizer);
        heads = new DenoiserStage.Heads(
                Linear.take(headWeights, "style", TinyForm.TEXT_WIDTH, Style.values().length),
                Linear.take(headWeights, "colour", TinyForm.TEXT_WIDTH, ColourOperation.values().length));
        parts.put("autoencoder", new Trained(autoencoder));
        parts.put("denoiser", new Trained(denoiser));
        parts.put("text", new Trained(text));
        parts.put("heads", new Trained(headWeights));
    }

    /** Learned once: what the text encoder learned belongs to these ids. */
    private ClipTokenizer tokenizer() {
        Path folder = plan.folder().resolve("tokenizer");
        if (Files.exists(folder)) {
            return ClipTokenizer.read(folder);
        }
        ClipTokenizer learned = learnedTokenizer();
        try {
            learned.write(folder);
        } catch (IOException failure) {
            throw new UncheckedIOException("the tokenizer cannot be written to " + folder, failure);
        }
        return learned;
    }

    private ClipTokenizer learnedTokenizer() {
        List<String> words = new ArrayList<>(Captions.lexicon());
        store.contents().forEach(content -> words.addAll(List.of(content.split(" "))));
        words.addAll(Captions.nonsense(plan.seed(), NONSENSE_WORDS));
        return BytePairLearner.learn(words.stream().distinct().toList(), TinyForm.MERGES);
    }

    /** Trains what is left to train, then exports. */
    public void run() {
        try (Workers workers = new Workers(plan.workers(), plan.bf16())) {
            Crops crops = new Crops(store, plan.placement());
            Map<String, Trained> first = Map.of("autoencoder", parts.get("autoencoder"));
            AutoencoderStage autoencoder =
                    new AutoencoderStage(model.autoencoder(), first.get("autoencoder"), crops, plan.batch());
            Optional<Checkpoint.State> before = restored("denoiser");
            if (before.isEmpty()) {
                Course course = new Course(
                        new LearningRate(AUTOENCODER_RATE, 100),
                        AutoencoderStage.method(),
                        AutoencoderStage::averaging,
                        plan.autoencoder());
                if (!train(autoencoder, course, workers, first, checkpoints.restore("autoencoder", first))) {
                    return;
                }
                useAverages(first.get("autoencoder"));
            }
            DenoiserStage denoiser = new DenoiserStage(
                    model,
                    heads,
                    new DenoiserStage.Parts(
                            parts.get("denoiser"), parts.get("text"), parts.get("heads"), parts.get("autoencoder")),
                    crops,
                    plan.batch());
            Course course = new Course(
                    new LearningRate(DENOISER_RATE, 200),
                    DenoiserStage.method(),
                    DenoiserStage::averaging,
                    plan.denoiser());
            train(denoiser, course, workers, parts, before);
            export();
        }
    }

    private Optional<Checkpoint.State> restored(String stage) {
        return checkpoints.restore(plan.extend() ? stage + "-plateau" : stage, parts);
    }

    /** From here on the picture's latents are those of the averaged autoencoder. */
    private static void useAverages(Trained trained) {
        try (TensorScope scope = TensorScope.plain();
                NoGradGuard quiet = new NoGradGuard()) {
            trained.learns(false);
            trained.slots().values().forEach(slot -> {
                slot.value().copy_(slot.average());
                slot.first().zero_();
                slot.second().zero_();
            });
        }
    }

    /** How a stage is trained. */
    private record Course(
            LearningRate rate, Trained.AdamW method, LongToDoubleFunction averaging, TrainingPlan.Budget budget) {}

    /** Trains a stage to the end of its budget; whether it got there. */
    private boolean train(
            Stage stage,
            Course course,
            Workers workers,
            Map<String, Trained> saved,
            Optional<Checkpoint.State> before) {
        long step = before.map(Checkpoint.State::step).orElse(0L);
        double earlier = before.map(Checkpoint.State::minutes).orElse(0.0);
        if (before.isPresent()) {
            out.printf(Locale.ROOT, "%-12s goes on at step %d, after %.1f minutes%n", stage.name(), step, earlier);
        }
        Clock clock = new Clock(earlier);
        Losses.Means means = new Losses.Means(Map.of());
        long pictures = 0;
        double progress = course.budget().progress(earlier, step);
        boolean onPlateau = progress < LearningRate.PLATEAU_ENDS;
        while (progress < 1 && !stopped.getAsBoolean()) {
            SplittableRandom random = new SplittableRandom(plan.seed() ^ (step * 0x9E3779B97F4A7C15L));
            stage.begin(random, progress);
            SplittableRandom[] own =
                    Stream.generate(random::split).limit(workers.count()).toArray(SplittableRandom[]::new);
            means = means.towards(workers.step(worker -> stage.loss(own[worker])));
            double rate = course.rate().at(step, progress);
            stage.move(new Optimizer(
                    course.method(),
                    step,
                    rate,
                    workers.count(),
                    course.averaging().applyAsDouble(step)));
            pictures += (long) stage.batch() * workers.count();
            step++;
            double minutes = clock.minutes();
            progress = course.budget().progress(minutes, step);
            if (clock.toTell()) {
                tell(stage.name(), step, means, pictures / (60 * (minutes - earlier)), minutes, progress);
            }
            boolean leavesPlateau = onPlateau && progress >= LearningRate.PLATEAU_ENDS;
            if (clock.toSave()) {
                checkpoints.save(stage.name(), saved, new Checkpoint.State(step, minutes, false));
                if (stage instanceof DenoiserStage) {
                    export();
                    sample(step);
                }
            }
            if (leavesPlateau) {
                onPlateau = false;
                checkpoints.save(stage.name(), saved, new Checkpoint.State(step, minutes, false));
                checkpoints.copy(stage.name(), stage.name() + "-plateau");
            }
        }
        checkpoints.save(stage.name(), saved, new Checkpoint.State(step, clock.minutes(), progress >= 1));
        return progress >= 1;
    }

    private void tell(String stage, long step, Losses.Means means, double speed, double minutes, double progress) {
        double left = progress > 0 ? minutes * (1 - progress) / progress : 0;
        out.printf(
                Locale.ROOT,
                "%-12s %5.1f %%  step %6d  %s  %.1f pictures/s  %.1f min, %.1f left%n",
                stage,
                100 * progress,
                step,
                means,
                speed,
                minutes,
                left);
    }

    /** When to tell and to save. */
    private static final class Clock {
        private final long start = System.nanoTime();
        private final double earlier;
        private double told;
        private double saved;

        Clock(double earlier) {
            this.earlier = earlier;
        }

        private double seconds() {
            return (System.nanoTime() - start) / 1e9;
        }

        double minutes() {
            return earlier + seconds() / 60;
        }

        boolean toTell() {
            boolean due = seconds() - told >= TELL_SECONDS;
            told = due ? seconds() : told;
            return due;
        }

        boolean toSave() {
            boolean due = seconds() - saved >= 60 * SAVE_MINUTES;
            saved = due ? seconds() : saved;
            return due;
        }
    }

    /** Where the model folder is written. */
    public static Path exported(Path folder) {
        return folder.resolve("model");
    }

    private void sample(long step) {
        try (TinyModel exported = TinyModel.load(exported(plan.folder()), plan.placement())) {
            Path samples = plan.folder().resolve("samples");
            Samples.styles(exported, samples.resolve(String.format("styles-%07d.png", step)), 1);
        }
    }

    private void export() {
        Map<String, String> recipe = Map.of(
                "format", "pt",
                "license", "Apache-2.0",
                "made-by", "tachyscope train-tiny",
                "seed", Long.toString(plan.seed()),
                "scenes", Integer.toString(plan.scenes()));
        new Exporter(exported(plan.folder()), recipe)
                .export(parts.get("autoencoder"), parts.get("denoiser"), parts.get("text"), tokenizer);
    }

    @Override
    public void close() {
        parts.values().forEach(Trained::close);
        headWeights.close();
        model.close();
        store.close();
    }
}
