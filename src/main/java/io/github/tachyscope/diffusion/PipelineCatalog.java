package io.github.tachyscope.diffusion;

import io.github.tachyscope.config.PipelineSettings;
import io.github.tachyscope.tensor.Placement;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All pipelines of this server by id: those in the tree, those in plugin jars, and their aliases. */
public final class PipelineCatalog implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(PipelineCatalog.class);

    /** In failures, the place of what is no jar in the directory of plugins. */
    private static final String CLASS_PATH = "class path";

    private final Map<String, PipelineProvider> providers = new LinkedHashMap<>();
    private final List<PluginJar> jars = new ArrayList<>();
    private final List<Plugins.Failure> failures = new ArrayList<>();

    private PipelineCatalog() {}

    /**
     * Everything that {@link ServiceLoader} finds on the class path and in the jars of the directory of plugins. What is
     * broken is listed under {@link #plugins()}.
     *
     * @throws IllegalArgumentException if an alias names an unknown pipeline or is the id of another one, or the
     *     directory of plugins is none
     */
    public static PipelineCatalog discover(PipelineSettings settings) {
        PipelineCatalog catalog = new PipelineCatalog();
        try {
            catalog.addClassPath(settings);
            for (Path jar : settings.pluginsDir().map(PluginFolder::jars).orElse(List.of())) {
                catalog.addJar(jar, settings);
            }
            catalog.addAliases(settings);
            return catalog;
        } catch (RuntimeException wrongSettings) {
            catalog.close();
            throw wrongSettings;
        }
    }

    /** These providers and the aliases of {@code settings}. */
    public static PipelineCatalog of(List<PipelineProvider> providers, PipelineSettings settings) {
        PipelineCatalog catalog = new PipelineCatalog();
        providers.forEach(provider -> catalog.add(provider, settings));
        catalog.addAliases(settings);
        return catalog;
    }

    private void addClassPath(PipelineSettings settings) {
        Iterator<PipelineProvider> found =
                ServiceLoader.load(PipelineProvider.class).iterator();
        boolean more = true;
        while (more) {
            try {
                more = found.hasNext();
                if (more) {
                    add(found.next(), settings);
                }
            } catch (ServiceConfigurationError broken) {
                unusable(CLASS_PATH, broken);
            }
        }
    }

    private void add(PipelineProvider provider, PipelineSettings settings) {
        String name = provider.getClass().getName();
        try {
            PipelineProvider configured = provider.configured(settings);
            String id = configured.spec().id();
            if (providers.putIfAbsent(id, configured) != null) {
                failures.add(new Plugins.Failure(
                        CLASS_PATH, name, Plugins.Reason.NAME_TAKEN, "the pipeline id " + id + " is already taken"));
            }
        } catch (RuntimeException | LinkageError broken) {
            unusable(name, broken);
        }
    }

    private void unusable(String name, Throwable broken) {
        log.warn("the pipeline provider {} cannot be used", name, broken);
        failures.add(new Plugins.Failure(
                CLASS_PATH,
                name,
                Plugins.Reason.BROKEN_PROVIDER,
                "its provider could not be used; the log of the server says why"));
    }

    private void addJar(Path path, PipelineSettings settings) {
        String file = path.getFileName().toString();
        try {
            PluginJar jar = PluginJar.open(path);
            boolean used = false;
            if (jars.stream()
                    .anyMatch(other ->
                            other.manifest().name().equals(jar.manifest().name()))) {
                jar.close();
                throw new PluginRefused(
                        Plugins.Reason.NAME_TAKEN,
                        "there is another plugin named " + jar.manifest().name());
            }
            for (PluginProvider provider : jar.providers(settings)) {
                if (providers.putIfAbsent(provider.spec().id(), provider) == null) {
                    used = true;
                } else {
                    jar.taken(provider);
                }
            }
            failures.addAll(jar.failures());
            if (used) {
                jars.add(jar);
            } else {
                jar.close();
            }
        } catch (PluginRefused refused) {
            log.warn("plugin {}: {}", file, refused.getMessage(), refused.getCause());
            failures.add(refused.failure(file, file));
        }
    }

    private void addAliases(PipelineSettings settings) {
        Map<String, PipelineProvider> real = new LinkedHashMap<>(providers);
        settings.aliases().forEach((alias, id) -> {
            PipelineProvider provider = real.get(id);
            if (provider == null) {
                throw new IllegalArgumentException("tachyscope.pipelines.aliases: " + alias + " = " + id
                        + " names an unknown pipeline; known are " + String.join(", ", real.keySet()));
            }
            if (real.containsKey(alias)) {
                throw new IllegalArgumentException(
                        "tachyscope.pipelines.aliases: " + alias + " is the id of a pipeline already");
            }
            providers.put(alias, new AliasedProvider(provider, provider.spec().as(alias)));
        });
    }

    public Optional<PipelineProvider> provider(String id) {
        return Optional.ofNullable(providers.get(id));
    }

    public Optional<PipelineSpec> spec(String id) {
        return provider(id).map(PipelineProvider::spec);
    }

    /** All specs, aliases included. */
    public List<PipelineSpec> specs() {
        return providers.values().stream().map(PipelineProvider::spec).toList();
    }

    /** Where those come from that are not the server's own, and what cannot be used. */
    public Plugins plugins() {
        return new Plugins(jars.stream().map(this::plugin).toList(), failures);
    }

    private Plugins.Plugin plugin(PluginJar jar) {
        PluginManifest manifest = jar.manifest();
        List<String> pipelines = providers.entrySet().stream()
                .filter(entry -> original(entry.getValue()) instanceof PluginProvider provider
                        && provider.door().plugin().equals(manifest.name()))
                .map(Map.Entry::getKey)
                .toList();
        return new Plugins.Plugin(
                manifest.name(), manifest.version(), manifest.author(), manifest.description(), jar.file(), pipelines);
    }

    private static PipelineProvider original(PipelineProvider provider) {
        return provider instanceof AliasedProvider aliased ? aliased.original() : provider;
    }

    /** Closes the jars; none of their pipelines may be in use any more. */
    @Override
    public void close() {
        jars.forEach(PluginJar::close);
    }

    private record AliasedProvider(PipelineProvider original, PipelineSpec spec) implements PipelineProvider {
        @Override
        public Pipeline load(Parameters parameters, Placement placement, LoadProgress progress) {
            return new AliasedPipeline(original.load(parameters, placement, progress), spec);
        }
    }

    private record AliasedPipeline(Pipeline original, PipelineSpec spec) implements Pipeline {
        @Override
        public Generation open(GenerationRequest request) {
            return original.open(request);
        }

        @Override
        public List<StepResult> run(Lane lane, List<Generation> batch) {
            return original.run(lane, batch);
        }

        @Override
        public void close() {
            original.close();
        }
    }
}
