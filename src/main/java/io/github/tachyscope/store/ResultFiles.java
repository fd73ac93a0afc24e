package io.github.tachyscope.store;

import io.github.tachyscope.store.StoreRefused.Reason;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The files that jobs made.
 *
 * <pre>
 *   results/
 *     .parts/local/3f2a.../video.mp4      being written by the server "local"; what it left there goes at its start
 *     video_gen_0123abcd.1/video.mp4      made by the first claim of job video_gen_0123abcd
 *                          thumbnail.jpg
 * </pre>
 *
 * The files of a claim appear together, by one rename, after all their bytes are on the disk; they disappear the same
 * way. Each claim has a folder of its own, so a runner that was taken for lost overwrites nothing. No name comes from a
 * client. All methods block. Safe for many threads, and for several servers if the file system renames atomically.
 */
public final class ResultFiles {
    private static final String PARTS = ".parts";
    private static final Pattern FOLDER = Pattern.compile("([a-z0-9][a-z0-9_-]{0,119})\\.([1-9][0-9]{0,8})");

    private final Path root;
    private final Path parts;
    private final long minFreeBytes;

    /**
     * Removes what a crash of this server left half-written.
     *
     * @param node name of this server among those that share the directory
     */
    ResultFiles(Path directory, String node, long minFreeBytes) throws IOException {
        Files.createDirectories(directory);
        this.root = directory.toRealPath();
        this.parts = root.resolve(PARTS).resolve(node);
        this.minFreeBytes = minFreeBytes;
        Files.createDirectories(parts);
        if (!parts.toRealPath().equals(parts)) {
            throw new IOException(parts + " must not be a link");
        }
        try (DirectoryStream<Path> leftovers = Files.newDirectoryStream(parts)) {
            for (Path leftover : leftovers) {
                Trees.delete(leftover);
            }
        }
    }

    /**
     * Begins the files of a claim.
     *
     * @throws StoreRefused if the disk is nearly full
     */
    ResultDraft begin(Claim claim) throws IOException {
        try {
            if (Files.getFileStore(root).getUsableSpace() < minFreeBytes) {
                throw new StoreRefused(
                        Reason.NO_SPACE,
                        "The disk of the results has less than " + minFreeBytes
                                + " bytes left (tachyscope.jobs.min-free-space).");
            }
            return new ResultDraft(
                    Files.createTempDirectory(parts, claim.jobId() + "-"), folder(claim.jobId(), claim.attempt()));
        } catch (FileSystemException failure) {
            throw failure(failure);
        }
    }

    /** The file of a completed job, if it is still there. */
    public Optional<Path> path(Job job, ResultFile file) {
        if (!job.files().contains(file)) {
            throw new IllegalArgumentException("the file is not of that job");
        }
        Path path = folder(job.id(), job.attempt()).resolve(file.name());
        try {
            // Another real path means a link on the way: a file is read from where it was put, or not at all.
            return path.toRealPath().equals(path) && Files.isRegularFile(path) ? Optional.of(path) : Optional.empty();
        } catch (IOException gone) {
            return Optional.empty();
        }
    }

    /** Removes the files of all claims of a job. */
    void remove(String id, int attempts) throws IOException {
        for (int attempt = 1; attempt <= attempts; attempt++) {
            remove(new Folder(id, attempt));
        }
    }

    /** Takes the folder out of sight at once, then deletes it. */
    void remove(Folder folder) throws IOException {
        Path trash = parts.resolve(folder.id() + "." + folder.attempt() + "-removed");
        Trees.delete(trash);
        try {
            Files.move(folder(folder.id(), folder.attempt()), trash, StandardCopyOption.ATOMIC_MOVE);
        } catch (NoSuchFileException gone) {
            return;
        }
        Trees.delete(trash);
    }

    /** Whose files are there: of one claim of a job. */
    record Folder(String id, int attempt) {}

    /** All folders of results; what else is in the directory is not ours. */
    List<Folder> folders() throws IOException {
        List<Folder> folders = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(root)) {
            for (Path entry : entries) {
                Matcher name = FOLDER.matcher(entry.getFileName().toString());
                if (name.matches() && Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)) {
                    folders.add(new Folder(name.group(1), Integer.parseInt(name.group(2))));
                }
            }
        }
        return folders;
    }

    private Path folder(String id, int attempt) {
        if (!Job.isId(id) || attempt < 1) {
            throw new IllegalArgumentException("not a claim of a job");
        }
        return root.resolve(id + "." + attempt);
    }

    /** Waits until the entries of a folder are on the disk, where the system has a way to ask for that. */
    static void sync(Path folder) throws IOException {
        if (System.getProperty("os.name").toLowerCase(Locale.ROOT).startsWith("windows")) {
            return;
        }
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    /** A full disk in our words; anything else as it is. */
    static IOException failure(IOException failure) {
        String text = String.valueOf(failure.getMessage()).toLowerCase(Locale.ROOT);
        // Java has no type for it: these are the words of Linux and macOS, of a disk quota, and of Windows.
        if (text.contains("no space left") || text.contains("quota exceeded") || text.contains("not enough space")) {
            throw new StoreRefused(Reason.NO_SPACE, "The disk of the results is full.");
        }
        return failure;
    }
}
