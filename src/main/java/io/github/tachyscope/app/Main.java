package io.github.tachyscope.app;

import io.github.tachyscope.api.BuildInfo;
import io.github.tachyscope.config.ConfigLoader;
import io.github.tachyscope.config.ConfigProblem;
import io.github.tachyscope.config.Configuration;
import io.github.tachyscope.frame.VideoCodec;
import io.github.tachyscope.media.Codecs;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Start of the program: command line, then configuration, then the command. */
public final class Main {
    /** Set by whoever starts the process again when it ends with {@link ExitCode#RESTART}; else it does that itself. */
    private static final String SUPERVISED = "DAYDREAM_SCOPE_MANAGED";

    private final PrintStream out;
    private final PrintStream err;
    private final Map<String, String> environment;
    private final Map<String, String> systemProperties;
    private final Map<String, Command> commands;

    Main(
            PrintStream out,
            PrintStream err,
            Map<String, String> environment,
            Map<String, String> systemProperties,
            Map<String, Command> commands) {
        this.out = out;
        this.err = err;
        this.environment = Map.copyOf(environment);
        this.systemProperties = Map.copyOf(systemProperties);
        this.commands = Map.copyOf(commands);
    }

    public static void main(String[] args) {
        Map<String, String> properties = new TreeMap<>();
        System.getProperties().stringPropertyNames().forEach(name -> properties.put(name, System.getProperty(name)));
        if (Boolean.getBoolean("app.ends-with-parent")) {
            endWithParent();
        }
        Map<String, Command> commands = Map.of(
                "serve", new Serve(System.out),
                "check",
                        new Check(
                                System.out,
                                List.of(
                                        new Check.Probe("codecs", Main::codecs),
                                        new Check.Probe("tensors", Host::tensors)),
                                System.getenv()),
                "bench", new Bench(System.out),
                "download_models", new DownloadModels(System.out, System.console() != null),
                "train-tiny", new TrainTiny(System.out),
                "eval-tiny", new EvalTiny(System.out));
        Main main = new Main(System.out, System.err, System.getenv(), properties, commands);
        System.exit(main.run(List.of(args)).code());
    }

    private static String codecs() {
        return Stream.of(VideoCodec.values())
                .filter(Codecs::canEncode)
                .map(codec -> codec + " (" + Codecs.encoderName(codec) + ")")
                .collect(Collectors.joining(", "));
    }

    /** A build tool that is killed does not tell the process it started, which would go on and keep its port. */
    private static void endWithParent() {
        ProcessHandle.current()
                .parent()
                .ifPresent(parent -> parent.onExit().thenRun(() -> System.exit(ExitCode.OK.code())));
    }

    ExitCode run(List<String> arguments) {
        try {
            List<String> all = ComfyOptions.merged(environment.getOrDefault("COMMANDLINE_ARGS", ""), arguments);
            ComfyOptions.ignored(all).forEach(option -> out.println("tachyscope: " + option + " has no effect here"));
            return dispatch(CommandLine.parse(all));
        } catch (CommandLine.UsageProblem e) {
            err.println("tachyscope: " + e.getMessage());
            err.print(CommandLine.USAGE);
            return ExitCode.USAGE;
        } catch (ConfigProblem e) {
            err.println("tachyscope: the configuration cannot be used:");
            e.problems().forEach(problem -> err.println("  " + problem));
            return ExitCode.CONFIGURATION;
        } catch (StartFailure e) {
            err.println("tachyscope: " + e.getMessage());
            return e.exitCode();
        } catch (Exception e) {
            e.printStackTrace(err);
            return ExitCode.FAILURE;
        }
    }

    private ExitCode dispatch(CommandLine line) throws Exception {
        if (line instanceof CommandLine.Help) {
            out.print(CommandLine.USAGE);
            return ExitCode.OK;
        } else if (line instanceof CommandLine.Version) {
            out.println("tachyscope " + BuildInfo.load(Instant.now()).version());
            return ExitCode.OK;
        } else if (line instanceof CommandLine.Serve serve) {
            return start("serve", serve.options(), serve.file(), List.of());
        } else if (line instanceof CommandLine.Check check) {
            return start("check", check.options(), check.file(), check.tested());
        } else if (line instanceof CommandLine.Bench bench) {
            return start("bench", Bench.settings(), Optional.empty(), bench.arguments());
        } else if (line instanceof CommandLine.DownloadModels downloads) {
            return start("download_models", Map.of(), downloads.file(), downloads.arguments());
        } else if (line instanceof CommandLine.TrainTiny training) {
            return start("train-tiny", Map.of(), Optional.empty(), training.arguments());
        } else if (line instanceof CommandLine.EvalTiny evaluation) {
            return start("eval-tiny", Map.of(), Optional.empty(), evaluation.arguments());
        }
        throw new IllegalStateException("unhandled " + line);
    }

    private ExitCode start(String name, Map<String, String> options, Optional<Path> file, List<String> arguments)
            throws Exception {
        Command command = commands.get(name);
        if (command == null) {
            throw new StartFailure(ExitCode.FAILURE, "this build has no command \"" + name + "\"");
        }
        // The launcher names the directory of the distribution; without it the working directory is home.
        Path home = Path.of(systemProperties.getOrDefault("app.home", ""));
        ExitCode end;
        do {
            Configuration configuration =
                    ConfigLoader.load(new ConfigLoader.Sources(options, file, systemProperties, environment, home));
            Logging.apply(configuration.settings());
            end = command.run(configuration, arguments);
        } while (end == ExitCode.RESTART && !environment.containsKey(SUPERVISED));
        return end;
    }
}
