package io.github.tachyscope.store;

import io.github.tachyscope.store.StoreRefused.Reason;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * A directory that names from the network cannot leave: neither by {@code ..}, nor by an absolute path, nor through a
 * symbolic link. Names that begin with a dot are private to the store.
 */
final class ContainedDirectory {
    /** Longest name of one file or folder, in bytes; file systems refuse longer ones with errors that vary. */
    private static final int MAX_SEGMENT_BYTES = 200;

    /** Folders below one another; protects listings from endless nests. */
    private static final int MAX_DEPTH = 8;

    /** Files in one listing; protects memory and answer size. Further ones are not listed. */
    private static final int MAX_LISTED = 10_000;

    private final Path root;

    ContainedDirectory(Path directory) {
        this.root = directory.toAbsolutePath().normalize();
    }

    Path root() {
        return root;
    }

    /**
     * The existing regular file of that name.
     *
     * @param name relative, or the absolute path of a file in here; of any other absolute path only the last part counts
     */
    Path existing(String name) {
        Path candidate = existingCandidate(name);
        if (!Files.isRegularFile(candidate)) {
            throw missing();
        }
        try {
            Path real = candidate.toRealPath();
            if (!real.startsWith(root.toRealPath())) {
                throw outside();
            }
            return real;
        } catch (IOException gone) {
            throw missing();
        }
    }

    private Path existingCandidate(String name) {
        if (!name.startsWith("/")) {
            return lexical(name, Reason.MISSING);
        }
        Path absolute = parse(name, Reason.MISSING).normalize();
        if (absolute.startsWith(root) && !absolute.equals(root)) {
            return lexical(root.relativize(absolute).toString(), Reason.MISSING);
        }
        Path last = absolute.getFileName();
        if (last == null) {
            throw missing();
        }
        return lexical(last.toString(), Reason.MISSING);
    }

    /** Where a new file of that name goes; its folders are made. */
    Path created(String name) throws IOException {
        check(name);
        Path target = lexical(name, Reason.BAD_NAME);
        Files.createDirectories(root);
        Path folder = root;
        // One by one, so that a link out of the directory is seen before anything is made behind it.
        for (Path part : root.relativize(target.getParent())) {
            folder = part.toString().isEmpty() ? folder : folder.resolve(part);
            if (Files.exists(folder)) {
                if (!Files.isDirectory(folder)) {
                    throw new StoreRefused(Reason.BAD_NAME, "A part of the name is a file, not a folder.");
                }
            } else {
                Files.createDirectory(folder);
            }
            if (!folder.toRealPath().startsWith(root.toRealPath())) {
                throw outside();
            }
        }
        if (Files.isDirectory(target)) {
            throw new StoreRefused(Reason.BAD_NAME, "There is a folder of that name.");
        }
        return target;
    }

    /** Refuses what {@link #created} refuses, as far as the name alone tells, and makes nothing. */
    void check(String name) {
        if (name.startsWith("/")) {
            throw outside();
        }
        lexical(name, Reason.BAD_NAME);
    }

    private Path lexical(String name, Reason broken) {
        Path relative = parse(name, broken);
        Path target = root.resolve(relative).normalize();
        if (!target.startsWith(root)) {
            throw outside();
        }
        Path inside = root.relativize(target);
        if (inside.toString().isEmpty() || inside.getNameCount() > MAX_DEPTH) {
            throw new StoreRefused(broken, "A file name of at most " + MAX_DEPTH + " levels is needed.");
        }
        for (Path part : inside) {
            String text = part.toString();
            if (text.startsWith(".")) {
                throw new StoreRefused(broken, "Names that begin with a dot are not allowed.");
            }
            if (text.getBytes(StandardCharsets.UTF_8).length > MAX_SEGMENT_BYTES) {
                throw new StoreRefused(broken, "A name has at most " + MAX_SEGMENT_BYTES + " bytes.");
            }
        }
        return target;
    }

    private static Path parse(String name, Reason broken) {
        boolean control = name.chars().anyMatch(c -> c < 0x20 || c == 0x7f);
        if (control || name.indexOf('\\') >= 0) {
            throw new StoreRefused(broken, "The name has a character that is not allowed.");
        }
        try {
            return Path.of(name);
        } catch (InvalidPathException invalid) {
            throw new StoreRefused(broken, "The name is not a file name.");
        }
    }

    /** All regular files that {@code wanted} takes; links that lead out are left out. */
    List<Listed> list(Predicate<String> wanted) throws IOException {
        if (!Files.isDirectory(root)) {
            return List.of();
        }
        List<Listed> found = new ArrayList<>();
        Files.walkFileTree(root, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
                boolean skip = !folder.equals(root)
                        && (hidden(folder) || root.relativize(folder).getNameCount() >= MAX_DEPTH);
                return skip ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                if (attributes.isRegularFile()
                        && !hidden(file)
                        && wanted.test(file.getFileName().toString())) {
                    found.add(new Listed(
                            file,
                            attributes.size(),
                            attributes.lastModifiedTime().toMillis()));
                }
                return found.size() < MAX_LISTED ? FileVisitResult.CONTINUE : FileVisitResult.TERMINATE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException failure) {
                return FileVisitResult.CONTINUE;
            }
        });
        return found;
    }

    /** The folder of a file relative to the root, empty for the root itself. */
    String folderOf(Path file) {
        return root.relativize(file.getParent()).toString().replace('\\', '/');
    }

    private static boolean hidden(Path path) {
        return path.getFileName().toString().startsWith(".");
    }

    private static StoreRefused outside() {
        return new StoreRefused(Reason.OUTSIDE, "The path leads out of the directory.");
    }

    private static StoreRefused missing() {
        return new StoreRefused(Reason.MISSING, "There is no such file.");
    }

    /**
     * One file of a listing.
     *
     * @param path absolute
     * @param modifiedMillis since the epoch
     */
    record Listed(Path path, long bytes, long modifiedMillis) {}
}
