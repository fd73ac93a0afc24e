package io.github.tachyscope.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigSyntax;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Puts the layers of the configuration on top of each other, strongest first:
 *
 * <pre>
 *   options of the command line
 *   -Dtachyscope.*
 *   environment variables, those of {@link Environment} only
 *   the user's file
 *   reference.conf
 * </pre>
 */
public final class ConfigLoader {
    private static final Set<String> YES = Set.of("1", "true", "yes", "on");
    private static final Set<String> NO = Set.of("0", "false", "no", "off", "");

    private final Config reference;
    private final KnownKeys known;

    private ConfigLoader(Config reference) {
        this.reference = reference;
        this.known = new KnownKeys(Settings.defaults());
    }

    /**
     * Where the layers come from.
     *
     * @param options full key to value, from the command line
     * @param file named on the command line; must exist
     * @param home directory of the distribution: conf/tachyscope.conf and web below it are used if they exist
     */
    public record Sources(
            Map<String, String> options,
            Optional<Path> file,
            Map<String, String> systemProperties,
            Map<String, String> environment,
            Path home) {}

    /** Reads all layers. */
    public static Configuration load(Sources sources) {
        return new ConfigLoader(Settings.reference()).read(sources);
    }

    private Configuration read(Sources sources) {
        List<String> problems = new ArrayList<>();
        Config options = layer(sources.options(), "command line", problems);
        Config properties = properties(sources.systemProperties(), problems);
        Config environment = environment(sources.environment(), problems);
        Config all = options.withFallback(properties).withFallback(environment);
        try {
            all = all.withFallback(file(sources))
                    .withFallback(web(sources.home()))
                    .withFallback(reference)
                    .resolve();
        } catch (ConfigException e) {
            problems.add(e.getMessage());
            throw new ConfigProblem(problems);
        }
        Settings settings = Settings.read(all, problems);
        return new Configuration(settings, settings.media().dispatcher().withFallback(all));
    }

    private Config properties(Map<String, String> properties, List<String> problems) {
        Map<String, String> own = new TreeMap<>();
        Map<String, Object> others = new TreeMap<>();
        properties.forEach((name, value) -> {
            if (name.startsWith("tachyscope.")) {
                own.put(name, value);
            } else if (name.startsWith("pekko.") || name.equals("user.home")) {
                others.put(name, value);
            }
        });
        return layer(own, "system property", problems).withFallback(ConfigFactory.parseMap(others, "system property"));
    }

    private Config environment(Map<String, String> environment, List<String> problems) {
        Config config = ConfigFactory.empty();
        for (Map.Entry<String, String> entry : new TreeMap<>(Environment.KEYS).entrySet()) {
            // An empty variable is how a shell or a container file says "not set".
            String value = environment.getOrDefault(entry.getKey(), "");
            if (!value.isEmpty()) {
                config = config.withFallback(
                        layer(Map.of(entry.getValue(), value), "environment variable " + entry.getKey(), problems));
            }
        }
        return config;
    }

    private static Config file(Sources sources) {
        Optional<Path> named = sources.file()
                .or(() -> Optional.ofNullable(sources.environment().get(Environment.FILE))
                        .filter(name -> !name.isEmpty())
                        .map(Path::of));
        Path usual = sources.home().resolve("conf").resolve("tachyscope.conf");
        Optional<Path> file = named.or(() -> Optional.of(usual).filter(Files::exists));
        if (file.filter(Files::isRegularFile).isEmpty() && named.isPresent()) {
            throw new ConfigProblem(List.of("there is no configuration file " + named.get()));
        }
        ConfigParseOptions hocon =
                ConfigParseOptions.defaults().setSyntax(ConfigSyntax.CONF).setAllowMissing(false);
        return file.map(path -> ConfigFactory.parseFile(path.toFile(), hocon)).orElse(ConfigFactory.empty());
    }

    /** A distribution has its pages beside it, where they can be changed; without one they come from the jar. */
    private static Config web(Path home) {
        Path web = home.resolve("web");
        return Files.isDirectory(web) && Files.isDirectory(home.resolve("lib"))
                ? ConfigFactory.parseMap(
                        Map.of("tachyscope.server.web-dir", web.toString()), "directory of the distribution")
                : ConfigFactory.empty();
    }

    /** Values that arrive as plain text take the form that their key asks for. */
    private Config layer(Map<String, String> texts, String origin, List<String> problems) {
        Config config = ConfigFactory.empty();
        for (Map.Entry<String, String> entry : texts.entrySet()) {
            try {
                config = config.withFallback(
                        value(entry.getKey(), entry.getValue(), origin).atPath(entry.getKey()));
            } catch (ConfigException e) {
                problems.add(entry.getKey() + " (" + origin + "): cannot be read; a list is a,b,c or [ ... ]");
            }
        }
        return config;
    }

    private ConfigValue value(String key, String text, String origin) {
        String word = text.strip().toLowerCase(Locale.ROOT);
        if (known.isFlag(key) && (YES.contains(word) || NO.contains(word))) {
            return ConfigValueFactory.fromAnyRef(YES.contains(word), origin);
        }
        if (!known.isList(key)) {
            return ConfigValueFactory.fromAnyRef(text, origin);
        }
        if (word.startsWith("[")) {
            ConfigParseOptions hocon = ConfigParseOptions.defaults().setOriginDescription(origin);
            return ConfigFactory.parseString("value = " + text, hocon).getValue("value");
        }
        List<String> parts = Arrays.stream(text.split(","))
                .map(String::strip)
                .filter(part -> !part.isEmpty())
                .toList();
        return ConfigValueFactory.fromIterable(parts, origin);
    }
}
