package io.github.tachyscope.diffusion.tiny.training;

import io.github.tachyscope.diffusion.sd.text.BytePairLearner;
import io.github.tachyscope.diffusion.sd.text.ClipTokenizer;
import io.github.tachyscope.diffusion.tiny.TinyForm;
import io.github.tachyscope.diffusion.tiny.TinyModel;
import io.github.tachyscope.diffusion.tiny.evaluation.Samples;
import io.github.tachyscope.diffusion.tiny.style.Captions;
import io.github.tachyscope.diffusion.tiny.training.Checkpoint.Terms;
import io.github.tachyscope.diffusion.tiny.training.TrainingPlan.Budget;
import io.github.tachyscope.diffusion.tiny.training.TrainingPlan.Part;
import io.github.tachyscope.tensor.Precision;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/**
 * A training run from nothing to a model folder, resumable at any moment: scenes, tokenizer, autoencoder, denoiser with
 * text encoder, export.
 */
public final class TinyTraining {
    private static final String AUTOENCODER = "autoencoder";
    private static final String DENOISER = "denoiser";
    private static final double AUTOENCODER_RATE = 2e-3;
    private static final double DENOISER_RATE = 1.5e-3;
    private static final int NONSENSE_WORDS = 1500;

    /** Occurrences of a known word for each of an invented one. */
    private static final int KNOWN_WORD = 10_000;

    private final TrainingPlan plan;
    private final PrintStream out;
    private final BooleanSupplier stopped;
    private final Checkpoint checkpoints;

    /** @param stopped asked between two scenes or steps; the run then saves its state and ends */
    public TinyTraining(TrainingPlan plan, PrintStream out, BooleanSupplier stopped) {
        this.plan = plan;
        this.out = out;
        this.stopped = stopped;
        checkpoints = new Checkpoint(plan.folder().resolve("checkpoints"));
    }

    /** Where the model folder is written, in half precision: what the server loads. */
    public static Path exported(Path folder) {
        return folder.resolve("model");
    }

    /** Where the last export left the same model with weights that are not rounded. */
    public static Path exact(Path folder) {
        return folder.resolve("model-exact");
    }

    /**
     * Does what is left to do.
     *
     * @throws TrainingRefused if the folder holds something that does not belong to the plan
     */
    public void run() {
        if (plan.part() == Part.EXPORT) {
            exportNewest();
            return;
        }
        Optional<SceneStore> drawn = SceneStore.open(
                plan.folder().resolve("scenes"),
                plan.scenes(),
                plan.seed(),
                plan.batches().workers(),
                there -> out.printf(Locale.ROOT, "scenes       %d of %d%n", there, plan.scenes()),
                stopped);
        if (drawn.isEmpty()) {
            return;
        }
        try (SceneStore store = drawn.get();
                TrainedModel trained = new TrainedModel(plan.seed(), plan.placement(), tokenizer(store));
                Workers workers = new Workers(plan.batches(), plan.placement())) {
            Crops crops = new Crops(store, plan.placement());
            if (trainAutoencoder(trained, crops, workers) && plan.part() != Part.AUTOENCODER) {
                trainDenoiser(trained, crops, workers);
            }
        }
    }

    private void exportNewest() {
        Optional<ClipTokenizer> tokenizer = learned();
        if (tokenizer.isEmpty()) {
            throw new TrainingRefused("there is nothing to export in " + plan.folder());
        }
        try (TrainedModel trained = new TrainedModel(plan.seed(), plan.placement(), tokenizer.get())) {
            Checkpoint.State state = checkpoints
                    .restore(DENOISER, trained.all())
                    .orElseThrow(() -> new TrainingRefused("there is no denoiser to export in " + plan.folder()));
            export(trained, state);
            exporter(exact(plan.folder()), Precision.FP32, state)
                    .export(trained.parts(), trained.model().tokenizer());
        }
    }

    private Optional<ClipTokenizer> learned() {
        Path folder = plan.folder().resolve("tokenizer");
        return Files.exists(folder) ? Optional.of(ClipTokenizer.read(folder)) : Optional.empty();
    }

    /** Learned once: what the text encoder learned belongs to these ids. */
    private ClipTokenizer tokenizer(SceneStore store) {
        return learned().orElseGet(() -> {
            ClipTokenizer fresh = BytePairLearner.learn(words(store.contents(), plan.seed()), TinyForm.MERGES);
            Path folder = plan.folder().resolve("tokenizer");
            try {
                fresh.write(folder);
            } catch (IOException failure) {
                throw new UncheckedIOException("the tokenizer cannot be written to " + folder, failure);
            }
            return fresh;
        });
    }

    /**
     * What the tokenizer learns from, as it finds words in prompts: runs of letters. Invented ones teach the syllables
     * that unknown words fall into, and must not take the place of known ones.
     */
    static Map<String, Integer> words(List<String> contents, long seed) {
        Map<String, Integer> words = new LinkedHashMap<>();
        Stream.concat(Captions.lexicon().stream(), contents.stream())
                .flatMap(text -> Stream.of(text.split("\\P{L}+")))
                .forEach(word -> words.put(word, KNOWN_WORD));
        Captions.nonsense(seed, NONSENSE_WORDS).forEach(word -> words.putIfAbsent(word, 1));
        return words;
    }

    /** Whether there is a finished autoencoder now. */
    private boolean trainAutoencoder(TrainedModel trained, Crops crops, Workers workers) {
        boolean used = checkpoints.state(DENOISER).isPresent();
        if (plan.part() == Part.AUTOENCODER && used) {
            throw new TrainingRefused("the denoiser in " + plan.folder()
                    + " was trained with the autoencoder as it is; train another one in another folder");
        }
        if (used) {
            return true;
        }
        if (plan.part() == Part.DENOISER) {
            takeFinishedAutoencoder(trained);
            return true;
        }
        Optional<Checkpoint.State> before = resumed(AUTOENCODER, plan.autoencoder(), trained.first());
        boolean finished = before.map(Checkpoint.State::finished).orElse(false);
        if (!finished) {
            Course course = new Course(
                    new LearningRate(AUTOENCODER_RATE, 100),
                    AutoencoderStage.method(),
                    AutoencoderStage::averaging,
                    plan.autoencoder());
            Stage stage = new AutoencoderStage(
                    trained.model().autoencoder(), trained.parts().autoencoder(), crops, plan.batches());
            finished = new StageRun(plan, stage, course, trained.first(), checkpoints, out, stopped, state -> {})
                    .train(workers, before)
                    .finished();
        }
        if (finished) {
            trained.settleAutoencoder();
        }
        return finished;
    }

    /** Under whatever budget it was trained. */
    private void takeFinishedAutoencoder(TrainedModel trained) {
        checkpoints
                .restore(AUTOENCODER, trained.first())
                .filter(Checkpoint.State::finished)
                .orElseThrow(() -> new TrainingRefused("there is no finished autoencoder in " + plan.folder()));
        trained.settleAutoencoder();
    }

    private void trainDenoiser(TrainedModel trained, Crops crops, Workers workers) {
        Optional<Checkpoint.State> before = resumed(DENOISER, plan.denoiser(), trained.all());
        Course course = new Course(
                new LearningRate(DENOISER_RATE, 200),
                DenoiserStage.method(),
                DenoiserStage::averaging,
                plan.denoiser());
        Stage stage = new DenoiserStage(trained.model(), trained.heads(), trained.parts(), crops, plan.batches());
        StageRun run = new StageRun(plan, stage, course, trained.all(), checkpoints, out, stopped, state -> {
            export(trained, state);
            sample(state.step());
        });
        export(trained, run.train(workers, before));
    }

    /**
     * Restores where a stage goes on. After a plateau under another budget the rate has fallen, or falls at another
     * speed: such a stage goes on from the end of the plateau, if that is what is wanted.
     */
    private Optional<Checkpoint.State> resumed(String stage, Budget budget, Map<String, Trained> parts) {
        Optional<Checkpoint.State> newest = checkpoints.state(stage);
        if (newest.isEmpty()) {
            return newest;
        }
        Checkpoint.State state = newest.get();
        boolean more = budget.progress(state.minutes(), state.step()) < 1;
        if (plan.extend() && more && state.leftPlateau() && !under(state, budget)) {
            return Optional.of(checkpoints
                    .restore(StageRun.plateau(stage), parts)
                    .orElseThrow(() -> new TrainingRefused("the end of the " + stage + "'s plateau was not kept")));
        }
        if (state.finished() && more) {
            throw new TrainingRefused("the " + stage + " is finished; with --extend it goes on from the end of its"
                    + " plateau, else ask for no more than before");
        }
        return checkpoints.restore(stage, parts);
    }

    private static boolean under(Checkpoint.State state, Budget budget) {
        return state.terms().filter(terms -> terms.budget().equals(budget)).isPresent();
    }

    private void sample(long step) {
        try (TinyModel exported = TinyModel.load(exported(plan.folder()), plan.placement())) {
            Path samples = plan.folder().resolve("samples");
            Samples.styles(exported, samples.resolve(String.format(Locale.ROOT, "styles-%07d.png", step)), 1);
        }
    }

    private void export(TrainedModel trained, Checkpoint.State state) {
        exporter(exported(plan.folder()), Precision.FP16, state)
                .export(trained.parts(), trained.model().tokenizer());
    }

    private Exporter exporter(Path folder, Precision precision, Checkpoint.State state) {
        Map<String, String> recipe = new TreeMap<>(Map.of(
                "format",
                "pt",
                "license",
                "Apache-2.0",
                "made-by",
                "tachyscope train-tiny",
                "denoiser",
                told(state),
                "seed",
                Long.toString(state.terms().map(Terms::seed).orElse(plan.seed())),
                "scenes",
                Integer.toString(state.terms().map(Terms::scenes).orElse(plan.scenes()))));
        checkpoints.state(AUTOENCODER).ifPresent(first -> recipe.put("autoencoder", told(first)));
        return new Exporter(folder, precision, recipe);
    }

    private static String told(Checkpoint.State state) {
        return String.format(Locale.ROOT, "%d steps, %.1f minutes", state.step(), state.minutes());
    }
}
