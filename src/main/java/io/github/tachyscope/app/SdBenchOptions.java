package io.github.tachyscope.app;

import io.github.tachyscope.app.CommandLine.UsageProblem;
import io.github.tachyscope.tensor.Precision;
import java.util.Iterator;
import java.util.List;

/**
 * What {@code bench sd} measures: every combination of these.
 *
 * @param side of the pictures, in pixels
 * @param batches sessions at a time
 * @param threads of each operation
 * @param seconds measured per stage
 */
record SdBenchOptions(
        List<SdMode> modes,
        int side,
        List<Integer> batches,
        List<Integer> threads,
        List<Precision> precisions,
        int seconds) {
    static final String USAGE = """
            Options of "bench sd" (needs 4 GiB of free memory in fp32, 2 GiB in bf16; sdxl-turbo 11 and 6):
              --modes M[,M]        sd15 (one step), turbo (SD-Turbo, one step), lcm4 (four steps as a stream batch),
                                   sdxl-turbo (one step) (default: sd15)
              --side N             of the pictures, 64 to 1024, rounded down to a multiple of 8 (default: 256)
              --batches N[,N]      sessions at a time (default: 1,2,4)
              --threads N[,N]      threads of each operation (default: 1,2)
              --precisions P[,P]   fp32, bf16, fp16 (default: fp32,bf16)
              --seconds N          measured per stage, three runs at least (default: 10)
            """;

    private static final int LEAST_SIDE = 64;
    private static final int MOST_SIDE = 1024;
    private static final int REDUCTION = 8;
    private static final int MOST_BATCH = 16;
    private static final int MOST_THREADS = 256;
    private static final int MOST_SECONDS = 600;

    static SdBenchOptions parse(List<String> arguments) throws UsageProblem {
        List<SdMode> modes = List.of(SdMode.SD15);
        int side = 256;
        List<Integer> batches = List.of(1, 2, 4);
        List<Integer> threads = List.of(1, 2);
        List<Precision> precisions = List.of(Precision.FP32, Precision.BF16);
        int seconds = 10;
        Iterator<String> left = arguments.iterator();
        while (left.hasNext()) {
            String option = left.next();
            String value = BenchOptions.value(option, left);
            switch (option) {
                case "--modes" -> modes = SdMode.parse(value);
                case "--side" -> side = side(option, value);
                case "--batches" -> batches = TinyBenchOptions.numbers(option, value, MOST_BATCH);
                case "--threads" -> threads = TinyBenchOptions.numbers(option, value, MOST_THREADS);
                case "--precisions" -> precisions = TinyBenchOptions.precisions(value);
                case "--seconds" -> seconds = BenchOptions.number(option, value, MOST_SECONDS);
                default -> throw new UsageProblem("bench sd: unknown option \"" + option + "\"");
            }
        }
        return new SdBenchOptions(modes, side, batches, threads, precisions, seconds);
    }

    private static int side(String option, String value) throws UsageProblem {
        int side = BenchOptions.number(option, value, MOST_SIDE);
        if (side < LEAST_SIDE) {
            throw new UsageProblem("--side: must be " + LEAST_SIDE + " to " + MOST_SIDE + ", not " + side);
        }
        return side - side % REDUCTION;
    }
}
