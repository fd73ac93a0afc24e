package io.github.tachyscope.app;

import io.github.tachyscope.app.CommandLine.UsageProblem;
import java.util.Iterator;
import java.util.List;

/**
 * What {@code bench refusals} does.
 *
 * @param offers that are refused
 */
record RefusalOptions(int offers) {
    static final String USAGE = """
            Options of "bench refusals":
              --offers N           that are refused, after 20 that do not count (default: 500)
            """;

    private static final int MOST_OFFERS = 100_000;

    static RefusalOptions parse(List<String> arguments) throws UsageProblem {
        int offers = 500;
        Iterator<String> left = arguments.iterator();
        while (left.hasNext()) {
            String option = left.next();
            String value = BenchOptions.value(option, left);
            if (!option.equals("--offers")) {
                throw new UsageProblem("bench refusals: unknown option \"" + option + "\"");
            }
            offers = BenchOptions.number(option, value, MOST_OFFERS);
        }
        return new RefusalOptions(offers);
    }
}
