package io.github.tachyscope.app;

import io.github.tachyscope.diffusion.sd.StepFloor;
import io.github.tachyscope.diffusion.sd.UntrainedSd;
import io.github.tachyscope.tensor.Placement;
import io.github.tachyscope.tensor.Precision;
import io.github.tachyscope.tensor.Torch;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;
import java.util.OptionalDouble;

/** What a step of Stable Diffusion costs on this machine's processor, and how much of it is not arithmetic. */
final class SdBench {
    /** A floor is a few milliseconds; its median is steady after so long. */
    static final Duration FLOOR_SPAN = Duration.ofSeconds(2);

    private final SdBenchOptions options;
    private final PrintStream out;

    SdBench(SdBenchOptions options, PrintStream out) {
        this.options = options;
        this.out = out;
    }

    ExitCode run() {
        out.printf(
                "%n%-10s %-5s %7s %5s %5s | %9s %9s %9s %9s %9s | %8s %8s%n",
                "mode",
                "type",
                "threads",
                "batch",
                "rows",
                "encode",
                "denoise",
                "decode",
                "frame",
                "frames/s",
                "floor",
                "share");
        for (SdMode mode : options.modes()) {
            for (Precision precision : options.precisions()) {
                measure(mode, Placement.CPU.with(precision));
            }
        }
        return ExitCode.OK;
    }

    private void measure(SdMode mode, Placement placement) {
        // One model and precision at a time: the weights of two would not fit into a small machine.
        try (UntrainedSd model = new UntrainedSd(mode.form, placement)) {
            for (int threads : options.threads()) {
                Torch.useThreads(threads);
                OptionalDouble floor = mode.form.hasFloor()
                        ? OptionalDouble.of(StepFloor.millis(mode.form.denoiser(), placement, FLOOR_SPAN))
                        : OptionalDouble.empty();
                for (int batch : options.batches()) {
                    row(mode, placement.precision(), threads, batch, floor, model);
                }
            }
        }
    }

    private void row(
            SdMode mode, Precision precision, int threads, int batch, OptionalDouble floor, UntrainedSd model) {
        int rows = batch * mode.rows;
        UntrainedSd.Stages stages = model.measure(batch, rows, options.side(), Duration.ofSeconds(options.seconds()));
        out.printf(
                Locale.ROOT,
                "%-10s %-5s %7d %5d %5d | %9.1f %9.1f %9.1f %9.1f %9.2f | %8s %8s%n",
                mode.wireName,
                precision.wireName(),
                threads,
                batch,
                rows,
                stages.encode(),
                stages.denoise(),
                stages.decode(),
                stages.frame(),
                1000 * batch / stages.frame(),
                floor.isPresent() ? String.format(Locale.ROOT, "%.2f", floor.getAsDouble()) : "-",
                floor.isPresent()
                        ? String.format(Locale.ROOT, "%.2f%%", 100 * floor.getAsDouble() / stages.denoise())
                        : "-");
    }
}
