package io.github.tachyscope.diffusion;

import java.util.List;
import java.util.Optional;

/**
 * Where the pipelines that do not come with the server come from, and which of them cannot be used.
 *
 * @param loaded jars of which at least one pipeline can be used
 * @param failed what cannot be used; nothing here stops the server
 */
public record Plugins(List<Plugin> loaded, List<Failure> failed) {
    public static final Plugins NONE = new Plugins(List.of(), List.of());

    public Plugins {
        loaded = List.copyOf(loaded);
        failed = List.copyOf(failed);
    }

    /**
     * A jar.
     *
     * @param name as its manifest says, or that of its file
     * @param version as its manifest says, or {@code unknown}
     * @param file name of the jar, without its folder
     * @param pipelines ids, aliases included
     */
    public record Plugin(
            String name,
            String version,
            Optional<String> author,
            Optional<String> description,
            String file,
            List<String> pipelines) {
        public Plugin {
            pipelines = List.copyOf(pipelines);
        }
    }

    /**
     * A jar, or one provider in it, that cannot be used.
     *
     * @param file name of the jar, without its folder
     * @param provider its class as the jar names it; the file where it is about all of it
     * @param message fit for the client: what is wrong, and what to do
     */
    public record Failure(String file, String provider, Reason reason, String message) {}

    /** Sorts of failures. */
    public enum Reason {
        UNREADABLE_JAR("UnreadableJar"),
        CONTRACT_MISMATCH("ContractMismatch"),
        NO_PROVIDER("NoProvider"),
        BROKEN_PROVIDER("BrokenProvider"),
        NAME_TAKEN("NameTaken");

        private final String wireName;

        Reason(String wireName) {
            this.wireName = wireName;
        }

        /** As clients see it. */
        public String wireName() {
            return wireName;
        }
    }

    public Optional<Plugin> named(String name) {
        return loaded.stream().filter(plugin -> plugin.name().equals(name)).findFirst();
    }

    /** The plugin that a pipeline comes from; empty for one that comes with the server. */
    public Optional<Plugin> of(String pipelineId) {
        return loaded.stream()
                .filter(plugin -> plugin.pipelines().contains(pipelineId))
                .findFirst();
    }
}
