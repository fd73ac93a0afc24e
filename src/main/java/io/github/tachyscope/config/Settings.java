package io.github.tachyscope.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** All settings, by section of {@code tachyscope} in {@code reference.conf}; {@code engine} and {@code jobs} make
 * two records each. */
public record Settings(
        ServerSettings server,
        RtcSettings rtc,
        MediaSettings media,
        EngineSettings engine,
        ExecutorSettings executors,
        LoadSettings load,
        SessionSettings session,
        PipelineSettings pipelines,
        StorageSettings storage,
        ModelSettings models,
        JobSettings jobs,
        WorkerSettings workers,
        VideoSettings video,
        GenerateSettings generate,
        ComfySettings comfy,
        LoggingSettings logging,
        CredentialSettings credentials) {

    /** The timer refuses to start on Windows with shorter ticks. */
    private static final Config COARSE_TICKS = ConfigFactory.parseString("pekko.scheduler.tick-duration = 10 ms");

    /**
     * Reads the section {@code tachyscope} of a complete configuration.
     *
     * @throws ConfigProblem with everything that is wrong
     */
    public static Settings from(Config config) {
        return read(config, List.of());
    }

    /** As {@link #from}, with what was found wrong before. */
    static Settings read(Config config, List<String> earlier) {
        List<String> problems = new ArrayList<>(earlier);
        Config defaults = defaults();
        problems.addAll(new KnownKeys(defaults).unknown(config));
        Section root = Section.root(config, defaults);
        Settings settings = from(root);
        problems.addAll(root.problems());
        if (!problems.isEmpty()) {
            throw new ConfigProblem(problems);
        }
        return settings;
    }

    static Settings from(Section root) {
        JobSettings jobs = JobSettings.from(root.section("jobs"));
        ServerSettings server = ServerSettings.from(root.section("server"));
        StorageSettings storage = StorageSettings.from(root.section("storage"));
        return new Settings(
                server,
                RtcSettings.from(root.section("rtc")),
                MediaSettings.from(root.section("media")),
                EngineSettings.from(root.section("engine")),
                ExecutorSettings.from(root.section("engine")),
                LoadSettings.from(root.section("load")),
                SessionSettings.from(root.section("session")),
                PipelineSettings.from(root.section("pipelines"), storage),
                storage,
                ModelSettings.from(root.section("models")),
                jobs,
                WorkerSettings.from(root.section("jobs")),
                VideoSettings.from(root.section("video")),
                GenerateSettings.from(root.section("generate"), jobs),
                ComfySettings.from(root.section("comfy"), server),
                LoggingSettings.from(root.section("logging")),
                CredentialSettings.from(root.section("credentials")));
    }

    /** The {@code reference.conf} of every library and ours, and above them what we set of the libraries' settings. */
    static Config reference() {
        ClassLoader own = Settings.class.getClassLoader();
        Config reference = ConfigFactory.parseResources(own, "application.conf")
                .withFallback(ConfigFactory.parseResources(own, "reference.conf"));
        return System.getProperty("os.name").startsWith("Windows") ? COARSE_TICKS.withFallback(reference) : reference;
    }

    /** Our section when nobody says anything else. */
    static Config defaults() {
        Config home = ConfigFactory.parseMap(Map.of("user.home", System.getProperty("user.home", "")));
        return reference().withOnlyPath("tachyscope").withFallback(home).resolve();
    }
}
