package io.github.tachyscope.diffusion.tiny.training;

import java.io.PrintStream;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** Leads a stage through its budget: steps, progress lines, checkpoints. */
final class StageRun {
    private final TrainingPlan plan;
    private final Stage stage;
    private final Course course;
    private final Map<String, Trained> parts;
    private final Checkpoint checkpoints;
    private final PrintStream out;
    private final BooleanSupplier stopped;
    private final Consumer<Checkpoint.State> saved;

    /**
     * @param parts what its checkpoints hold
     * @param stopped asked between two steps
     * @param saved told every few minutes, when there is a new checkpoint
     */
    StageRun(
            TrainingPlan plan,
            Stage stage,
            Course course,
            Map<String, Trained> parts,
            Checkpoint checkpoints,
            PrintStream out,
            BooleanSupplier stopped,
            Consumer<Checkpoint.State> saved) {
        this.plan = plan;
        this.stage = stage;
        this.course = course;
        this.parts = parts;
        this.checkpoints = checkpoints;
        this.out = out;
        this.stopped = stopped;
        this.saved = saved;
    }

    /** Trains until the budget is spent or somebody stops it; how far it came. */
    Checkpoint.State train(Workers workers, Optional<Checkpoint.State> before) {
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
            means = means.towards(step(workers, step, progress));
            pictures += (long) stage.batch() * workers.count();
            step++;
            progress = course.budget().progress(clock.minutes(), step);
            if (clock.toTell()) {
                tell(step, means, pictures / clock.seconds(), clock.minutes(), progress);
            }
            if (onPlateau && progress >= LearningRate.PLATEAU_ENDS) {
                onPlateau = false;
                save(step, clock.minutes(), false);
                checkpoints.copy(stage.name(), plateau(stage.name()));
            } else if (clock.toSave()) {
                saved.accept(save(step, clock.minutes(), false));
            }
        }
        return save(step, clock.minutes(), progress >= 1);
    }

    /** Name of the checkpoint at the end of a stage's plateau. */
    static String plateau(String stage) {
        return stage + "-plateau";
    }

    private Losses.Means step(Workers workers, long step, double progress) {
        SplittableRandom random = random(plan.seed(), step);
        stage.begin(random, progress);
        SplittableRandom[] own =
                Stream.generate(random::split).limit(workers.count()).toArray(SplittableRandom[]::new);
        Losses.Means means = workers.step(worker -> stage.loss(own[worker]));
        stage.move(new Optimizer(
                course.method(),
                step,
                course.rate().at(step, progress),
                workers.count(),
                course.averaging().applyAsDouble(step)));
        return means;
    }

    /**
     * The random numbers of a step. Seed and step are hashed: generators whose seeds are neighbours on the generator's
     * own path draw the same numbers, one shifted against the other.
     */
    static SplittableRandom random(long seed, long step) {
        long hashedSeed = new SplittableRandom(seed).nextLong();
        return new SplittableRandom(new SplittableRandom(hashedSeed + step).nextLong());
    }

    private Checkpoint.State save(long step, double minutes, boolean finished) {
        Checkpoint.Terms terms = new Checkpoint.Terms(course.budget(), plan.seed(), plan.scenes());
        Checkpoint.State state = new Checkpoint.State(step, minutes, finished, Optional.of(terms));
        checkpoints.save(stage.name(), parts, state);
        return state;
    }

    private void tell(long step, Losses.Means means, double speed, double minutes, double progress) {
        out.printf(
                Locale.ROOT,
                "%-12s %5.1f %%  step %6d  %s  %.1f pictures/s  %.1f min, %.1f left%n",
                stage.name(),
                100 * progress,
                step,
                means,
                speed,
                minutes,
                minutes * (1 - progress) / progress);
    }
}
