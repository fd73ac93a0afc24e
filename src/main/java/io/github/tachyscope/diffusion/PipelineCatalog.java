package io.github.tachyscope.diffusion;

import io.github.tachyscope.config.PipelineSettings;
import io.github.tachyscope.tensor.Placement;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;

/** All pipelines of this server by id: those in the tree, those in plugin jars, and their aliases. */
public final class PipelineCatalog {
    private final Map<String, PipelineProvider> providers = new LinkedHashMap<>();
    private final List<Failure> failures = new ArrayList<>();

    /**
     * A provider that cannot be used.
     *
     * @param provider its class or id
     * @param message why
     */
    public record Failure(String provider, String message) {}

    private PipelineCatalog() {}

    /**
     * Everything that {@link ServiceLoader} finds. A broken provider is listed under {@link #failures()}.
     *
     * @throws IllegalArgumentException if an alias names an unknown pipeline or is the id of another one
     */
    public static PipelineCatalog discover(PipelineSettings settings) {
        PipelineCatalog catalog = new PipelineCatalog();
        Iterator<PipelineProvider> found =
                ServiceLoader.load(PipelineProvider.class).iterator();
        boolean more = true;
        while (more) {
            try {
                more = found.hasNext();
                if (more) {
                    catalog.add(found.next(), settings);
                }
            } catch (ServiceConfigurationError broken) {
                catalog.failures.add(new Failure("plugin", String.valueOf(broken.getMessage())));
            }
        }
        catalog.addAliases(settings);
        return catalog;
    }

    /** These providers and the aliases of {@code settings}. */
    public static PipelineCatalog of(List<PipelineProvider> providers, PipelineSettings settings) {
        PipelineCatalog catalog = new PipelineCatalog();
        providers.forEach(provider -> catalog.add(provider, settings));
        catalog.addAliases(settings);
        return catalog;
    }

    private void add(PipelineProvider provider, PipelineSettings settings) {
        String name = provider.getClass().getName();
        try {
            PipelineProvider configured = provider.configured(settings);
            String id = configured.spec().id();
            if (providers.putIfAbsent(id, configured) != null) {
                failures.add(new Failure(name, "the pipeline id " + id + " is already taken"));
            }
        } catch (RuntimeException | LinkageError broken) {
            failures.add(new Failure(name, String.valueOf(broken.getMessage())));
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

    public List<Failure> failures() {
        return List.copyOf(failures);
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
