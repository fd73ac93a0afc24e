package io.github.tachyscope.download;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.github.tachyscope.config.Settings;
import io.github.tachyscope.store.KeyStore;
import io.github.tachyscope.store.LoraStore;
import io.github.tachyscope.store.ModelStore;
import io.github.tachyscope.testkit.StandInHub;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** A hub, and a machine that downloads from it. */
final class Rig implements AutoCloseable {
    private static final Config DEFAULTS = ConfigFactory.load();

    static final String REPOSITORY = "maker/model";
    static final byte[] UNET = StandInHub.safetensors(200_000);
    static final byte[] VAE = StandInHub.safetensors(50_000);

    final StandInHub hub;
    final Path home;

    Rig(Path directory) {
        home = directory.resolve("home");
        hub = StandInHub.serve(directory.resolve("hub"))
                .put(REPOSITORY, "model_index.json", "{}".getBytes())
                .put(REPOSITORY, "unet/config.json", "{\"a\":1}".getBytes())
                .put(REPOSITORY, "unet/diffusion_pytorch_model.safetensors", UNET)
                .put(REPOSITORY, "vae/diffusion_pytorch_model.safetensors", VAE)
                .put(REPOSITORY, "vae/diffusion_pytorch_model.bin", new byte[100])
                .put(REPOSITORY, "README.md", "read me".getBytes());
    }

    /** As a process that starts now has them; more settings in HOCON. */
    DownloadParts parts(String... more) {
        Settings settings = settings(more);
        return DownloadParts.of(
                settings,
                new KeyStore(home.resolve("keys.json")),
                new ModelStore(models(), settings.models().minFreeBytes()),
                new LoraStore(home.resolve("lora"), Optional.empty()));
    }

    private Settings settings(String... more) {
        return Settings.from(ConfigFactory.parseString(String.join("\n", more))
                .withFallback(ConfigFactory.parseString(
                        "tachyscope.models { hub-url = \"%1$s\", civitai-url = \"%1$s\", min-free-space = 0, attempts = 1 }"
                                .formatted(hub.address())))
                .withFallback(DEFAULTS));
    }

    Path models() {
        return home.resolve("models");
    }

    Path file(String name) {
        return models().resolve(REPOSITORY).resolve(name);
    }

    static DownloadRequest all() {
        return request("all");
    }

    static DownloadRequest request(String id, String... files) {
        return new DownloadRequest(id, List.of(new Source.Repository(REPOSITORY, "main", List.of(files))));
    }

    @Override
    public void close() {
        hub.close();
    }
}
