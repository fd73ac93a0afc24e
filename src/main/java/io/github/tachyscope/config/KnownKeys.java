package io.github.tachyscope.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** The keys of {@code reference.conf}; everything else below {@code tachyscope} is a mistake. */
final class KnownKeys {
    /** Sections whose keys the user invents. */
    static final Set<String> FREE = Set.of("tachyscope.pipelines.aliases", "tachyscope.comfy.aliases");

    private final ConfigObject reference;
    private final Map<String, ConfigValueType> leaves = new TreeMap<>();

    KnownKeys(Config defaults) {
        reference = defaults.getObject("tachyscope");
        collect("tachyscope", reference);
    }

    /** Full path of each key that has a value, free sections included. */
    Set<String> leaves() {
        return leaves.keySet();
    }

    boolean isList(String path) {
        return leaves.get(path) == ConfigValueType.LIST;
    }

    boolean isFlag(String path) {
        return leaves.get(path) == ConfigValueType.BOOLEAN;
    }

    /** One line for each key of {@code config} that nobody reads. */
    List<String> unknown(Config config) {
        List<String> problems = new ArrayList<>();
        compare("tachyscope", config.getObject("tachyscope"), reference, problems);
        return problems;
    }

    private void collect(String path, ConfigObject section) {
        section.forEach((name, value) -> {
            String full = path + "." + name;
            if (value instanceof ConfigObject inner && !FREE.contains(full)) {
                collect(full, inner);
            } else {
                leaves.put(full, value instanceof ConfigList ? ConfigValueType.LIST : value.valueType());
            }
        });
    }

    private void compare(String path, ConfigObject given, ConfigObject known, List<String> problems) {
        for (Map.Entry<String, ConfigValue> entry : new TreeMap<>(given).entrySet()) {
            String full = path + "." + ConfigUtil.quoteString(entry.getKey()).replaceAll("^\"([a-z0-9-]+)\"$", "$1");
            ConfigValue expected = known.get(entry.getKey());
            if (expected == null) {
                problems.add(full + " (" + entry.getValue().origin().description() + "): unknown key"
                        + closest(full)
                                .map(key -> "; did you mean " + key + "?")
                                .orElse(""));
            } else if (expected instanceof ConfigObject section && !FREE.contains(full)) {
                if (entry.getValue() instanceof ConfigObject inner) {
                    compare(full, inner, section, problems);
                } else {
                    problems.add(full + " (" + entry.getValue().origin().description() + "): is a section { ... }");
                }
            }
        }
    }

    /** The key that a slip of the finger, or the wrong section, would explain. */
    private Optional<String> closest(String wrong) {
        String name = wrong.substring(wrong.lastIndexOf('.') + 1);
        int tolerated = Math.max(2, name.length() / 3);
        return leaves.keySet().stream()
                .filter(key -> Math.min(distance(key, wrong), distance(lastName(key), name)) <= tolerated)
                .min(Comparator.<String>comparingInt(key -> distance(lastName(key), name))
                        .thenComparingInt(key -> distance(key, wrong)));
    }

    private static String lastName(String path) {
        return path.substring(path.lastIndexOf('.') + 1);
    }

    /** Levenshtein's: insertions, deletions and replacements of one character. */
    static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int above = row[j];
                int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(replaced, 1 + Math.min(above, row[j - 1]));
                diagonal = above;
            }
        }
        return row[b.length()];
    }
}
