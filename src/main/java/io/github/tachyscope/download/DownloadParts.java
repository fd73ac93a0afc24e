package io.github.tachyscope.download;

import io.github.tachyscope.config.ModelSettings;
import io.github.tachyscope.config.Secret;
import io.github.tachyscope.config.Settings;
import io.github.tachyscope.fetch.Civitai;
import io.github.tachyscope.fetch.Credential;
import io.github.tachyscope.fetch.Fetch;
import io.github.tachyscope.fetch.FetchFailed;
import io.github.tachyscope.fetch.HostPolicy;
import io.github.tachyscope.fetch.Hub;
import io.github.tachyscope.fetch.Patience;
import io.github.tachyscope.store.KeyStore;
import io.github.tachyscope.store.LoraStore;
import io.github.tachyscope.store.ModelStore;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What downloads work with. */
public record DownloadParts(
        Fetch fetch,
        Hub hub,
        Civitai civitai,
        ModelStore models,
        LoraStore loras,
        int parallelFiles,
        long maxLoraBytes) {
    private static final Logger LOG = LoggerFactory.getLogger(DownloadParts.class);
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);

    /** @param keys tokens that clients stored; those of the configuration win */
    public static DownloadParts of(Settings settings, KeyStore keys, ModelStore models, LoraStore loras) {
        ModelSettings model = settings.models();
        HostPolicy policy =
                model.offline() ? HostPolicy.offline() : HostPolicy.of(model.allowedHosts(), model.trustedOrigins());
        Fetch fetch = new Fetch(
                policy,
                new Patience(
                        model.connectTimeout(),
                        model.replyTimeout(),
                        model.stallTimeout(),
                        model.attempts(),
                        FIRST_PAUSE,
                        LONGEST_PAUSE));
        return new DownloadParts(
                fetch,
                new Hub(
                        fetch,
                        model.hubUrl(),
                        () -> settings.credentials().huggingFace().or(() -> stored(keys, "huggingface"))),
                new Civitai(
                        fetch,
                        model.civitaiUrl(),
                        () -> settings.credentials().civitai().or(() -> stored(keys, "civitai"))),
                models,
                loras,
                model.parallelFiles(),
                model.maxLoraBytes());
    }

    private static Optional<Secret> stored(KeyStore keys, String service) {
        try {
            return keys.value(service).map(Secret::new);
        } catch (IOException unreadable) {
            LOG.warn("the stored keys cannot be read: {}", unreadable.toString());
            return Optional.empty();
        }
    }

    /** The token for an address, if it is of a host that we have one for. */
    Optional<Credential> credential(URI address) {
        return hub.serves(address)
                ? hub.credential()
                : civitai.serves(address) ? civitai.credential(Optional.empty()) : Optional.empty();
    }

    /** The failure of an address in words that say what to do. */
    FetchFailed explained(URI address, FetchFailed failed) {
        return civitai.serves(address) ? civitai.explained(failed) : failed;
    }
}
