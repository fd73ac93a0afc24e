package io.github.tachyscope.config;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The interface for clients of ComfyUI; see {@code tachyscope.comfy} in {@code reference.conf}.
 *
 * @param listener a port of its own; empty for none
 * @param corsOrigin the only origin whose pages may call, {@code *} for all; empty for none but this server's own
 * @param maxUploadBytes of one picture
 * @param aliases name of a checkpoint in graphs to the model that it stands for
 * @param standIn id of the pipeline that draws for models that are not here; empty refuses such graphs
 * @param maxHistory most entries of the history
 */
public record ComfySettings(
        boolean enabled,
        Optional<Listener> listener,
        Preview preview,
        Optional<String> corsOrigin,
        long maxUploadBytes,
        Map<String, String> aliases,
        Optional<String> standIn,
        Limits limits,
        int maxHistory) {
    /** Ways to see a picture before it is done. */
    public static final List<String> PREVIEW_METHODS = List.of("latent2rgb", "none", "auto", "taesd", "full");

    /** Largest side of pictures and previews; what graphs may ask for at most. */
    private static final int MAX_SIDE = 16_384;

    /** Where this interface listens besides the port of the server. */
    public record Listener(String host, int port) {}

    /**
     * Pictures while a graph runs.
     *
     * @param size their longer side
     */
    public record Preview(String method, int size, int quality) {}

    /** What one graph may ask for; empty is without limit. */
    public record Limits(
            Optional<Integer> frames, Optional<Integer> width, Optional<Integer> height, Optional<Integer> steps) {
        static Limits from(Section section) {
            return new Limits(
                    limit(section, "frames"),
                    limit(section, "width"),
                    limit(section, "height"),
                    limit(section, "steps"));
        }

        private static Optional<Integer> limit(Section section, String key) {
            return Optional.of(section.whole(key, 0, MAX_SIDE)).filter(most -> most > 0);
        }
    }

    static ComfySettings from(Section section, ServerSettings server) {
        Section preview = section.section("preview");
        return new ComfySettings(
                section.flag("enabled"),
                listener(section.section("listener"), server),
                new Preview(
                        preview.oneOf("method", PREVIEW_METHODS),
                        preview.whole("size", 16, 4096),
                        preview.whole("quality", 1, 100)),
                section.optionalText("cors-origin"),
                section.bytes("max-upload-size", 1, 4L << 30),
                Map.copyOf(section.names("aliases")),
                section.optionalText("stand-in"),
                Limits.from(section.section("limits")),
                section.whole("max-history", 1, 10_000));
    }

    private static Optional<Listener> listener(Section section, ServerSettings server) {
        String host = section.optionalText("host").orElse(server.host());
        Listener listener = new Listener(host, section.whole("port", 0, 65_535));
        boolean wanted = section.flag("enabled");
        if (wanted && server.exposedOn(host) && server.tokens().isEmpty() && !server.allowExposed()) {
            section.reject(
                    "host",
                    "\"" + host + "\" can be reached from other machines, and there is no access token; see"
                            + " tachyscope.server.host");
        }
        return wanted ? Optional.of(listener) : Optional.empty();
    }
}
