package io.github.tachyscope.app;

import io.github.tachyscope.app.CommandLine.UsageProblem;
import io.github.tachyscope.tensor.Precision;
import java.util.Iterator;
import java.util.List;

/**
 * What {@code bench sd} measures: every combination of these.
 *
 * @param batches sessions at a time
 * @param threads of each operation
 * @param seconds measured per stage
 */
record SdBenchOptions(List<Integer> batches, List<Integer> threads, List<Precision> precisions, int seconds) {
    static final String USAGE = """
            Options of "bench sd" (needs 4 GiB of free memory in fp32, 2 GiB in bf16):
              --batches N[,N]      sessions at a time (default: 1,2,4)
              --threads N[,N]      threads of each operation (default: 1,2)
              --precisions P[,P]   fp32, bf16, fp16 (default: fp32,bf16)
              --seconds N          measured per stage, three runs at least (default: 10)
            """;

    private static final int MOST_BATCH = 16;
    private static final int MOST_THREADS = 256;
    private static final int MOST_SECONDS = 600;

    static SdBenchOptions parse(List<String> arguments) throws UsageProblem {
        List<Integer> batches = List.of(1, 2, 4);
        List<Integer> threads = List.of(1, 2);
        List<Precision> precisions = List.of(Precision.FP32, Precision.BF16);
        int seconds = 10;
        Iterator<String> left = arguments.iterator();
        while (left.hasNext()) {
            String option = left.next();
            String value = BenchOptions.value(option, left);
            switch (option) {
                case "--batches" -> batches = TinyBenchOptions.numbers(option, value, MOST_BATCH);
                case "--threads" -> threads = TinyBenchOptions.numbers(option, value, MOST_THREADS);
                case "--precisions" -> precisions = TinyBenchOptions.precisions(value);
                case "--seconds" -> seconds = BenchOptions.number(option, value, MOST_SECONDS);
                default -> throw new UsageProblem("bench sd: unknown option \"" + option + "\"");
            }
        }
        return new SdBenchOptions(batches, threads, precisions, seconds);
    }
}
