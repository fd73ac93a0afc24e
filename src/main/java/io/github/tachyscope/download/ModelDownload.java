package io.github.tachyscope.download;

import io.github.tachyscope.fetch.Checksum;
import io.github.tachyscope.fetch.FetchFailed;
import io.github.tachyscope.fetch.FileFetch;
import io.github.tachyscope.fetch.HubFile;
import io.github.tachyscope.store.ModelFolder;
import io.github.tachyscope.store.ModelStore;
import io.github.tachyscope.tensor.SafetensorsFile;
import io.github.tachyscope.tensor.WeightsRejected;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/**
 * One download, from the list of files to the last checksum. Goes on with whatever an earlier attempt left.
 *
 * <pre>
 * list --> choose --> leave out what is there --> room on the disk? --> fetch, several at a time --> check --> rename
 * </pre>
 *
 * It blocks; interrupting its thread ends it and keeps the parts.
 */
public final class ModelDownload {
    /** Longest wait for threads that were told to end; they only wait for a disk. */
    private static final long END_SECONDS = 30;

    /** One file that is missing. */
    private record Missing(
            ModelFolder folder, int number, String name, FileFetch fetch, UnaryOperator<FetchFailed> explained) {}

    private final DownloadParts parts;
    private final DownloadRequest request;
    private final DownloadProgress progress;

    public ModelDownload(DownloadParts parts, DownloadRequest request, DownloadProgress progress) {
        this.parts = parts;
        this.request = request;
        this.progress = progress;
    }

    /** Why it failed; empty if all is there now. */
    public Optional<Failure> run() {
        Optional<Failure> failure = Optional.empty();
        try {
            download();
        } catch (IOException | RuntimeException thrown) {
            failure = Optional.of(Failure.of(thrown));
        } catch (InterruptedException interrupted) {
            failure = Optional.of(new Failure(Failure.Kind.CANCELLED, "The download was cancelled."));
        }
        progress.ended(failure);
        return failure;
    }

    private void download() throws IOException, InterruptedException {
        Map<String, ModelFolder> folders = new LinkedHashMap<>();
        try {
            List<Missing> missing = new ArrayList<>();
            for (Source source : request.sources()) {
                ModelFolder folder = folders.get(source.folder());
                if (folder == null) {
                    folder = parts.models().open(source.folder());
                    folders.put(source.folder(), folder);
                }
                missing.addAll(plan(source, folder));
            }
            demandSpace(missing);
            progress.fetching();
            fetch(missing);
            for (Source source : request.sources()) {
                complete(source, folders.get(source.folder()));
            }
        } finally {
            for (ModelFolder folder : folders.values()) {
                folder.close();
            }
        }
    }

    private static void complete(Source source, ModelFolder folder) throws IOException {
        if (source instanceof Source.Repository repository) {
            folder.complete(repository.repository(), repository.revision());
        } else if (source instanceof Source.Single single) {
            folder.complete(Requests.shown(single.address()), "");
        }
    }

    private List<Missing> plan(Source source, ModelFolder folder) throws IOException {
        return source instanceof Source.Repository repository
                ? plan(repository, folder)
                : plan((Source.Single) source, folder);
    }

    private List<Missing> plan(Source.Single single, ModelFolder folder) throws IOException {
        ModelStore.demandSafe(single.name());
        FileFetch fetch = new FileFetch(
                single.address(),
                folder.part(single.name()),
                OptionalLong.empty(),
                Optional.empty(),
                parts.models().room(),
                parts.credential(single.address()));
        int number = progress.plan(single.name(), OptionalLong.empty());
        return List.of(
                new Missing(folder, number, single.name(), fetch, failed -> parts.explained(single.address(), failed)));
    }

    private List<Missing> plan(Source.Repository source, ModelFolder folder) throws IOException {
        List<HubFile> listed = parts.hub().files(source.repository(), source.revision());
        List<HubFile> chosen = FileChoice.of(source.repository(), listed, source.files());
        folder.expect(chosen.stream().collect(Collectors.toMap(HubFile::path, HubFile::bytes, (one, same) -> one)));
        List<Missing> missing = new ArrayList<>();
        for (HubFile file : chosen) {
            int number = progress.plan(source.repository() + "/" + file.path(), OptionalLong.of(file.bytes()));
            if (isThere(folder, file)) {
                progress.done(number, file.bytes());
            } else {
                FileFetch fetch =
                        parts.hub().file(source.repository(), source.revision(), file, folder.part(file.path()));
                missing.add(new Missing(
                        folder,
                        number,
                        file.path(),
                        fetch,
                        failed -> parts.hub().explained(failed, source.repository(), source.revision())));
            }
        }
        return missing;
    }

    private static boolean isThere(ModelFolder folder, HubFile file) throws IOException {
        Optional<Path> there = folder.file(file.path(), file.bytes());
        if (there.isEmpty() || file.checksum().isEmpty()) {
            return there.isPresent();
        }
        Checksum wanted = file.checksum().get();
        boolean fetched = wanted.kind() == Checksum.Kind.SHA256
                && folder.sha256(file.path(), file.bytes()).equals(Optional.of(wanted.hex()));
        return fetched || wanted.matches(there.get());
    }

    private void demandSpace(List<Missing> missing) throws IOException {
        long bytes = 0;
        for (Missing one : missing) {
            if (one.fetch().bytes().isPresent()) {
                bytes += Math.max(
                        0, one.fetch().bytes().getAsLong() - one.folder().partBytes(one.name()));
            }
        }
        parts.models().demandSpace(bytes);
    }

    private void fetch(List<Missing> missing) throws IOException, InterruptedException {
        if (missing.isEmpty()) {
            return;
        }
        ExecutorService threads = Executors.newFixedThreadPool(
                Math.min(parts.parallelFiles(), missing.size()),
                work -> daemon(work, Thread.currentThread().getName()));
        try {
            ExecutorCompletionService<Void> files = new ExecutorCompletionService<>(threads);
            for (Missing one : missing) {
                files.submit(() -> fetch(one), null);
            }
            for (int i = 0; i < missing.size(); i++) {
                files.take().get();
            }
        } catch (ExecutionException failed) {
            throw failed.getCause() instanceof RuntimeException known
                    ? known
                    : new IllegalStateException(failed.getCause());
        } finally {
            threads.shutdownNow();
            end(threads);
        }
    }

    private static Thread daemon(Runnable work, String name) {
        Thread thread = new Thread(work, name + "-file");
        thread.setDaemon(true);
        return thread;
    }

    /** Waits even when interrupted: nobody may write to the folders once they are free for others. */
    private static void end(ExecutorService threads) {
        boolean interrupted = Thread.interrupted();
        try {
            threads.awaitTermination(END_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException again) {
            interrupted = true;
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void fetch(Missing one) {
        try {
            FileFetch.Fetched fetched = parts.fetch().toFile(one.fetch(), bytes -> progress.at(one.number(), bytes));
            demandReadable(one.fetch().part(), one.name());
            one.folder().commit(one.name(), fetched.sha256());
            progress.done(one.number(), fetched.bytes());
        } catch (FetchFailed failed) {
            throw one.explained().apply(failed);
        } catch (IOException failed) {
            throw new FetchFailed(FetchFailed.Kind.DISK, "The file cannot be put into its place.");
        }
    }

    /** A page that asks for a login, saved as weights, would be found out only when a pipeline loads them. */
    static void demandReadable(Path part, String name) throws IOException {
        if (!name.endsWith(".safetensors")) {
            return;
        }
        try {
            SafetensorsFile.open(part).close();
        } catch (WeightsRejected rejected) {
            Files.deleteIfExists(part);
            throw rejected;
        }
    }
}
