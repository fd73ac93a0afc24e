package io.github.tachyscope.config;

import java.nio.file.Path;

/**
 * Directories and upload limits; see {@code tachyscope.storage} in {@code reference.conf}.
 *
 * @param maxUploadBytes largest single asset
 * @param maxAssetsBytes largest sum of all assets
 */
public record StorageSettings(Path modelsDir, Path assetsDir, Path loraDir, long maxUploadBytes, long maxAssetsBytes) {
    static StorageSettings from(Section section) {
        Path models = section.path("models-dir");
        return new StorageSettings(
                models,
                section.path("assets-dir"),
                section.optionalPath("lora-dir").orElse(models.resolve("lora")),
                section.bytes("max-upload-size", 1, Long.MAX_VALUE),
                section.bytes("max-assets-size", 1, Long.MAX_VALUE));
    }
}
