package io.github.tachyscope.config;

import java.nio.file.Path;
import java.util.Optional;

/**
 * Directories and upload limits; see {@code tachyscope.storage} in {@code reference.conf}.
 *
 * @param mediaDir folders for what jobs make and clients send, under names that people choose
 * @param loraSharedDir further LoRA files, only read
 * @param maxUploadBytes largest single asset
 * @param maxAssetsBytes largest sum of all assets
 */
public record StorageSettings(
        Path modelsDir,
        Path assetsDir,
        Path mediaDir,
        Path loraDir,
        Optional<Path> loraSharedDir,
        long maxUploadBytes,
        long maxAssetsBytes) {
    static StorageSettings from(Section section) {
        Path models = section.path("models-dir");
        return new StorageSettings(
                models,
                section.path("assets-dir"),
                section.path("media-dir"),
                section.optionalPath("lora-dir").orElse(models.resolve("lora")),
                section.optionalPath("lora-shared-dir"),
                section.bytes("max-upload-size", 1, Long.MAX_VALUE),
                section.bytes("max-assets-size", 1, Long.MAX_VALUE));
    }
}
