package io.github.tachyscope.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValueType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * The published models that pipelines can use: those of {@code models/catalogue.conf}, which is also the manual of the form,
 * and those of the operator's own file.
 */
public record ModelCatalogue(List<KnownModel> models) {
    private static final String BUNDLED = "models/catalogue.conf";
    private static final Set<String> KINDS = Set.of("checkpoint", "decoder", "unet", "adapter");
    private static final Set<String> KEYS = Set.of(
            "name", "kind", "pipelines", "needed", "repository", "revision", "files", "size", "licence", "memory");

    public ModelCatalogue {
        models = List.copyOf(models);
    }

    public Optional<KnownModel> find(String id) {
        return models.stream().filter(model -> model.id().equals(id)).findFirst();
    }

    /** What a pipeline can use, those that it needs first. */
    public List<KnownModel> of(String pipelineId) {
        return models.stream()
                .filter(model -> model.pipelines().contains(pipelineId))
                .sorted((a, b) -> Boolean.compare(
                        b.neededBy().contains(pipelineId), a.neededBy().contains(pipelineId)))
                .toList();
    }

    static ModelCatalogue load(Optional<Path> own, Consumer<String> problems) {
        Config bundled = ConfigFactory.parseResources(ModelCatalogue.class.getClassLoader(), BUNDLED);
        ConfigObject entries = bundled.root();
        try {
            ConfigParseOptions strict = ConfigParseOptions.defaults().setAllowMissing(false);
            if (own.isPresent()) {
                for (var entry : ConfigFactory.parseFile(own.get().toFile(), strict)
                        .resolve()
                        .root()
                        .entrySet()) {
                    // A whole entry replaces another: half of one model and half of another would be neither.
                    entries = entries.withValue(entry.getKey(), entry.getValue());
                }
            }
        } catch (ConfigException unreadable) {
            problems.accept("cannot be read: " + unreadable.getMessage());
        }
        List<KnownModel> models = new ArrayList<>();
        for (String id : new TreeSet<>(entries.keySet())) {
            try {
                models.add(read(id, entries.toConfig().getConfig(ConfigUtil.quoteString(id))));
            } catch (ConfigException | IllegalArgumentException wrong) {
                problems.accept("model \"" + id + "\": " + wrong.getMessage());
            }
        }
        return new ModelCatalogue(models);
    }

    private static KnownModel read(String id, Config entry) {
        for (String key : entry.root().keySet()) {
            demand(KEYS.contains(key), "unknown key \"" + key + "\"; known: " + new TreeSet<>(KEYS));
        }
        KnownModel model = new KnownModel(
                id,
                entry.getString("name"),
                entry.getString("kind"),
                List.copyOf(entry.getStringList("pipelines")),
                neededBy(entry),
                entry.getString("repository"),
                entry.hasPath("revision") ? entry.getString("revision") : "main",
                List.copyOf(entry.getStringList("files")),
                entry.getBytes("size"),
                entry.getString("licence"),
                entry.getBytes("memory"));
        demand(id.matches("[a-z0-9][a-z0-9.-]{0,63}"), "an id has 1 to 64 of a to z, 0 to 9, . and -");
        demand(KINDS.contains(model.kind()), "kind must be one of " + new TreeSet<>(KINDS));
        demand(model.repository().matches("[\\w.-]+/[\\w.-]+"), "repository must be owner/name");
        demand(model.pipelines().containsAll(model.neededBy()), "needed must be true, false or some of pipelines");
        demand(!model.files().isEmpty(), "files must name one at least");
        return model;
    }

    private static Set<String> neededBy(Config entry) {
        if (!entry.hasPath("needed")) {
            return Set.of();
        }
        if (entry.getValue("needed").valueType() == ConfigValueType.LIST) {
            return Set.copyOf(entry.getStringList("needed"));
        }
        return entry.getBoolean("needed") ? Set.copyOf(entry.getStringList("pipelines")) : Set.of();
    }

    private static void demand(boolean good, String otherwise) {
        if (!good) {
            throw new IllegalArgumentException(otherwise);
        }
    }
}
