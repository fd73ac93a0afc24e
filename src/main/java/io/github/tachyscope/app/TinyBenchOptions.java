package io.github.tachyscope.app;

import io.github.tachyscope.app.CommandLine.UsageProblem;
import io.github.tachyscope.tensor.Precision;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;

/**
 * What {@code bench tiny} measures: every combination of these.
 *
 * @param sizes of the square picture
 * @param batches sessions at a time
 * @param threads of each lane
 * @param lanes threads of the device, for the whole frames
 * @param frames measured per combination
 */
record TinyBenchOptions(
        List<Integer> sizes,
        List<Integer> batches,
        List<Integer> threads,
        List<Precision> precisions,
        int lanes,
        int frames) {
    static final String USAGE = """
            Options of "bench tiny":
              --sizes N[,N]        side of the picture (default: 256,384,512)
              --batches N[,N]      sessions at a time (default: 1,2,4)
              --threads N[,N]      threads of each lane (default: 1,2)
              --precisions P[,P]   fp32, bf16, fp16 (default: fp32,bf16)
              --lanes N            lanes of the device for whole frames (default: 2)
              --frames N           measured per line (default: 30)
            """;

    private static final int MOST_SIZE = 512;
    private static final int MOST_BATCH = 4;
    private static final int MOST_THREADS = 256;
    private static final int MOST_LANES = 3;
    private static final int MOST_FRAMES = 10_000;

    static TinyBenchOptions parse(List<String> arguments) throws UsageProblem {
        List<Integer> sizes = List.of(256, 384, 512);
        List<Integer> batches = List.of(1, 2, 4);
        List<Integer> threads = List.of(1, 2);
        List<Precision> precisions = List.of(Precision.FP32, Precision.BF16);
        int lanes = 2;
        int frames = 30;
        Iterator<String> left = arguments.iterator();
        while (left.hasNext()) {
            String option = left.next();
            if (!left.hasNext()) {
                throw new UsageProblem(option + " needs a value");
            }
            String value = left.next();
            switch (option) {
                case "--sizes" -> sizes = numbers(option, value, MOST_SIZE);
                case "--batches" -> batches = numbers(option, value, MOST_BATCH);
                case "--threads" -> threads = numbers(option, value, MOST_THREADS);
                case "--precisions" -> precisions = precisions(value);
                case "--lanes" -> lanes = BenchOptions.number(option, value, MOST_LANES);
                case "--frames" -> frames = BenchOptions.number(option, value, MOST_FRAMES);
                default -> throw new UsageProblem("bench tiny: unknown option \"" + option + "\"");
            }
        }
        return new TinyBenchOptions(sizes, batches, threads, precisions, lanes, frames);
    }

    static List<Integer> numbers(String option, String text, int most) throws UsageProblem {
        List<Integer> numbers = new ArrayList<>();
        for (String number : text.split(",", -1)) {
            numbers.add(BenchOptions.number(option, number, most));
        }
        return List.copyOf(numbers);
    }

    static List<Precision> precisions(String text) throws UsageProblem {
        List<Precision> precisions = new ArrayList<>();
        for (String name : text.split(",", -1)) {
            try {
                precisions.add(Precision.valueOf(name.toUpperCase(Locale.ROOT)));
            } catch (IllegalArgumentException unknown) {
                throw new UsageProblem("--precisions: \"" + name + "\" is none of fp32, bf16, fp16");
            }
        }
        return List.copyOf(precisions);
    }
}
