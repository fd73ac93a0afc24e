package io.github.tachyscope.app;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What the user asked for. */
sealed interface CommandLine {
    String USAGE = """
            Usage: tachyscope [serve] [options]     serve until stopped (Ctrl-C)
                   tachyscope check [options]       check configuration, devices and directories, then exit
                   tachyscope bench NAME [...]      measure; "tachyscope bench --help" lists the names
                   tachyscope train-tiny [...]      train the bundled model; see "tachyscope train-tiny --help"

            Options:
              --config FILE     configuration file (default: conf/tachyscope.conf, if it is there)
              --host ADDRESS    address to listen on (default: 127.0.0.1)
              --port PORT       TCP port, 0 for any (default: 8000)
              --web-dir DIR     serve the pages from this directory
              -N, --no-browser  do not open the page in the desktop's browser
              --version         print the version and exit
              -h, --help        print this and exit

            Every setting is described in reference.conf; the exit codes are in docs/exit-codes.md.
            """;

    /** Serves. {@code options} are full configuration keys with their values. */
    record Serve(Map<String, String> options, Optional<Path> file) implements CommandLine {}

    /** Checks and exits. */
    record Check(Map<String, String> options, Optional<Path> file) implements CommandLine {}

    /** Measures; the bench reads its own arguments. */
    record Bench(List<String> arguments) implements CommandLine {}

    /** Trains the bundled model; the training reads its own arguments. */
    record TrainTiny(List<String> arguments) implements CommandLine {}

    /** Prints the usage. */
    record Help() implements CommandLine {}

    /** Prints the version. */
    record Version() implements CommandLine {}

    /** The command line is wrong. */
    final class UsageProblem extends Exception {
        private static final long serialVersionUID = 1L;

        UsageProblem(String message) {
            super(message);
        }
    }

    static CommandLine parse(List<String> arguments) throws UsageProblem {
        String first = arguments.isEmpty() ? "serve" : arguments.get(0);
        boolean named = !arguments.isEmpty() && !first.startsWith("-");
        List<String> rest = named ? arguments.subList(1, arguments.size()) : arguments;
        if (!named) {
            return options(rest, false);
        }
        return switch (first) {
            case "serve" -> options(rest, false);
            case "check" -> options(rest, true);
            case "bench" -> new Bench(List.copyOf(rest));
            case "train-tiny" -> new TrainTiny(List.copyOf(rest));
            default ->
                throw new UsageProblem("unknown command \"" + first + "\"; known: serve, check, bench, train-tiny");
        };
    }

    private static CommandLine options(List<String> arguments, boolean check) throws UsageProblem {
        Map<String, String> options = new LinkedHashMap<>();
        Optional<Path> file = Optional.empty();
        Deque<String> left = new ArrayDeque<>(arguments);
        while (!left.isEmpty()) {
            String option = left.remove();
            int equals = option.startsWith("--") ? option.indexOf('=') : -1;
            if (equals > 0) {
                left.addFirst(option.substring(equals + 1));
                option = option.substring(0, equals);
            }
            switch (option) {
                case "--host" -> options.put("tachyscope.server.host", value(option, left));
                case "--port" -> options.put("tachyscope.server.port", value(option, left));
                case "--web-dir" -> options.put("tachyscope.server.web-dir", value(option, left));
                case "--config" -> file = Optional.of(path(option, value(option, left)));
                case "-N", "--no-browser" -> options.put("tachyscope.server.open-browser", noValue(option, equals));
                case "-h", "--help" -> {
                    return new Help();
                }
                case "--version" -> {
                    return new Version();
                }
                default -> throw new UsageProblem("unknown option \"" + option + "\"");
            }
        }
        return check ? new Check(Map.copyOf(options), file) : new Serve(Map.copyOf(options), file);
    }

    private static String value(String option, Deque<String> left) throws UsageProblem {
        String value = left.poll();
        if (value == null || value.isBlank()) {
            throw new UsageProblem(option + " needs a value");
        }
        return value;
    }

    private static String noValue(String option, int equals) throws UsageProblem {
        if (equals > 0) {
            throw new UsageProblem(option + " takes no value");
        }
        return "false";
    }

    private static Path path(String option, String value) throws UsageProblem {
        try {
            return Path.of(value);
        } catch (InvalidPathException e) {
            throw new UsageProblem(option + ": \"" + value + "\" is not a path on this system");
        }
    }
}
