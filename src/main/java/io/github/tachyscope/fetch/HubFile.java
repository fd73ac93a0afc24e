package io.github.tachyscope.fetch;

import java.util.Optional;

/**
 * One file of a repository as its hub lists it.
 *
 * @param path as listed: not checked, it may be anything
 */
public record HubFile(String path, long bytes, Optional<Checksum> checksum) {}
