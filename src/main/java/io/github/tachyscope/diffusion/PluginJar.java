package io.github.tachyscope.diffusion;

import io.github.tachyscope.config.PipelineSettings;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A plugin: one jar with a class loader of its own, which asks the server's first and knows of no other plugin.
 *
 * <p>What goes wrong is a {@link Plugins.Failure} with a text for clients; the log has the details.
 */
final class PluginJar implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(PluginJar.class);

    /** Protects the catalogue from a provider list without end. */
    private static final int MOST_PROVIDERS = 100;

    private static final String SEE_LOG = "; the log of the server says why";

    private final String file;
    private final PluginManifest manifest;
    private final URLClassLoader loader;
    private final List<Plugins.Failure> failures = new ArrayList<>();

    private PluginJar(String file, PluginManifest manifest, URLClassLoader loader) {
        this.file = file;
        this.manifest = manifest;
        this.loader = loader;
    }

    /** Opens a jar and reads what it says of itself; none of its code runs. */
    static PluginJar open(Path path) throws PluginRefused {
        String file = path.getFileName().toString();
        try (JarFile jar = new JarFile(path.toFile())) {
            PluginManifest manifest =
                    PluginManifest.of(Optional.ofNullable(jar.getManifest()).orElseGet(Manifest::new), file);
            URL[] urls = {path.toUri().toURL()};
            return new PluginJar(
                    file, manifest, new URLClassLoader("plugin " + file, urls, PluginJar.class.getClassLoader()));
        } catch (IOException | SecurityException unreadable) {
            throw new PluginRefused(
                    Plugins.Reason.UNREADABLE_JAR, "it is not a jar that we can read" + SEE_LOG, unreadable);
        }
    }

    PluginManifest manifest() {
        return manifest;
    }

    String file() {
        return file;
    }

    /** What went wrong in {@link #providers}. */
    List<Plugins.Failure> failures() {
        return List.copyOf(failures);
    }

    /** The providers that can be used, asked what they are. */
    List<PluginProvider> providers(PipelineSettings settings) {
        PluginDoor door = new PluginDoor(manifest.name(), loader);
        List<PluginProvider> usable = new ArrayList<>();
        List<ServiceLoader.Provider<PipelineProvider>> found = found();
        if (found.isEmpty() && failures.isEmpty()) {
            fail(new PluginRefused(
                    Plugins.Reason.NO_PROVIDER,
                    "it has no META-INF/services/" + PipelineProvider.class.getName() + " that names a class in it"));
        }
        for (ServiceLoader.Provider<PipelineProvider> provider : found) {
            String name = provider.type().getName();
            try {
                usable.add(describe(provider, door, settings));
            } catch (PluginRefused refused) {
                fail(name, refused);
            }
        }
        return usable;
    }

    /** Those that are in this jar; its class loader finds the server's own too. */
    private List<ServiceLoader.Provider<PipelineProvider>> found() {
        List<ServiceLoader.Provider<PipelineProvider>> own = new ArrayList<>();
        Iterator<ServiceLoader.Provider<PipelineProvider>> all =
                ServiceLoader.load(PipelineProvider.class, loader).stream().iterator();
        for (int tries = 0; tries < MOST_PROVIDERS; tries++) {
            try {
                if (!all.hasNext()) {
                    return own;
                }
                ServiceLoader.Provider<PipelineProvider> next = all.next();
                if (next.type().getClassLoader() == loader) {
                    own.add(next);
                }
            } catch (ServiceConfigurationError | LinkageError broken) {
                fail(broken(broken));
            }
        }
        return own;
    }

    // Throwable: whatever a plugin throws, the server starts without it.
    private static PluginProvider describe(
            ServiceLoader.Provider<PipelineProvider> found, PluginDoor door, PipelineSettings settings)
            throws PluginRefused {
        try {
            PipelineProvider configured = door.enter(() -> found.get().configured(settings));
            PipelineSpec spec = door.enter(configured::spec);
            SpecCheck.check(spec);
            return new PluginProvider(configured, spec, door);
        } catch (SpecCheck.Incomplete incomplete) {
            throw new PluginRefused(Plugins.Reason.BROKEN_PROVIDER, incomplete.getMessage(), incomplete);
        } catch (Throwable broken) {
            throw broken(broken);
        }
    }

    private static PluginRefused broken(Throwable cause) {
        for (Throwable link = cause; link != null; link = link.getCause()) {
            if (link instanceof LinkageError) {
                return new PluginRefused(
                        Plugins.Reason.BROKEN_PROVIDER,
                        "a class that it needs is missing or differs from the one it was compiled against;"
                                + " compile it against this version of the server",
                        cause);
            }
        }
        return new PluginRefused(Plugins.Reason.BROKEN_PROVIDER, "its provider could not be used" + SEE_LOG, cause);
    }

    /** Takes a provider back: its id belongs to another one. */
    void taken(PluginProvider provider) {
        fail(
                provider.original().getClass().getName(),
                new PluginRefused(
                        Plugins.Reason.NAME_TAKEN,
                        "the pipeline id " + provider.spec().id() + " is already taken"));
    }

    private void fail(PluginRefused refused) {
        fail(file, refused);
    }

    private void fail(String provider, PluginRefused refused) {
        log.warn("plugin {}: {}: {}", file, provider, refused.getMessage(), refused.getCause());
        failures.add(refused.failure(file, provider));
    }

    @Override
    public void close() {
        try {
            loader.close();
        } catch (IOException stuck) {
            log.warn("plugin {} could not be closed: {}", file, stuck.toString());
        }
    }
}
