package io.github.tachyscope.download;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.tachyscope.fetch.Checksum;
import io.github.tachyscope.fetch.Civitai;
import io.github.tachyscope.fetch.Credential;
import io.github.tachyscope.fetch.FetchFailed;
import io.github.tachyscope.fetch.FileFetch;
import io.github.tachyscope.fetch.Hub;
import io.github.tachyscope.store.LoraFile;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.UnaryOperator;

/**
 * Fetches one LoRA file and installs it with its checksum and where it came from. It blocks; interrupting its thread ends
 * it, and the same order later goes on where it ended.
 */
final class LoraInstall {
    private static final String MAIN = "main";

    /** How an order ended: one of the two is there. */
    record Outcome(Optional<LoraFile> file, Optional<Failure> failure) {}

    /** Where exactly the file is, and what is known of it. */
    private record Found(
            URI address,
            String usualName,
            Optional<Checksum> checksum,
            Optional<Credential> credential,
            ObjectNode provenance,
            UnaryOperator<FetchFailed> explained) {}

    private final DownloadParts parts;
    private final LoraOrder order;
    private final DownloadProgress progress;

    LoraInstall(DownloadParts parts, LoraOrder order, DownloadProgress progress) {
        this.parts = parts;
        this.order = order;
        this.progress = progress;
    }

    Outcome run() {
        Outcome outcome;
        try {
            outcome = new Outcome(Optional.of(install(find())), Optional.empty());
        } catch (Requests.Malformed malformed) {
            outcome = failed(new Failure(Failure.Kind.BAD_REQUEST, malformed.getMessage()));
        } catch (IOException | RuntimeException thrown) {
            outcome = failed(Failure.of(thrown));
        }
        progress.ended(outcome.failure());
        return outcome;
    }

    /** The outcome of an order that ended with a fault of ours. */
    static Outcome failed(DownloadProgress progress, Throwable fault) {
        Failure failure = Failure.of(fault);
        progress.ended(Optional.of(failure));
        return failed(failure);
    }

    private static Outcome failed(Failure failure) {
        return new Outcome(Optional.empty(), Optional.of(failure));
    }

    private LoraFile install(Found found) throws IOException {
        String last = order.wishes().filename().orElse(found.usualName());
        String name = order.wishes().folder().map(folder -> folder + "/" + last).orElse(last);
        Path part = parts.loras().begin(name);
        try {
            int number = progress.plan(name, OptionalLong.empty());
            progress.fetching();
            FileFetch fetch = new FileFetch(
                    found.address(),
                    part,
                    OptionalLong.empty(),
                    order.wishes().sha256().or(found::checksum),
                    Math.min(parts.maxLoraBytes(), parts.models().room()),
                    found.credential());
            FileFetch.Fetched fetched = fetched(fetch, number, found);
            ModelDownload.demandReadable(part, name);
            LoraFile file = parts.loras().install(name, fetched.sha256(), found.provenance());
            progress.done(number, fetched.bytes());
            return file;
        } finally {
            parts.loras().end(name);
        }
    }

    private FileFetch.Fetched fetched(FileFetch fetch, int number, Found found) {
        try {
            return parts.fetch().toFile(fetch, bytes -> progress.at(number, bytes));
        } catch (FetchFailed failed) {
            throw found.explained().apply(failed);
        }
    }

    private Found find() {
        if (order instanceof LoraOrder.OnHub file) {
            if (!Hub.isRepository(file.repository())) {
                throw new Requests.Malformed("A repository is named owner/name.");
            }
            return onHub(file.repository(), MAIN, file.file());
        }
        if (order instanceof LoraOrder.NewestOnCivitai model) {
            return onCivitai(
                    parts.civitai().newest(model.modelId(), order.wishes().civitaiToken()));
        }
        if (order instanceof LoraOrder.VersionOnCivitai version) {
            return onCivitai(
                    parts.civitai().version(version.versionId(), order.wishes().civitaiToken()));
        }
        return at(Requests.uri(((LoraOrder.AtAddress) order).address()));
    }

    private Found at(URI address) {
        Optional<Hub.Named> named = parts.hub().named(address);
        if (named.isPresent()) {
            Hub.Named file = Requests.demandFile(named.get());
            return onHub(file.repository(), file.revision(), file.path());
        }
        Optional<String> version = parts.civitai().versionOf(address);
        // A query chooses another file of the version than the primary one, of which we would be told.
        if (version.isPresent() && address.getRawQuery() == null) {
            return onCivitai(
                    parts.civitai().version(version.get(), order.wishes().civitaiToken()));
        }
        if (version.isEmpty() && (parts.civitai().serves(address) || parts.hub().serves(address))) {
            throw new Requests.Malformed(
                    "This is the address of a page, not of a file. Copy the address of the download" + " instead.");
        }
        ObjectNode provenance = provenance(version.isPresent() ? "civitai" : "url");
        version.ifPresent(id -> provenance.put("version_id", id));
        provenance.put("url", Requests.shown(address));
        return new Found(
                address,
                Requests.lastSegment(address),
                Optional.empty(),
                version.isPresent() ? parts.civitai().credential(order.wishes().civitaiToken()) : Optional.empty(),
                provenance,
                failed -> parts.explained(address, failed));
    }

    private Found onHub(String repository, String revision, String file) {
        URI address = parts.hub().fileAddress(repository, revision, file);
        ObjectNode provenance = provenance("huggingface")
                .put("repo_id", repository)
                .put("hf_filename", file)
                .put("url", address.toString());
        return new Found(
                address,
                file.substring(file.lastIndexOf('/') + 1),
                Optional.empty(),
                parts.hub().credential(),
                provenance,
                failed -> parts.hub().explained(failed, repository, revision));
    }

    private Found onCivitai(Civitai.Version version) {
        URI address = parts.civitai().fileAddress(version);
        ObjectNode provenance = provenance("civitai")
                .put("model_id", version.modelId())
                .put("version_id", version.versionId())
                .put("url", address.toString());
        return new Found(
                address,
                version.name(),
                version.checksum(),
                parts.civitai().credential(order.wishes().civitaiToken()),
                provenance,
                parts.civitai()::explained);
    }

    private static ObjectNode provenance(String source) {
        ObjectNode node = JsonNodeFactory.instance.objectNode().put("source", source);
        for (String key : new String[] {"repo_id", "hf_filename", "model_id", "version_id", "url"}) {
            node.putNull(key);
        }
        return node;
    }
}
