package io.github.tachyscope.store;

import io.github.tachyscope.store.ContainedDirectory.Listed;
import io.github.tachyscope.store.StoreRefused.Reason;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The assets directory: pictures, videos and sounds that clients upload and name in parameters.
 *
 * <p>An upload is written to a hidden folder and renamed when it is complete, so nobody ever reads half a file; what a
 * crash left there is removed at the next start. Safe for many threads.
 */
public final class AssetStore {
    private static final String ASIDE = ".uploads";
    private static final Comparator<Asset> NEWEST_FIRST = Comparator.comparingLong(Asset::createdMillis)
            .reversed()
            .thenComparing(Asset::folder)
            .thenComparing(Asset::name)
            .thenComparing(Asset::path);

    private final ContainedDirectory directory;
    private final Path aside;
    private final long maxUploadBytes;
    private final long maxTotalBytes;

    private long storedBytes;
    private long pendingBytes;

    /**
     * @param maxUploadBytes largest single asset
     * @param maxTotalBytes largest sum of all assets
     */
    public AssetStore(Path directory, long maxUploadBytes, long maxTotalBytes) {
        this.directory = new ContainedDirectory(directory);
        this.aside = this.directory.root().resolve(ASIDE);
        this.maxUploadBytes = maxUploadBytes;
        this.maxTotalBytes = maxTotalBytes;
        removeLeftovers();
        list(Optional.empty());
    }

    private void removeLeftovers() {
        try (DirectoryStream<Path> leftovers = Files.newDirectoryStream(aside)) {
            for (Path leftover : leftovers) {
                Files.deleteIfExists(leftover);
            }
        } catch (NoSuchFileException none) {
            // Nothing was ever uploaded.
        } catch (IOException failure) {
            throw new UncheckedIOException("cannot clear " + aside, failure);
        }
    }

    /** All assets, of one kind or of all; newest first, then by folder and name. */
    public List<Asset> list(Optional<AssetKind> kind) {
        List<Asset> all;
        try {
            all = directory.list(name -> AssetKind.ofFileName(name).isPresent()).stream()
                    .map(this::describe)
                    .sorted(NEWEST_FIRST)
                    .toList();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        synchronized (this) {
            // Files may also come and go behind our back.
            storedBytes = all.stream().mapToLong(Asset::bytes).sum();
        }
        return kind.map(wanted ->
                        all.stream().filter(asset -> asset.kind() == wanted).toList())
                .orElse(all);
    }

    private Asset describe(Listed file) {
        String name = file.path().getFileName().toString();
        return new Asset(
                FileNames.stem(name),
                file.path(),
                file.bytes(),
                directory.folderOf(file.path()),
                AssetKind.ofFileName(name).orElseThrow(),
                file.modifiedMillis());
    }

    /**
     * The file of that name, links resolved.
     *
     * @param name relative to the assets directory, or absolute as in a listing
     * @throws StoreRefused if it leads out or does not exist
     */
    public Path resolve(String name) {
        Path file = directory.existing(name);
        if (AssetKind.ofFileName(file.getFileName().toString()).isEmpty()) {
            throw new StoreRefused(Reason.MISSING, "There is no such file.");
        }
        return file;
    }

    /**
     * Begins an upload.
     *
     * @param name relative; folders are made, an existing file is replaced
     * @param announcedBytes what the client says it will send, if it does
     * @throws StoreRefused if the name, its kind or the size is not allowed
     */
    public Upload begin(String name, OptionalLong announcedBytes) throws IOException {
        if (AssetKind.ofFileName(name).isEmpty()) {
            throw new StoreRefused(
                    Reason.BAD_NAME,
                    "This kind of file is not allowed. Allowed are png, jpg, jpeg, webp, bmp, mp4, avi, mov, mkv, webm,"
                            + " wav, mp3, flac and ogg.");
        }
        synchronized (this) {
            check(announcedBytes.orElse(0), announcedBytes.orElse(0));
        }
        Path target = directory.created(name);
        Files.createDirectories(aside);
        return new Upload(target, Files.createTempFile(aside, "upload-", ".part"));
    }

    private void check(long fileBytes, long moreBytes) {
        if (fileBytes > maxUploadBytes) {
            throw new StoreRefused(
                    Reason.TOO_LARGE,
                    "The file is larger than " + maxUploadBytes + " bytes (tachyscope.storage.max-upload-size).");
        }
        if (storedBytes + pendingBytes + moreBytes > maxTotalBytes) {
            throw new StoreRefused(
                    Reason.TOO_LARGE,
                    "All assets together would be larger than " + maxTotalBytes
                            + " bytes (tachyscope.storage.max-assets-size).");
        }
    }

    /** One upload under way. Ends with {@link #commit} or {@link #abort}, which may be called again without effect. */
    public final class Upload {
        private final Path target;
        private final Path part;
        private long bytes;
        private boolean ended;

        private Upload(Path target, Path part) {
            this.target = target;
            this.part = part;
        }

        /** The file to write to. */
        public Path part() {
            return part;
        }

        /**
         * Counts bytes that are about to be written.
         *
         * @throws StoreRefused if they are too many
         */
        public void grow(int more) {
            synchronized (AssetStore.this) {
                check(bytes + more, more);
                bytes += more;
                pendingBytes += more;
            }
        }

        /** Makes the complete file visible under its name. */
        public Asset commit() throws IOException {
            synchronized (AssetStore.this) {
                if (ended) {
                    throw new IllegalStateException("the upload has ended");
                }
                long replaced = Files.isRegularFile(target) ? Files.size(target) : 0;
                Files.move(part, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
                storedBytes += bytes - replaced;
                end();
            }
            return describe(new Listed(
                    target,
                    Files.size(target),
                    Files.getLastModifiedTime(target).toMillis()));
        }

        /** Removes what was written. */
        public void abort() {
            synchronized (AssetStore.this) {
                if (ended) {
                    return;
                }
                end();
            }
            try {
                Files.deleteIfExists(part);
            } catch (IOException failure) {
                throw new UncheckedIOException(failure);
            }
        }

        private void end() {
            pendingBytes -= bytes;
            ended = true;
        }
    }
}
