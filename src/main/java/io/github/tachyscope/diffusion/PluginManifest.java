package io.github.tachyscope.diffusion;

import java.util.Optional;
import java.util.jar.Attributes;
import java.util.jar.Manifest;

/**
 * What a jar says of itself.
 *
 * <pre>
 *   Tachyscope-Contract: 1              which PipelineProvider it was compiled against; must be there
 *   Implementation-Title: kaleidoscope  name; the file's without it
 *   Implementation-Version: 1.0.0
 *   Implementation-Vendor: somebody
 *   Specification-Title: what it is for
 * </pre>
 */
record PluginManifest(String name, String version, Optional<String> author, Optional<String> description) {
    static final String CONTRACT = "Tachyscope-Contract";

    /** Protects lists and logs from a text without end; the rest is cut. */
    private static final int LONGEST_TEXT = 200;

    /**
     * Reads it.
     *
     * @param file name of the jar
     * @throws PluginRefused if the jar is for another contract or does not say for which
     */
    static PluginManifest of(Manifest manifest, String file) throws PluginRefused {
        Attributes main = manifest.getMainAttributes();
        String own = String.valueOf(PipelineProvider.CONTRACT);
        String theirs = text(main, CONTRACT)
                .orElseThrow(() -> new PluginRefused(
                        Plugins.Reason.CONTRACT_MISMATCH,
                        "its manifest has no " + CONTRACT + "; this server's contract is " + own));
        if (!theirs.equals(own)) {
            throw new PluginRefused(
                    Plugins.Reason.CONTRACT_MISMATCH,
                    "it was built for contract " + theirs + " and this server's is " + own
                            + "; use a version of the plugin for this server");
        }
        return new PluginManifest(
                text(main, Attributes.Name.IMPLEMENTATION_TITLE.toString())
                        .orElseGet(() -> file.substring(0, file.length() - PluginFolder.SUFFIX.length())),
                text(main, Attributes.Name.IMPLEMENTATION_VERSION.toString()).orElse("unknown"),
                text(main, Attributes.Name.IMPLEMENTATION_VENDOR.toString()),
                text(main, Attributes.Name.SPECIFICATION_TITLE.toString()));
    }

    private static Optional<String> text(Attributes attributes, String name) {
        return Optional.ofNullable(attributes.getValue(name))
                .map(String::strip)
                .filter(text -> !text.isEmpty())
                .map(text -> text.length() > LONGEST_TEXT ? text.substring(0, LONGEST_TEXT) : text);
    }
}
