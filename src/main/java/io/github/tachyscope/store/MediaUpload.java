package io.github.tachyscope.store;

import io.github.tachyscope.store.ResultLabel.Filed;
import io.github.tachyscope.store.StoreRefused.Reason;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * A file of a client on its way into one of the {@link MediaFolders}. Ends with {@link #commit} or {@link #abort}, which
 * may be called again without effect. One thread at a time; methods block.
 */
public final class MediaUpload {
    /** So many names are tried for files of one name and different bytes. */
    private static final int MAX_NAMES = 10_000;

    private final MediaFolders folders;
    private final Target target;
    private final Path part;
    private final long maxBytes;
    private long bytes;
    private boolean ended;

    /**
     * Where it is to stand.
     *
     * @param name with its subfolder
     */
    record Target(MediaFolder folder, ContainedDirectory directory, String name, boolean overwrite) {}

    MediaUpload(MediaFolders folders, Target target, Path part, long maxBytes) {
        this.folders = folders;
        this.target = target;
        this.part = part;
        this.maxBytes = maxBytes;
    }

    /** The file to make and to write to. */
    public Path part() {
        return part;
    }

    /**
     * Counts bytes that are about to be written.
     *
     * @throws StoreRefused if they are too many
     */
    public void grow(long more) throws IOException {
        if (bytes + more > maxBytes) {
            throw new StoreRefused(Reason.TOO_LARGE, "The file is larger than " + maxBytes + " bytes.");
        }
        folders.checkSpace(more);
        bytes += more;
    }

    /** Makes the complete file visible; where it, or one with the same bytes under its name, stands. */
    public Filed commit() throws IOException {
        if (ended) {
            throw new IllegalStateException("the upload has ended");
        }
        try (FileChannel channel = FileChannel.open(part, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
        ended = true;
        try {
            return target.overwrite() ? replace() : add();
        } catch (IOException failure) {
            throw ResultFiles.failure(failure);
        } finally {
            Files.deleteIfExists(part);
        }
    }

    private Filed replace() throws IOException {
        Path file = target.directory().created(target.name());
        Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        return filed(file);
    }

    private Filed add() throws IOException {
        String extension = FileNames.extension(target.name());
        String stem = target.name().substring(0, target.name().length() - extension.length());
        // As the client spelled it.
        String ending = target.name().substring(stem.length());
        for (int i = 0; i < MAX_NAMES; i++) {
            Path file = target.directory().created(i == 0 ? target.name() : stem + " (" + i + ")" + ending);
            if (placed(file) || Files.mismatch(part, file) < 0) {
                return filed(file);
            }
        }
        throw new StoreRefused(Reason.EXISTS, "There are too many files of that name already.");
    }

    /** Whether nothing stood there. */
    private boolean placed(Path file) throws IOException {
        synchronized (folders) {
            if (Files.exists(file)) {
                return false;
            }
            try {
                Files.move(part, file);
                return true;
            } catch (FileAlreadyExistsException taken) {
                return false;
            }
        }
    }

    private Filed filed(Path file) {
        return new Filed(
                target.folder(),
                target.directory().folderOf(file),
                file.getFileName().toString());
    }

    /** Removes what was written. */
    public void abort() {
        if (ended) {
            return;
        }
        ended = true;
        try {
            Files.deleteIfExists(part);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
