package io.github.tachyscope.app;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
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
                   tachyscope download_models [...] download weights; see "tachyscope download_models --help"
                   tachyscope bench NAME [...]      measure; "tachyscope bench --help" lists the names
                   tachyscope train-tiny [...]      train the bundled model; see "tachyscope train-tiny --help"
                   tachyscope eval-tiny [...]       measure that model; see "tachyscope eval-tiny --help"

            Options:
              --device NAME     with check: test this device thoroughly, cpu, cuda or cuda:<index>
              --fixtures DIR    with check --device: also compute the networks in the folders of DIR and compare
              --config FILE     configuration file (default: conf/tachyscope.conf, if it is there)
              --host ADDRESS    address to listen on (default: 127.0.0.1)
              --port PORT       TCP port, 0 for any (default: 8000)
              --web-dir DIR     serve the pages from this directory
              -N, --no-browser  do not open the page in the desktop's browser
              --preview-method METHOD, --preview-size SIDE, --max-upload-size MIB, --enable-cors-header [ORIGIN]
                                for clients of ComfyUI; see tachyscope.comfy in reference.conf
              --version         print the version and exit
              -h, --help        print this and exit

            Options in the environment variable COMMANDLINE_ARGS come before these. Options of ComfyUI about memory and
            precision, such as --lowvram, are accepted and do nothing.
            Every setting is described in reference.conf; the exit codes are in docs/exit-codes.md.
            """;

    /** Serves. {@code options} are full configuration keys with their values. */
    record Serve(Map<String, String> options, Optional<Path> file) implements CommandLine {}

    /**
     * Checks and exits.
     *
     * @param tested the device to be tested thoroughly, if any, then the folder of the networks to test it with, if any
     */
    record Check(Map<String, String> options, Optional<Path> file, List<String> tested) implements CommandLine {}

    /** Measures; the bench reads its own arguments. */
    record Bench(List<String> arguments) implements CommandLine {}

    /** Downloads models; the command reads its own arguments. */
    record DownloadModels(Optional<Path> file, List<String> arguments) implements CommandLine {}

    /** Trains the bundled model; the training reads its own arguments. */
    record TrainTiny(List<String> arguments) implements CommandLine {}

    /** Measures the bundled model; the evaluation reads its own arguments. */
    record EvalTiny(List<String> arguments) implements CommandLine {}

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
            case "download_models", "download-models" -> downloads(rest);
            case "train-tiny" -> new TrainTiny(List.copyOf(rest));
            case "eval-tiny" -> new EvalTiny(List.copyOf(rest));
            default ->
                throw new UsageProblem("unknown command \"" + first
                        + "\"; known: serve, check, download_models, bench, train-tiny," + " eval-tiny");
        };
    }

    private static CommandLine downloads(List<String> arguments) throws UsageProblem {
        Optional<Path> file = Optional.empty();
        List<String> own = new ArrayList<>();
        Deque<String> left = new ArrayDeque<>(arguments);
        while (!left.isEmpty()) {
            String option = left.remove();
            if (option.equals("--config")) {
                file = Optional.of(path(option, value(option, left)));
            } else if (option.startsWith("--config=")) {
                file = Optional.of(path("--config", option.substring("--config=".length())));
            } else {
                own.add(option);
            }
        }
        return new DownloadModels(file, List.copyOf(own));
    }

    private static CommandLine options(List<String> arguments, boolean check) throws UsageProblem {
        Map<String, String> options = new LinkedHashMap<>();
        Optional<Path> file = Optional.empty();
        Optional<String> device = Optional.empty();
        Optional<Path> fixtures = Optional.empty();
        Deque<String> left = new ArrayDeque<>(arguments);
        while (!left.isEmpty()) {
            String option = left.remove();
            int equals = option.startsWith("--") ? option.indexOf('=') : -1;
            if (equals > 0) {
                left.addFirst(option.substring(equals + 1));
                option = option.substring(0, equals);
            }
            if (ComfyOptions.take(option, equals > 0, left, options)) {
                continue;
            }
            switch (option) {
                case "--host" -> options.put("tachyscope.server.host", value(option, left));
                case "--port" -> options.put("tachyscope.server.port", value(option, left));
                case "--web-dir" -> options.put("tachyscope.server.web-dir", value(option, left));
                case "--config" -> file = Optional.of(path(option, value(option, left)));
                case "--device" -> device = Optional.of(tested(option, value(option, left), check));
                case "--fixtures" -> fixtures = Optional.of(path(option, value(option, left)));
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
        if (fixtures.isPresent() && device.isEmpty()) {
            throw new UsageProblem("--fixtures belongs to \"check --device NAME\"");
        }
        List<String> tested = new ArrayList<>(device.stream().toList());
        fixtures.map(Path::toString).ifPresent(tested::add);
        return check ? new Check(Map.copyOf(options), file, List.copyOf(tested)) : new Serve(Map.copyOf(options), file);
    }

    private static String tested(String option, String device, boolean check) throws UsageProblem {
        if (!check) {
            throw new UsageProblem(option + " belongs to \"check\"");
        }
        if (!device.matches("cpu|cuda(:\\d{1,2})?")) {
            throw new UsageProblem(option + ": \"" + device + "\" is none of cpu, cuda, cuda:<index>");
        }
        return device;
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
