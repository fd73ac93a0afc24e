package io.github.tachyscope.config;

import java.util.Map;

/**
 * The environment variables that set a key. {@code reference.conf} names each of them above its key, and a test holds
 * the two together; nothing else in the environment has an effect unless a configuration file refers to it.
 */
final class Environment {
    /** Path of the configuration file; it chooses a layer and therefore sets no key. */
    static final String FILE = "TACHYSCOPE_CONFIG";

    /** Variable to the key that it sets. */
    static final Map<String, String> KEYS = Map.ofEntries(
            Map.entry("TACHYSCOPE_HOST", "tachyscope.server.host"),
            Map.entry("TACHYSCOPE_PORT", "tachyscope.server.port"),
            Map.entry("TACHYSCOPE_ACCESS_TOKEN", "tachyscope.server.access-token"),
            Map.entry("TACHYSCOPE_LOG_FORMAT", "tachyscope.logging.format"),
            Map.entry("VERBOSE_LOGGING", "tachyscope.server.verbose-logging"),
            Map.entry("PIPELINE", "tachyscope.pipelines.preload"),
            Map.entry("DAYDREAM_SCOPE_MODELS_DIR", "tachyscope.storage.models-dir"),
            Map.entry("DAYDREAM_SCOPE_ASSETS_DIR", "tachyscope.storage.assets-dir"),
            Map.entry("DAYDREAM_SCOPE_LORA_DIR", "tachyscope.storage.lora-dir"),
            Map.entry("DAYDREAM_SCOPE_LORA_SHARED_DIR", "tachyscope.storage.lora-shared-dir"),
            Map.entry("COMFYUI_PREVIEW_METHOD", "tachyscope.comfy.preview.method"),
            Map.entry("COMFYUI_PREVIEW_QUALITY", "tachyscope.comfy.preview.quality"),
            Map.entry("HF_HUB_OFFLINE", "tachyscope.models.offline"),
            Map.entry("HF_ENDPOINT", "tachyscope.models.hub-url"),
            Map.entry("HF_TOKEN", "tachyscope.credentials.hugging-face"),
            Map.entry("HUGGING_FACE_HUB_TOKEN", "tachyscope.credentials.hugging-face"),
            Map.entry("CIVITAI_API_TOKEN", "tachyscope.credentials.civitai"));

    private Environment() {}
}
