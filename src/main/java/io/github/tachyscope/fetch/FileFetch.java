package io.github.tachyscope.fetch;

import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * One file to fetch.
 *
 * @param part where to write; what is there already is gone on with
 * @param bytes length, if known
 * @param checksum of the complete file, if known
 * @param maxBytes a longer file is refused
 * @param credential shown to its own host only
 */
public record FileFetch(
        URI address,
        Path part,
        OptionalLong bytes,
        Optional<Checksum> checksum,
        long maxBytes,
        Optional<Credential> credential) {
    /** Hears how many bytes of the file are there; fewer than before if it had to begin again. */
    @FunctionalInterface
    public interface Progress {
        void at(long bytes);
    }

    /** A complete file. */
    public record Fetched(long bytes, String sha256) {}
}
