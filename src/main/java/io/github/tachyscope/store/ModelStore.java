package io.github.tachyscope.store;

import io.github.tachyscope.store.StoreRefused.Reason;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.function.ToLongFunction;

/**
 * Weights on the disk, a folder for each repository.
 *
 * <pre>
 * {root}/{owner}/{name}/unet/config.json ...      what pipelines read
 * {root}/{owner}/{name}/.parts/unet/....part      what is still being fetched
 * {root}/{owner}/{name}/.tachyscope.json          lengths and checksums of what was fetched
 * {root}/.downloads.json                          which downloads are under way
 * </pre>
 *
 * A folder that somebody put there by hand is as good as a fetched one. Safe for many threads.
 */
public final class ModelStore {
    /** Weights that cannot run code, and the small texts beside them. */
    private static final Set<String> EXTENSIONS = Set.of(".safetensors", ".json", ".txt");

    private static final Set<String> PICKLES = Set.of(".bin", ".ckpt", ".pt", ".pth", ".pkl", ".pickle");

    private final ContainedDirectory root;
    private final long minFreeBytes;
    private final ToLongFunction<Path> freeBytes;
    private final DownloadList underWay;

    /** @param minFreeBytes space that every download leaves on the disk */
    public ModelStore(Path root, long minFreeBytes) {
        this(root, minFreeBytes, ModelStore::usable);
    }

    ModelStore(Path root, long minFreeBytes, ToLongFunction<Path> freeBytes) {
        this.root = new ContainedDirectory(root);
        this.minFreeBytes = minFreeBytes;
        this.freeBytes = freeBytes;
        this.underWay = new DownloadList(this.root.root().resolve(".downloads.json"));
    }

    private static long usable(Path folder) {
        try {
            return Files.getFileStore(folder).getUsableSpace();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** Which downloads are under way, so that the next start goes on with them. */
    public DownloadList underWay() {
        return underWay;
    }

    /** Where a repository's files are, or will be. */
    Path folder(String repository) {
        return root.root().resolve(repository);
    }

    /**
     * Whether there is a whole file for each pattern, and none that matches is still expected; in place of one in 16 bits
     * ({@code .fp16.}) the plain one will do.
     */
    public boolean present(String repository, List<String> patterns) {
        try {
            ModelFolder.Contents contents = ModelFolder.contents(folder(repository));
            return patterns.stream()
                    .allMatch(
                            pattern -> isThere(contents, pattern) || isThere(contents, pattern.replace(".fp16.", ".")));
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private static boolean isThere(ModelFolder.Contents contents, String pattern) {
        FilePattern compiled = new FilePattern(pattern);
        return contents.whole().stream().anyMatch(compiled::matches)
                && contents.lacking().stream().noneMatch(compiled::matches);
    }

    /** Whether a file of that name is fetched at all. */
    public static boolean takes(String name) {
        return EXTENSIONS.contains(FileNames.extension(name));
    }

    /** Refuses names of files that are never fetched, with the reason. */
    public static void demandSafe(String name) {
        String extension = FileNames.extension(name);
        if (PICKLES.contains(extension)) {
            throw new StoreRefused(
                    Reason.BAD_NAME,
                    "A " + extension
                            + " file can run code when it is read, and is never fetched. Ask for .safetensors.");
        }
        if (!takes(name)) {
            throw new StoreRefused(
                    Reason.BAD_NAME, "Only .safetensors, .json and .txt files are fetched, not \"" + name + "\".");
        }
    }

    /**
     * Opens a repository's folder to write to; one at a time, also among processes.
     *
     * @throws StoreRefused if somebody else writes to it
     */
    public ModelFolder open(String repository) throws IOException {
        // A name that leads out, or is hidden, is refused here.
        Path folder = root.created(repository + "/x").getParent();
        return ModelFolder.open(folder);
    }

    /** So many more bytes may be written. */
    public long room() {
        return Math.max(0, free() - minFreeBytes);
    }

    private long free() {
        try {
            Files.createDirectories(root.root());
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        return freeBytes.applyAsLong(root.root());
    }

    /** @throws StoreRefused if so many more bytes would fill the disk */
    public void demandSpace(long bytes) {
        long free = free();
        if (bytes > 0 && free - minFreeBytes < bytes) {
            throw new StoreRefused(
                    Reason.NO_SPACE,
                    "The download needs " + megabytes(bytes) + " MB and leaves " + megabytes(minFreeBytes)
                            + " MB free (tachyscope.models.min-free-space), but only " + megabytes(free)
                            + " MB are free. Free some space and try again.");
        }
    }

    private static long megabytes(long bytes) {
        return bytes / 1_000_000;
    }
}
