package io.github.tachyscope.store;

import io.github.tachyscope.frame.PictureSize;
import io.github.tachyscope.store.ResultLabel.Filed;
import io.github.tachyscope.store.StoreRefused.Reason;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;

/**
 * Folders that people look into, by names that they choose.
 *
 * <pre>
 *   media/
 *     output/video/cat_00001_.mp4      what jobs made, under the prefix that was asked for; nobody removes it
 *     temp/                            the same for what is only looked at; emptied at the start
 *     input/cat.png                    what clients sent
 *     .aside/                          being copied or received
 *     .filing/                         see {@link FilingJournal}
 * </pre>
 *
 * <p>Files appear complete, by a hard link to the job's own file, or a copy that is renamed where the file system has
 * none. All methods block. Safe for many threads; several servers may share the outputs, but each empties {@code temp}.
 */
public final class MediaFolders {
    /** So often other processes may take our names before we give up. */
    private static final int MAX_COLLISIONS = 100;

    private static final PictureSize ANY_SIZE = new PictureSize(1, 1);

    private final Map<MediaFolder, ContainedDirectory> folders = new EnumMap<>(MediaFolder.class);
    private final Path root;
    private final Path aside;
    private final FilingJournal journal;
    private final long minFreeBytes;
    private final Clock clock;
    private final RandomGenerator random;

    private MediaFolders(Path root, String node, long minFreeBytes, Clock clock, RandomGenerator random)
            throws IOException {
        this.root = root;
        this.aside = Files.createDirectories(root.resolve(".aside").resolve(node));
        this.journal = new FilingJournal(root, node);
        this.minFreeBytes = minFreeBytes;
        this.clock = clock;
        this.random = random;
        for (MediaFolder folder : MediaFolder.values()) {
            folders.put(folder, new ContainedDirectory(Files.createDirectories(root.resolve(folder.wireName()))));
        }
        empty(aside);
        empty(in(MediaFolder.TEMP).root());
    }

    /**
     * Makes the folders, and empties that for temporary files.
     *
     * @param node name of this server among those that share the directory
     * @param minFreeBytes free space that every new file needs on the disk
     * @param clock for dates in names
     */
    public static MediaFolders open(Path directory, String node, long minFreeBytes, Clock clock) throws IOException {
        Files.createDirectories(directory);
        return new MediaFolders(directory.toRealPath(), node, minFreeBytes, clock, RandomGenerator.getDefault());
    }

    private static void empty(Path folder) throws IOException {
        try (DirectoryStream<Path> leftovers = Files.newDirectoryStream(folder)) {
            for (Path leftover : leftovers) {
                Trees.delete(leftover);
            }
        }
    }

    private ContainedDirectory in(MediaFolder folder) {
        return folders.get(folder);
    }

    // --- what is there -----------------------------------------------------------------------------------------------

    /**
     * The file of that name.
     *
     * @param subfolder with slashes; empty for the folder itself
     * @param name the last part counts; it may end in {@code [output]}, {@code [temp]} or {@code [input]}, which
     *     chooses the folder
     * @throws StoreRefused {@code BAD_NAME} for a name that is none, {@code OUTSIDE} if the subfolder leads out, {@code
     *     MISSING} if there is no such file
     */
    public Path find(MediaFolder folder, String subfolder, String name) {
        String bare = name;
        MediaFolder chosen = folder;
        for (MediaFolder each : MediaFolder.values()) {
            String mark = " [" + each.wireName() + "]";
            if (name.endsWith(mark)) {
                bare = name.substring(0, name.length() - mark.length());
                chosen = each;
            }
        }
        if (bare.isEmpty() || bare.startsWith("/") || bare.contains("..")) {
            throw new StoreRefused(Reason.BAD_NAME, "The name is not the name of a file.");
        }
        if (subfolder.startsWith("/")) {
            throw new StoreRefused(Reason.OUTSIDE, "The subfolder leads out of the directory.");
        }
        return in(chosen).existing(joined(subfolder, bare.substring(bare.lastIndexOf('/') + 1)));
    }

    private static String joined(String subfolder, String name) {
        return subfolder.isEmpty() ? name : subfolder + "/" + name;
    }

    /** The names of all files, with their subfolders, in order. */
    public List<String> names(MediaFolder folder) throws IOException {
        Path top = in(folder).root();
        return in(folder).list(any -> true).stream()
                .map(file -> top.relativize(file.path()).toString().replace('\\', '/'))
                .sorted()
                .toList();
    }

    // --- what clients send -------------------------------------------------------------------------------------------

    /**
     * Begins to receive a file.
     *
     * @param overwrite whether it replaces a file of that name; otherwise it gets another, such as {@code cat (1).png},
     *     unless its bytes are the same
     * @param maxBytes largest size
     * @throws StoreRefused {@code BAD_NAME} for a name that is none, {@code OUTSIDE} for one that leads out, {@code
     *     NO_SPACE} if the disk is nearly full
     */
    public MediaUpload receive(MediaFolder folder, String subfolder, String name, boolean overwrite, long maxBytes)
            throws IOException {
        if (name.isEmpty() || name.indexOf('/') >= 0) {
            throw new StoreRefused(Reason.BAD_NAME, "The name is not the name of a file.");
        }
        checkSpace(0);
        in(folder).check(joined(subfolder, name));
        return new MediaUpload(
                this,
                new MediaUpload.Target(folder, in(folder), joined(subfolder, name), overwrite),
                newAside(),
                maxBytes);
    }

    // --- what jobs make ----------------------------------------------------------------------------------------------

    /**
     * Whether files can be filed so.
     *
     * @throws StoreRefused if the prefix leaves the folder or is no name
     */
    public void check(Filing filing) {
        FiledNames names = FiledNames.of(filing, ANY_SIZE, LocalDateTime.now(clock), random);
        in(filing.folder()).check(joined(names.subfolder(), names.name(0, 1, ".png")));
    }

    /**
     * Puts complete files of a claim where people look, with counters one after the other.
     *
     * @param sources in the order of their counters
     * @return where each of them stands; until {@link #settle} it may be taken back
     */
    public synchronized List<Filed> file(Claim claim, Filing filing, PictureSize size, List<Path> sources)
            throws IOException {
        FiledNames names = FiledNames.of(filing, size, LocalDateTime.now(clock), random);
        ContainedDirectory directory = in(filing.folder());
        Path folder = directory
                .created(joined(names.subfolder(), names.name(0, 1, ".png")))
                .getParent();
        for (int attempt = 0; attempt < MAX_COLLISIONS; attempt++) {
            long counter = names.nextCounter(folder);
            List<Path> targets = new ArrayList<>();
            for (int i = 0; i < sources.size(); i++) {
                String extension =
                        FileNames.extension(sources.get(i).getFileName().toString());
                targets.add(directory.created(joined(names.subfolder(), names.name(i, counter + i, extension))));
            }
            if (place(claim, sources, targets)) {
                ResultFiles.sync(folder);
                return targets.stream()
                        .map(target -> new Filed(
                                filing.folder(),
                                directory.folderOf(target),
                                target.getFileName().toString()))
                        .toList();
            }
        }
        throw new StoreRefused(Reason.EXISTS, "Another program takes the same names in the folder.");
    }

    /** Whether all are there under their names; if one is taken, none of them stays. */
    private boolean place(Claim claim, List<Path> sources, List<Path> targets) throws IOException {
        journal.note(claim, sources, targets);
        int placed = 0;
        try {
            for (; placed < targets.size(); placed++) {
                place(claim, sources.get(placed), targets.get(placed));
            }
            return true;
        } catch (FileAlreadyExistsException taken) {
            for (Path target : targets.subList(0, placed)) {
                Files.deleteIfExists(target);
            }
            return false;
        } catch (IOException failure) {
            throw ResultFiles.failure(failure);
        }
    }

    private void place(Claim claim, Path source, Path target) throws IOException {
        try {
            Files.createLink(target, source);
        } catch (FileAlreadyExistsException taken) {
            throw taken;
        } catch (UnsupportedOperationException | FileSystemException otherDisk) {
            copy(claim, source, target);
        }
    }

    private void copy(Claim claim, Path source, Path target) throws IOException {
        checkSpace(Files.size(source));
        Path copy = newAside();
        try {
            Trees.copy(source, copy);
            journal.note(claim, List.of(copy), List.of(target));
            // Without replacing what is there.
            Files.move(copy, target);
        } finally {
            Files.deleteIfExists(copy);
        }
    }

    /** A name where a file grows unseen; not of a file made for its owner alone, since others look into the folders. */
    private Path newAside() {
        return aside.resolve(UUID.randomUUID() + ".part");
    }

    void checkSpace(long more) throws IOException {
        if (Files.getFileStore(root).getUsableSpace() - more < minFreeBytes) {
            throw new StoreRefused(
                    Reason.NO_SPACE,
                    "The disk would have less than " + minFreeBytes + " bytes left (tachyscope.jobs.min-free-space).");
        }
    }

    /** The log knows that the job is completed: what the claim has filed stays. */
    void settle(Claim claim) {
        try {
            journal.forget(claim);
        } catch (IOException failure) {
            throw new UncheckedIOException("what a job has filed is not settled", failure);
        }
    }

    /** Removes what a claim has filed and not settled. */
    public void takeBack(Claim claim) {
        try {
            journal.takeBack(claim);
        } catch (IOException failure) {
            throw new UncheckedIOException("what a job has filed is not removed", failure);
        }
    }

    /** After a start: removes what claims have filed that did not complete their job. */
    void recover(Predicate<Claim> completed) {
        journal.recover(completed);
    }
}
