package io.github.tachyscope.app;

import io.github.tachyscope.diffusion.sd.StepFloor;
import io.github.tachyscope.diffusion.sd.UntrainedSd;
import io.github.tachyscope.tensor.Placement;
import io.github.tachyscope.tensor.Precision;
import io.github.tachyscope.tensor.Torch;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;

/** What a step of Stable Diffusion 1.5 costs on this machine's processor, and how much of it is not arithmetic. */
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
                "%n%-5s %7s %5s | %9s %9s %9s %9s %9s | %8s %8s%n",
                "type", "threads", "batch", "encode", "denoise", "decode", "frame", "frames/s", "floor", "share");
        for (Precision precision : options.precisions()) {
            Placement placement = Placement.CPU.with(precision);
            // One precision at a time: the weights of both would not fit into a small machine.
            try (UntrainedSd model = new UntrainedSd(placement)) {
                for (int threads : options.threads()) {
                    Torch.useThreads(threads);
                    double floor = StepFloor.millis(UntrainedSd.denoiserForm(), placement, FLOOR_SPAN);
                    for (int batch : options.batches()) {
                        row(precision, threads, batch, floor, model);
                    }
                }
            }
        }
        return ExitCode.OK;
    }

    private void row(Precision precision, int threads, int batch, double floor, UntrainedSd model) {
        UntrainedSd.Stages stages = model.measure(batch, Duration.ofSeconds(options.seconds()));
        out.printf(
                Locale.ROOT,
                "%-5s %7d %5d | %9.1f %9.1f %9.1f %9.1f %9.2f | %8.2f %7.2f%%%n",
                precision.wireName(),
                threads,
                batch,
                stages.encode(),
                stages.denoise(),
                stages.decode(),
                stages.frame(),
                1000 * batch / stages.frame(),
                floor,
                100 * floor / stages.denoise());
    }
}
