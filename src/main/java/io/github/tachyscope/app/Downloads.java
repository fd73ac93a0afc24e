package io.github.tachyscope.app;

import io.github.tachyscope.config.Settings;
import io.github.tachyscope.download.DownloadParts;
import io.github.tachyscope.download.ModelShelf;
import io.github.tachyscope.store.KeyStore;
import io.github.tachyscope.store.LoraStore;
import io.github.tachyscope.store.ModelStore;

/** How downloads are wired, for the server and for the command line alike. */
final class Downloads {
    private Downloads() {}

    static DownloadParts parts(Settings settings) {
        return DownloadParts.of(
                settings,
                keys(settings),
                new ModelStore(settings.storage().modelsDir(), settings.models().minFreeBytes()),
                new LoraStore(settings.storage().loraDir(), settings.storage().loraSharedDir()));
    }

    /** Beside the directory of the models. */
    static KeyStore keys(Settings settings) {
        return new KeyStore(settings.storage().modelsDir().resolveSibling("keys.json"));
    }

    static ModelShelf shelf(Settings settings, DownloadParts parts) {
        return new ModelShelf(
                settings.models().catalogue(),
                parts.models(),
                settings.pipelines().aliases());
    }
}
