package io.github.tachyscope.store;

import java.nio.file.Path;

/**
 * One uploaded file.
 *
 * @param name of the file without folder and extension
 * @param path absolute
 * @param folder relative to the assets directory, empty for the directory itself
 * @param createdMillis since the epoch
 */
public record Asset(String name, Path path, long bytes, String folder, AssetKind kind, long createdMillis) {}
