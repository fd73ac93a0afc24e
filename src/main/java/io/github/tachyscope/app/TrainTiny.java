package io.github.tachyscope.app;

import io.github.tachyscope.config.Configuration;
import io.github.tachyscope.diffusion.tiny.training.TinyTraining;
import io.github.tachyscope.diffusion.tiny.training.TrainingPlan;
import io.github.tachyscope.diffusion.tiny.training.TrainingPlan.Budget;
import io.github.tachyscope.tensor.Placement;
import io.github.tachyscope.tensor.Precision;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/** Trains the bundled model. Interrupted, it saves its state; started again with the same folder, it goes on. */
final class TrainTiny implements Command {
    static final String USAGE = """
            Usage: tachyscope train-tiny --out DIR [options]

            Trains the bundled model on procedural pictures and writes DIR/model. Ctrl-C saves the state; the same
            command goes on from there.

              --out DIR             scenes, checkpoints and the model go here
              --scenes N            scenes to draw (default: 6000)
              --autoencoder-minutes M
              --minutes M           training time of the autoencoder (default: 30) and of denoiser and text encoder
                                    (default: 150), over all runs together
              --autoencoder-steps N
              --steps N             the same in steps of all workers; whichever ends first counts
              --extend              the denoiser goes on from the end of its plateau, for a larger budget than before
              --batch N             pictures of 96x96 pixels in a worker's batch (default: 14)
              --threads N           workers, each on a thread of its own (default: one per core)
              --bf16 yes|no         whether products are computed in bf16 (default: no)
              --seed N              of everything (default: 1)
              --device NAME         cpu or cuda:0 (default: cpu)
            """;

    /** How long an interrupted run may take to save its state. */
    private static final long SAVE_SECONDS = 60;

    private final PrintStream out;

    TrainTiny(PrintStream out) {
        this.out = out;
    }

    @Override
    public ExitCode run(Configuration configuration, List<String> arguments) throws Exception {
        if (arguments.contains("--help") || arguments.contains("-h")) {
            out.print(USAGE);
            return ExitCode.OK;
        }
        TrainingPlan plan = parse(arguments);
        AtomicBoolean stopped = new AtomicBoolean();
        CountDownLatch saved = new CountDownLatch(1);
        Thread hook = new Thread(
                () -> {
                    stopped.set(true);
                    try {
                        saved.await(SAVE_SECONDS, TimeUnit.SECONDS);
                    } catch (InterruptedException hurried) {
                        Thread.currentThread().interrupt();
                    }
                },
                "save-training");
        Runtime.getRuntime().addShutdownHook(hook);
        try (TinyTraining training = new TinyTraining(plan, out, stopped::get)) {
            training.run();
            out.println(
                    stopped.get()
                            ? "stopped; the same command goes on from here"
                            : "done: " + TinyTraining.exported(plan.folder()));
        } finally {
            saved.countDown();
            if (!stopped.get()) {
                Runtime.getRuntime().removeShutdownHook(hook);
            }
        }
        return ExitCode.OK;
    }

    static TrainingPlan parse(List<String> arguments) throws CommandLine.UsageProblem {
        Optional<Path> folder = Optional.empty();
        int scenes = 6000;
        double autoencoderMinutes = 30;
        double minutes = 150;
        long autoencoderSteps = Long.MAX_VALUE;
        long steps = Long.MAX_VALUE;
        int batch = 14;
        int threads = Runtime.getRuntime().availableProcessors();
        boolean bf16 = false;
        boolean extend = false;
        long seed = 1;
        String device = "cpu";
        Deque<String> left = new ArrayDeque<>(arguments);
        while (!left.isEmpty()) {
            String option = left.remove();
            switch (option) {
                case "--out" -> folder = Optional.of(Path.of(text(option, left)));
                case "--scenes" -> scenes = (int) whole(option, left, 1, 1_000_000);
                case "--autoencoder-minutes" -> autoencoderMinutes = number(option, left);
                case "--minutes" -> minutes = number(option, left);
                case "--autoencoder-steps" -> autoencoderSteps = whole(option, left, 1, Long.MAX_VALUE);
                case "--steps" -> steps = whole(option, left, 1, Long.MAX_VALUE);
                case "--batch" -> batch = (int) whole(option, left, 1, 4096);
                case "--threads" -> threads = (int) whole(option, left, 1, 256);
                case "--bf16" -> bf16 = yes(option, left);
                case "--seed" -> seed = whole(option, left, Long.MIN_VALUE, Long.MAX_VALUE);
                case "--device" -> device = text(option, left);
                case "--extend" -> extend = true;
                default -> throw new CommandLine.UsageProblem("train-tiny: unknown option \"" + option + "\"");
            }
        }
        return new TrainingPlan(
                folder.orElseThrow(() -> new CommandLine.UsageProblem("train-tiny needs --out DIR")),
                scenes,
                new Budget(autoencoderMinutes, autoencoderSteps),
                new Budget(minutes, steps),
                batch,
                threads,
                bf16,
                seed,
                new Placement(device, Precision.FP32),
                extend);
    }

    private static String text(String option, Deque<String> left) throws CommandLine.UsageProblem {
        String value = left.poll();
        if (value == null || value.isBlank()) {
            throw new CommandLine.UsageProblem("train-tiny: " + option + " needs a value");
        }
        return value;
    }

    private static long whole(String option, Deque<String> left, long least, long most)
            throws CommandLine.UsageProblem {
        String text = text(option, left);
        try {
            long value = Long.parseLong(text);
            if (value >= least && value <= most) {
                return value;
            }
        } catch (NumberFormatException notANumber) {
            // said below
        }
        throw new CommandLine.UsageProblem("train-tiny: " + option + " " + text + "; allowed are whole numbers from "
                + least + (most == Long.MAX_VALUE ? "" : " to " + most));
    }

    private static double number(String option, Deque<String> left) throws CommandLine.UsageProblem {
        String text = text(option, left);
        try {
            double value = Double.parseDouble(text);
            if (value > 0 && Double.isFinite(value)) {
                return value;
            }
        } catch (NumberFormatException notANumber) {
            // said below
        }
        throw new CommandLine.UsageProblem("train-tiny: " + option + " " + text + "; a positive number is needed");
    }

    private static boolean yes(String option, Deque<String> left) throws CommandLine.UsageProblem {
        String text = text(option, left);
        return switch (text) {
            case "yes" -> true;
            case "no" -> false;
            default -> throw new CommandLine.UsageProblem("train-tiny: " + option + " " + text + "; yes or no");
        };
    }
}
