package io.github.tachyscope.download;

import io.github.tachyscope.config.Secret;
import io.github.tachyscope.fetch.Checksum;
import java.util.Optional;

/** Which LoRA file to install. */
public sealed interface LoraOrder {
    Wishes wishes();

    /** Under which the download is listed and cancelled. */
    String id();

    /**
     * What may be said about any of them.
     *
     * @param filename in place of the usual one
     * @param folder below that of all LoRA files
     * @param sha256 that the file must have
     * @param civitaiToken in place of the server's
     */
    record Wishes(
            Optional<String> filename,
            Optional<String> folder,
            Optional<Checksum> sha256,
            Optional<Secret> civitaiToken) {}

    /** The file at an address, of a hub or not. */
    record AtAddress(String address, Wishes wishes) implements LoraOrder {
        @Override
        public String id() {
            return address.replaceAll("[?#].*", "");
        }
    }

    /** A file of a repository on the hub. */
    record OnHub(String repository, String file, Wishes wishes) implements LoraOrder {
        @Override
        public String id() {
            return repository + "/" + file;
        }
    }

    /** The newest version of a model on Civitai. */
    record NewestOnCivitai(String modelId, Wishes wishes) implements LoraOrder {
        @Override
        public String id() {
            return "civitai:" + modelId;
        }
    }

    /** A version of a model on Civitai. */
    record VersionOnCivitai(String versionId, Wishes wishes) implements LoraOrder {
        @Override
        public String id() {
            return "civitai:version:" + versionId;
        }
    }
}
