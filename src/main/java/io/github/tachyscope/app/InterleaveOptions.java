package io.github.tachyscope.app;

import io.github.tachyscope.app.CommandLine.UsageProblem;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/**
 * What {@code bench interleave} measures: every combination of pipelines, sessions and jobs, under each policy.
 *
 * @param seconds measured per combination, after a warm-up
 * @param sessions live ones at a time
 * @param jobs batch jobs beside them
 * @param fps frames per second that a live session wants
 * @param size side of the pictures
 * @param plot directory for the plot
 */
record InterleaveOptions(
        int seconds,
        List<String> pipelines,
        List<Integer> sessions,
        List<Integer> jobs,
        int fps,
        int size,
        int lanes,
        Optional<Path> plot) {
    static final String USAGE = """
            Options of "bench interleave":
              --seconds N          measured per combination (default: 4)
              --pipelines ID[,ID]  (default: synthetic,tiny)
              --sessions N[,N]     live sessions at a time (default: 1,2,4,8,16)
              --jobs N[,N]         batch jobs beside them, 0 to 8 (default: 0,2)
              --fps N              frames per second that a live session wants (default: 15)
              --size N             side of the pictures (default: 256)
              --lanes N            lanes of the device (default: 2)
              --plot DIR           also write a plot to DIR/interleave.svg
            """;

    private static final int MOST_SECONDS = 3600;
    private static final int MOST_SESSIONS = 64;
    private static final int MOST_JOBS = 8;
    private static final int MOST_FPS = 120;
    private static final int MOST_SIZE = 1024;
    private static final int MOST_LANES = 3;

    InterleaveOptions {
        pipelines = List.copyOf(pipelines);
        sessions = List.copyOf(sessions);
        jobs = List.copyOf(jobs);
    }

    static InterleaveOptions parse(List<String> arguments) throws UsageProblem {
        InterleaveOptions options = new InterleaveOptions(
                4, List.of("synthetic", "tiny"), List.of(1, 2, 4, 8, 16), List.of(0, 2), 15, 256, 2, Optional.empty());
        Iterator<String> left = arguments.iterator();
        while (left.hasNext()) {
            String option = left.next();
            options = options.with(option, BenchOptions.value(option, left));
        }
        return options;
    }

    private InterleaveOptions with(String option, String value) throws UsageProblem {
        int newSeconds = seconds;
        List<String> newPipelines = pipelines;
        List<Integer> newSessions = sessions;
        List<Integer> newJobs = jobs;
        int newFps = fps;
        int newSize = size;
        int newLanes = lanes;
        Optional<Path> newPlot = plot;
        switch (option) {
            case "--seconds" -> newSeconds = BenchOptions.number(option, value, MOST_SECONDS);
            case "--pipelines" -> newPipelines = List.of(value.split(",", -1));
            case "--sessions" -> newSessions = TinyBenchOptions.numbers(option, value, MOST_SESSIONS);
            case "--jobs" -> newJobs = jobs(option, value);
            case "--fps" -> newFps = BenchOptions.number(option, value, MOST_FPS);
            case "--size" -> newSize = BenchOptions.number(option, value, MOST_SIZE);
            case "--lanes" -> newLanes = BenchOptions.number(option, value, MOST_LANES);
            case "--plot" -> newPlot = Optional.of(directory(option, value));
            default -> throw new UsageProblem("bench interleave: unknown option \"" + option + "\"");
        }
        return new InterleaveOptions(
                newSeconds, newPipelines, newSessions, newJobs, newFps, newSize, newLanes, newPlot);
    }

    /** Unlike all other numbers, none at all is a number of jobs. */
    private static List<Integer> jobs(String option, String value) throws UsageProblem {
        List<Integer> numbers = new ArrayList<>();
        for (String number : value.split(",", -1)) {
            numbers.add(number.equals("0") ? 0 : BenchOptions.number(option, number, MOST_JOBS));
        }
        return numbers;
    }

    private static Path directory(String option, String value) throws UsageProblem {
        try {
            return Path.of(value);
        } catch (InvalidPathException unusable) {
            throw new UsageProblem(option + ": \"" + value + "\" is not a path on this system");
        }
    }
}
