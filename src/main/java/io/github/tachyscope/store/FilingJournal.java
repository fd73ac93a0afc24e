package io.github.tachyscope.store;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which files claims have filed whose job the log does not call completed yet, so that nothing stays of those that
 * never are.
 *
 * <pre>
 *   .filing/local/img-1.2      one line for each file, written before the file stands there:
 *                              (dev=10302,ino=91) output/sub/prefix_00001_.png
 * </pre>
 */
final class FilingJournal {
    private static final Pattern NAME = Pattern.compile("([a-z0-9][a-z0-9_-]{0,119})\\.([1-9][0-9]{0,8})");

    /** Stands for the key of a file where the file system has none. */
    private static final String NO_KEY = "-";

    private final Path root;
    private final Path directory;

    /** @param root what names are relative to */
    FilingJournal(Path root, String node) throws IOException {
        this.root = root;
        this.directory = Files.createDirectories(root.resolve(".filing").resolve(node));
    }

    /** Notes that a claim is about to put that very file under these names. */
    void note(Claim claim, List<Path> sources, List<Path> targets) throws IOException {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < targets.size(); i++) {
            lines.append(key(sources.get(i)))
                    .append(' ')
                    .append(root.relativize(targets.get(i)).toString().replace('\\', '/'))
                    .append('\n');
        }
        Files.writeString(
                file(claim), lines, StandardOpenOption.CREATE, StandardOpenOption.APPEND, StandardOpenOption.DSYNC);
    }

    private static String key(Path file) throws IOException {
        Object key = Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                .fileKey();
        return key == null ? NO_KEY : key.toString();
    }

    private Path file(Claim claim) {
        return directory.resolve(claim.jobId() + "." + claim.attempt());
    }

    /** What the claim has filed stays. */
    void forget(Claim claim) throws IOException {
        Files.deleteIfExists(file(claim));
    }

    /** Removes what the claim has filed. */
    void takeBack(Claim claim) throws IOException {
        takeBack(file(claim));
    }

    private void takeBack(Path journal) throws IOException {
        List<String> lines;
        try {
            lines = Files.readAllLines(journal, StandardCharsets.UTF_8);
        } catch (NoSuchFileException none) {
            return;
        }
        for (String line : lines) {
            int space = line.indexOf(' ');
            Path file = root.resolve(line.substring(space + 1)).normalize();
            // A line that a crash cut off names another file, or none.
            if (space > 0 && file.startsWith(root) && isStillThere(file, line.substring(0, space))) {
                Files.delete(file);
            }
        }
        Files.delete(journal);
    }

    /** Whether that name has the file that was meant, and not one that somebody else has put there. */
    private static boolean isStillThere(Path file, String key) {
        try {
            return Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
                    && key(file).equals(key);
        } catch (IOException gone) {
            return false;
        }
    }

    /** After a start: removes what claims have filed whose job is not completed by them. */
    void recover(Predicate<Claim> completed) {
        List<Path> journals = new ArrayList<>();
        try (DirectoryStream<Path> found = Files.newDirectoryStream(directory)) {
            found.forEach(journals::add);
            for (Path journal : journals) {
                Matcher name = NAME.matcher(journal.getFileName().toString());
                if (!name.matches()) {
                    continue;
                }
                Claim claim =
                        new Claim(name.group(1), directory.getFileName().toString(), Integer.parseInt(name.group(2)));
                if (completed.test(claim)) {
                    Files.delete(journal);
                } else {
                    takeBack(journal);
                }
            }
        } catch (IOException failure) {
            throw new UncheckedIOException("what an earlier run has filed is not looked through", failure);
        }
    }
}
