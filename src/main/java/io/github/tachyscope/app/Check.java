package io.github.tachyscope.app;

import io.github.tachyscope.api.BuildInfo;
import io.github.tachyscope.config.Configuration;
import io.github.tachyscope.config.ServerSettings;
import io.github.tachyscope.config.Settings;
import io.github.tachyscope.diffusion.PipelineCatalog;
import io.github.tachyscope.diffusion.Plugins;
import io.github.tachyscope.tensor.LaunchCheck;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;

/** Looks at everything a start depends on and says what it found. The configuration was checked before. */
final class Check implements Command {
    private final PrintStream out;
    private final List<Probe> probes;
    private final Map<String, String> environment;

    /**
     * One more thing to look at.
     *
     * @param name what it is, a word
     * @param look describes it, or throws if it cannot be used
     */
    record Probe(String name, Callable<String> look) {}

    Check(PrintStream out, List<Probe> probes, Map<String, String> environment) {
        this.out = out;
        this.probes = List.copyOf(probes);
        this.environment = Map.copyOf(environment);
    }

    /** @param arguments the device to test, and the fixtures to test it with, if any */
    @Override
    public ExitCode run(Configuration configuration, List<String> arguments) {
        Settings settings = configuration.settings();
        print("version", BuildInfo.load(Instant.now()).version());
        print(
                "java",
                Runtime.version() + ", heap up to " + (Runtime.getRuntime().maxMemory() >> 20) + " MiB");
        Host.devices().forEach(device -> print("device", device));
        boolean devices = probe();
        if (!arguments.isEmpty()) {
            Optional<Path> fixtures = arguments.size() > 1 ? Optional.of(Path.of(arguments.get(1))) : Optional.empty();
            devices &= new DeviceCheck(out).run(arguments.get(0), fixtures);
        }
        print("models", describe(settings.storage().modelsDir()));
        print("assets", describe(settings.storage().assetsDir()));
        List<String> problems = files(settings);
        plugins(settings, problems);
        problems.forEach(problem -> print("PROBLEM", problem));
        StartupSummary.warnings(settings).forEach(warning -> print("WARNING", warning));
        LaunchCheck.warnings(environment).forEach(warning -> print("WARNING", warning));
        ExitCode result = !problems.isEmpty() ? ExitCode.CONFIGURATION : devices ? ExitCode.OK : ExitCode.NO_DEVICE;
        print("result", result == ExitCode.OK ? "ok" : "not ok");
        return result;
    }

    private boolean probe() {
        boolean good = true;
        for (Probe probe : probes) {
            try {
                print(probe.name(), probe.look().call());
            } catch (Exception | LinkageError e) {
                print("PROBLEM", probe.name() + ": " + e.getMessage());
                good = false;
            }
        }
        return good;
    }

    private static List<String> files(Settings settings) {
        List<String> problems = new ArrayList<>();
        directory("storage.models-dir", settings.storage().modelsDir(), problems);
        directory("storage.assets-dir", settings.storage().assetsDir(), problems);
        ServerSettings server = settings.server();
        server.webDir()
                .filter(dir -> !Files.isDirectory(dir))
                .ifPresent(dir -> problems.add("server.web-dir: " + dir + " is not a directory"));
        server.tls()
                .ifPresent(tls -> List.of(tls.certificate(), tls.privateKey()).forEach(file -> {
                    if (!Files.isReadable(file)) {
                        problems.add("server.tls: " + file + " cannot be read");
                    }
                }));
        return problems;
    }

    private void plugins(Settings settings, List<String> problems) {
        try (PipelineCatalog catalog = PipelineCatalog.discover(settings.pipelines())) {
            Plugins plugins = catalog.plugins();
            print("plugins", settings.pipelines().pluginsDir().map(Check::place).orElse("none"));
            plugins.loaded().forEach(plugin -> print("plugin", StartupSummary.describe(plugin)));
            plugins.failed().forEach(failure -> print("WARNING", StartupSummary.describe(failure)));
        } catch (IllegalArgumentException wrong) {
            problems.add(wrong.getMessage());
        }
    }

    private static String place(Path folder) {
        return folder.toAbsolutePath() + (Files.exists(folder) ? "" : " (not there)");
    }

    private static void directory(String key, Path directory, List<String> problems) {
        if (Files.exists(directory) && !(Files.isDirectory(directory) && Files.isWritable(directory))) {
            problems.add(key + ": " + directory + " is not a directory that we may write to");
        }
    }

    private static String describe(Path directory) {
        return directory + (Files.exists(directory) ? "" : " (made when first needed)");
    }

    private void print(String name, String value) {
        out.printf("%-9s %s%n", name, value);
    }
}
