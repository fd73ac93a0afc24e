package io.github.tachyscope.config;

import com.typesafe.config.Config;
import java.nio.file.Path;

/**
 * Directories and upload limits; see {@code tachyscope.storage} in {@code reference.conf}.
 *
 * @param maxUploadBytes largest single asset
 * @param maxAssetsBytes largest sum of all assets
 */
public record StorageSettings(Path modelsDir, Path assetsDir, Path loraDir, long maxUploadBytes, long maxAssetsBytes) {
    static StorageSettings from(Config c) {
        Path models = Path.of(c.getString("models-dir"));
        return new StorageSettings(
                models,
                Path.of(c.getString("assets-dir")),
                ServerSettings.path(c, "lora-dir").orElse(models.resolve("lora")),
                c.getBytes("max-upload-size"),
                c.getBytes("max-assets-size"));
    }
}
