package io.github.tachyscope.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigValue;
import java.math.BigInteger;
import java.net.URI;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * A part of the configuration that is read key by key. A bad value is noted with its key and origin, and the default
 * stands in for it, so that one start tells of all mistakes.
 */
final class Section {
    /** Longest duration a timer takes; keeps sums of durations far from overflow. */
    private static final Duration LONGEST = Duration.ofDays(365);

    private final Config config;
    private final Config defaults;
    private final String path;
    private final List<String> problems;
    private final Set<String> read;

    private Section(Config config, Config defaults, String path, List<String> problems, Set<String> read) {
        this.config = config;
        this.defaults = defaults;
        this.path = path;
        this.problems = problems;
        this.read = read;
    }

    /** The section {@code tachyscope}; {@code defaults} is what {@code reference.conf} says. */
    static Section root(Config config, Config defaults) {
        return new Section(config, defaults, "tachyscope", new ArrayList<>(), new TreeSet<>());
    }

    Section section(String name) {
        return new Section(config, defaults, full(name), problems, read);
    }

    List<String> problems() {
        return problems;
    }

    /** Full paths of all keys that were asked for. */
    Set<String> read() {
        return read;
    }

    /** Notes that {@code key} cannot be used as it is. */
    void reject(String key, String why) {
        problems.add(full(key) + " (" + Origins.of(config, full(key)) + "): " + why);
    }

    String text(String key) {
        String value = value(key, "text", Config::getString);
        if (value.isBlank()) {
            reject(key, "must not be empty");
        }
        return value;
    }

    Optional<String> optionalText(String key) {
        return Optional.of(value(key, "text", Config::getString)).filter(text -> !text.isBlank());
    }

    Optional<Path> optionalPath(String key) {
        Optional<String> text = optionalText(key);
        try {
            return text.map(Path::of);
        } catch (InvalidPathException e) {
            reject(key, "not a path on this system: " + e.getReason());
            return Optional.empty();
        }
    }

    Path path(String key) {
        text(key);
        return optionalPath(key).orElse(Path.of(""));
    }

    String oneOf(String key, List<String> allowed) {
        String value = value(key, "text", Config::getString);
        if (!allowed.contains(value)) {
            reject(key, "must be one of " + String.join(", ", allowed) + ", not \"" + value + "\"");
            return allowed.get(0);
        }
        return value;
    }

    List<String> texts(String key) {
        return List.copyOf(value(key, "a list of texts, [ \"a\", \"b\" ]", Config::getStringList));
    }

    boolean flag(String key) {
        return value(key, "true or false", Config::getBoolean);
    }

    int whole(String key, int least, int most) {
        String allowed = "a whole number from " + least + " to " + most;
        int value = value(key, allowed, Config::getInt);
        if (value < least || value > most) {
            reject(key, "must be " + allowed + ", not " + value);
            return defaults.getInt(full(key));
        }
        return value;
    }

    double number(String key, double least, double most) {
        String allowed = "a number from " + least + " to " + most;
        double value = value(key, allowed, Config::getDouble);
        // Not a number is in no range.
        if (!(value >= least && value <= most)) {
            reject(key, "must be " + allowed + ", not " + value);
            return defaults.getDouble(full(key));
        }
        return value;
    }

    /** More than nothing: a wait of nothing would end at once and a wait without end is not offered. */
    Duration duration(String key) {
        return duration(key, Duration.ofNanos(1));
    }

    Duration duration(String key, Duration least) {
        String allowed = "a duration such as \"500 milliseconds\" or \"5 minutes\"";
        Duration value = value(key, allowed, Config::getDuration);
        if (value.compareTo(least) < 0 || value.compareTo(LONGEST) > 0) {
            reject(key, "must be " + (least.isZero() ? "0 or " : "") + allowed + ", at most 365 days");
            return defaults.getDuration(full(key));
        }
        return value;
    }

    long bytes(String key, long least, long most) {
        String allowed = "a size such as \"256 KiB\" from " + least + " to " + most + " bytes";
        BigInteger value =
                value(key, allowed, (c, path) -> c.getMemorySize(path).toBytesBigInteger());
        if (value.compareTo(BigInteger.valueOf(least)) < 0 || value.compareTo(BigInteger.valueOf(most)) > 0) {
            reject(key, "must be " + allowed + ", not " + value);
            return defaults.getBytes(full(key));
        }
        return value.longValueExact();
    }

    /** A section whose keys are free: name to text. */
    Map<String, String> names(String key) {
        Map<String, String> names = new TreeMap<>();
        value(key, "a section of texts", Config::getObject).forEach((name, value) -> {
            if (value.unwrapped() instanceof String text && !text.isBlank()) {
                names.put(name, text);
            } else {
                reject(key, "\"" + name + "\" must be a text that is not empty");
            }
        });
        return names;
    }

    /** A list of sections, each with the given keys only; one that cannot be read is noted and left out. */
    <T> List<T> sections(String key, Set<String> allowed, Function<Section, T> reader) {
        List<T> sections = new ArrayList<>();
        for (ConfigValue element : value(key, "a list of sections, [ { ... } ]", Config::getList)) {
            if (!(element.unwrapped() instanceof Map<?, ?> members)) {
                reject(key, "each element must be a section { ... }");
                continue;
            }
            for (Object member : members.keySet()) {
                if (!allowed.contains(member)) {
                    reject(key, "unknown key \"" + member + "\"; known: " + String.join(", ", new TreeSet<>(allowed)));
                }
            }
            Config one = element.atPath(full(key));
            try {
                sections.add(reader.apply(new Section(one, one, full(key), problems, new TreeSet<>())));
            } catch (ConfigException noted) {
                // An element has no default to go on with.
            }
        }
        return List.copyOf(sections);
    }

    boolean has(String key) {
        return config.hasPath(full(key));
    }

    /** Notes each address that does not begin with one of the schemes and names a host. */
    List<String> addresses(String key, Set<String> schemes) {
        List<String> addresses = texts(key);
        for (String address : addresses) {
            int colon = address.indexOf(':');
            if (colon < 0 || !schemes.contains(address.substring(0, colon)) || !isUri(address)) {
                reject(
                        key,
                        "\"" + address + "\" must begin with one of " + String.join(": ", new TreeSet<>(schemes))
                                + ":");
            }
        }
        return addresses;
    }

    private static boolean isUri(String address) {
        try {
            return !URI.create(address).getSchemeSpecificPart().isEmpty();
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private <T> T value(String key, String allowed, BiFunction<Config, String, T> getter) {
        String full = full(key);
        read.add(full);
        try {
            return getter.apply(config, full);
        } catch (ConfigException.Missing e) {
            problems.add(full + ": has no value; must be " + allowed);
        } catch (ConfigException | ArithmeticException e) {
            reject(key, "must be " + allowed);
        }
        return getter.apply(defaults, full);
    }

    private String full(String key) {
        return path + "." + key;
    }
}
