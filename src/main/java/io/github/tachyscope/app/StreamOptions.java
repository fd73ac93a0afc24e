package io.github.tachyscope.app;

import io.github.tachyscope.app.BenchOptions.Size;
import io.github.tachyscope.app.CommandLine.UsageProblem;
import java.util.Iterator;
import java.util.List;

/**
 * What {@code bench stream} does.
 *
 * @param frames of each video
 * @param rounds each of a streamed and a stored video
 * @param size of the pictures
 */
record StreamOptions(String pipeline, int frames, int rounds, Size size) {
    static final String USAGE = """
            Options of "bench stream":
              --pipeline ID        (default: tiny)
              --frames N           of each video (default: 96)
              --rounds N           each of a streamed and a stored video, in turns (default: 5)
              --size WxH           of the pictures (default: 256x256)
            """;

    private static final int MOST_FRAMES = 1024;
    private static final int MOST_ROUNDS = 100;

    static StreamOptions parse(List<String> arguments) throws UsageProblem {
        String pipeline = "tiny";
        int frames = 96;
        int rounds = 5;
        Size size = new Size(256, 256);
        Iterator<String> left = arguments.iterator();
        while (left.hasNext()) {
            String option = left.next();
            String value = BenchOptions.value(option, left);
            switch (option) {
                case "--pipeline" -> pipeline = value;
                case "--frames" -> frames = BenchOptions.number(option, value, MOST_FRAMES);
                case "--rounds" -> rounds = BenchOptions.number(option, value, MOST_ROUNDS);
                case "--size" -> size = Size.parse(value);
                default -> throw new UsageProblem("bench stream: unknown option \"" + option + "\"");
            }
        }
        return new StreamOptions(pipeline, frames, rounds, size);
    }
}
