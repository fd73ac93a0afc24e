package io.github.tachyscope.app;

import io.github.tachyscope.config.Configuration;
import io.github.tachyscope.diffusion.tiny.training.TinyTraining;
import io.github.tachyscope.diffusion.tiny.training.TrainingPlan;
import io.github.tachyscope.diffusion.tiny.training.TrainingPlan.Batches;
import io.github.tachyscope.diffusion.tiny.training.TrainingPlan.Budget;
import io.github.tachyscope.diffusion.tiny.training.TrainingPlan.Part;
import io.github.tachyscope.diffusion.tiny.training.TrainingRefused;
import io.github.tachyscope.tensor.Devices;
import io.github.tachyscope.tensor.Placement;
import io.github.tachyscope.tensor.Precision;
import io.github.tachyscope.tensor.Torch;
import io.github.tachyscope.tensor.TorchDevice;
import io.github.tachyscope.tensor.TorchUnavailable;
import java.io.PrintStream;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/** Trains the bundled model. Interrupted, it saves its state; started again with the same arguments, it goes on. */
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
              --stage NAME          all, autoencoder, denoiser, or export: only write DIR/model from what was trained,
                                    and DIR/model-exact, the same in fp32 (default: all)
              --extend              a stage that left its plateau goes on from the plateau's end, for a larger budget
              --batch N             pictures of 96x96 pixels in a worker's batch; larger ones come in smaller batches
                                    (default: 14)
              --crop N              side of all training pictures, a multiple of 16 (default: 96 and 128, and a tenth
                                    of the denoiser's steps whole scenes of 256)
              --threads N           workers, each on a thread of its own (default: one per core)
              --bf16 yes|no         whether products are computed in bf16 (default: no)
              --seed N              of everything (default: 1)
              --device NAME         cpu, cuda or cuda:<index> (default: cpu)
            """;

    /** How long an interrupted run may take to save its state. */
    private static final long SAVE_SECONDS = 60;

    /** The styles' patterns repeat within it. */
    private static final int CROP_GRID = 16;

    /** Less holds no shapes. */
    private static final int LEAST_CROP = 32;

    /** A whole scene. */
    private static final int MOST_CROP = 256;

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
        requireDevice(plan.placement().device());
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
        try {
            new TinyTraining(plan, out, stopped::get).run();
            out.println(stopped.get() ? "stopped; the same command goes on from here" : "done: " + done(plan));
        } catch (TrainingRefused refused) {
            throw new StartFailure(ExitCode.FAILURE, refused.getMessage());
        } finally {
            saved.countDown();
            if (!stopped.get()) {
                Runtime.getRuntime().removeShutdownHook(hook);
            }
        }
        return ExitCode.OK;
    }

    private static Path done(TrainingPlan plan) {
        return plan.part() == TrainingPlan.Part.AUTOENCODER ? plan.folder() : TinyTraining.exported(plan.folder());
    }

    private static void requireDevice(String device) throws StartFailure {
        try {
            Torch.require();
        } catch (TorchUnavailable missing) {
            throw new StartFailure(ExitCode.NO_DEVICE, missing.getMessage());
        }
        List<String> names = Devices.discover().stream().map(TorchDevice::name).toList();
        if (!names.contains(device)) {
            throw new StartFailure(
                    ExitCode.NO_DEVICE,
                    "train-tiny: there is no device " + device + "; there are: " + String.join(", ", names));
        }
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
        OptionalInt crop = OptionalInt.empty();
        Part part = Part.ALL;
        long seed = 1;
        String device = "cpu";
        Deque<String> left = new ArrayDeque<>(arguments);
        while (!left.isEmpty()) {
            String option = left.remove();
            switch (option) {
                case "--out" -> folder = Optional.of(path(option, left));
                case "--scenes" -> scenes = (int) whole(option, left, 1, 1_000_000);
                case "--autoencoder-minutes" -> autoencoderMinutes = number(option, left);
                case "--minutes" -> minutes = number(option, left);
                case "--autoencoder-steps" -> autoencoderSteps = whole(option, left, 1, Long.MAX_VALUE);
                case "--steps" -> steps = whole(option, left, 1, Long.MAX_VALUE);
                case "--batch" -> batch = (int) whole(option, left, 1, 4096);
                case "--threads" -> threads = (int) whole(option, left, 1, 256);
                case "--bf16" -> bf16 = yes(option, left);
                case "--seed" -> seed = whole(option, left, Long.MIN_VALUE, Long.MAX_VALUE);
                case "--device" -> device = device(option, left);
                case "--crop" -> crop = OptionalInt.of(crop(option, left));
                case "--stage" -> part = part(option, left);
                case "--extend" -> extend = true;
                default -> throw new CommandLine.UsageProblem("train-tiny: unknown option \"" + option + "\"");
            }
        }
        return new TrainingPlan(
                folder.orElseThrow(() -> new CommandLine.UsageProblem("train-tiny needs --out DIR")),
                scenes,
                new Budget(autoencoderMinutes, autoencoderSteps),
                new Budget(minutes, steps),
                new Batches(batch, crop, threads, bf16),
                seed,
                new Placement(device, Precision.FP32),
                part,
                extend);
    }

    static String text(String option, Deque<String> left) throws CommandLine.UsageProblem {
        String value = left.poll();
        if (value == null || value.isBlank()) {
            throw new CommandLine.UsageProblem(option + " needs a value");
        }
        return value;
    }

    static long whole(String option, Deque<String> left, long least, long most) throws CommandLine.UsageProblem {
        String text = text(option, left);
        try {
            long value = Long.parseLong(text);
            if (value >= least && value <= most) {
                return value;
            }
        } catch (NumberFormatException notANumber) {
            // said below
        }
        throw new CommandLine.UsageProblem(option + " " + text + "; allowed are whole numbers from " + least
                + (most == Long.MAX_VALUE ? "" : " to " + most));
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

    private static Path path(String option, Deque<String> left) throws CommandLine.UsageProblem {
        String text = text(option, left);
        try {
            return Path.of(text);
        } catch (InvalidPathException e) {
            throw new CommandLine.UsageProblem(option + ": \"" + text + "\" is not a path on this system");
        }
    }

    private static String device(String option, Deque<String> left) throws CommandLine.UsageProblem {
        String text = text(option, left);
        if (!text.matches("cpu|cuda(:\\d{1,2})?")) {
            throw new CommandLine.UsageProblem(
                    "train-tiny: " + option + " " + text + "; allowed are cpu, cuda, cuda:<index>");
        }
        return text.equals("cuda") ? "cuda:0" : text;
    }

    private static int crop(String option, Deque<String> left) throws CommandLine.UsageProblem {
        int side = (int) whole(option, left, LEAST_CROP, MOST_CROP);
        if (side % CROP_GRID != 0) {
            throw new CommandLine.UsageProblem(
                    "train-tiny: " + option + " " + side + "; a multiple of " + CROP_GRID + " is needed");
        }
        return side;
    }

    private static Part part(String option, Deque<String> left) throws CommandLine.UsageProblem {
        String text = text(option, left);
        return Arrays.stream(Part.values())
                .filter(part -> part.name().toLowerCase(Locale.ROOT).equals(text))
                .findFirst()
                .orElseThrow(() -> new CommandLine.UsageProblem(
                        "train-tiny: " + option + " " + text + "; allowed are all, autoencoder, denoiser, export"));
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
