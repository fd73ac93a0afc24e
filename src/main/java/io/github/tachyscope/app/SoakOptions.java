package io.github.tachyscope.app;

import io.github.tachyscope.app.BenchOptions.Size;
import io.github.tachyscope.app.CommandLine.UsageProblem;
import java.util.Iterator;
import java.util.List;

/**
 * What {@code bench soak} does.
 *
 * @param sessions at a time
 * @param minutes in all, the warm-up included
 * @param everySeconds a line is printed
 * @param size of the cameras' pictures, and of the pipeline's
 * @param mostGrowth of memory after the warm-up, in MiB
 */
record SoakOptions(int sessions, String pipeline, int minutes, int everySeconds, Size size, int mostGrowth) {
    static final String USAGE = """
            Options of "bench soak" (exit code 1 when memory grows or a session ends):
              --sessions N         clients at a time, each with a camera and a prompt of its own (default: 4)
              --pipeline ID        (default: tiny)
              --minutes N          in all; the first quarter is the warm-up and not judged (default: 60)
              --every SECONDS      time between two lines (default: 60)
              --size WxH           of the camera's and of the pipeline's pictures (default: 256x256)
              --growth MIB         most growth after the warm-up, of heap and of the whole process each (default: 64)
            """;

    private static final int MOST_SESSIONS = 16;
    private static final int MOST_MINUTES = 14 * 24 * 60;
    private static final int MOST_SECONDS = 3600;
    private static final int MOST_GROWTH = 1 << 20;

    static SoakOptions parse(List<String> arguments) throws UsageProblem {
        int sessions = 4;
        String pipeline = "tiny";
        int minutes = 60;
        int everySeconds = 60;
        Size size = new Size(256, 256);
        int mostGrowth = 64;
        Iterator<String> left = arguments.iterator();
        while (left.hasNext()) {
            String option = left.next();
            String value = BenchOptions.value(option, left);
            switch (option) {
                case "--sessions" -> sessions = BenchOptions.number(option, value, MOST_SESSIONS);
                case "--pipeline" -> pipeline = value;
                case "--minutes" -> minutes = BenchOptions.number(option, value, MOST_MINUTES);
                case "--every" -> everySeconds = BenchOptions.number(option, value, MOST_SECONDS);
                case "--size" -> size = Size.parse(value);
                case "--growth" -> mostGrowth = BenchOptions.number(option, value, MOST_GROWTH);
                default -> throw new UsageProblem("bench soak: unknown option \"" + option + "\"");
            }
        }
        if (60 * minutes / everySeconds < MemoryGrowth.FEWEST_SAMPLES) {
            throw new UsageProblem("--every: " + everySeconds + " s leave fewer than " + MemoryGrowth.FEWEST_SAMPLES
                    + " lines in " + minutes + " min");
        }
        return new SoakOptions(sessions, pipeline, minutes, everySeconds, size, mostGrowth);
    }
}
