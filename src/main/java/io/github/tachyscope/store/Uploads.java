package io.github.tachyscope.store;

import io.github.tachyscope.store.StoreRefused.Reason;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Raw pictures that clients send ahead of the requests that use them.
 *
 * <pre>
 *   uploads/8c1f...e2.12x320x576x3.rgb     bytes of that shape; removed when it is too old
 *           4b07...9a.part                 being received
 * </pre>
 *
 * Names are made here and cannot be guessed. All methods block; safe for many threads.
 */
public final class Uploads {
    private static final Pattern NAME =
            Pattern.compile("[0-9a-f]{32}\\.(\\d{1,9})x(\\d{1,6})x(\\d{1,6})x(\\d{1,2})\\.rgb");
    private static final String PART = ".part";

    private final Path root;
    private final Duration ttl;
    private final long maxBytes;
    private final Clock clock;

    /**
     * @param ttl after which an upload is removed
     * @param maxBytes largest sum of all
     */
    public Uploads(Path root, Duration ttl, long maxBytes, Clock clock) {
        this.root = root;
        this.ttl = ttl;
        this.maxBytes = maxBytes;
        this.clock = clock;
    }

    /** Sizes of the dimensions, the slowest first. */
    public record Shape(int frames, int height, int width, int channels) {
        public long bytes() {
            return (long) frames * height * width * channels;
        }
    }

    /** One upload. */
    public record Upload(String name, Path file, Shape shape) {}

    /**
     * A file to receive so many bytes; {@link #keep} or {@link #drop} ends it.
     *
     * @throws StoreRefused if there is no room for them
     */
    public Path receive(long bytes) throws IOException {
        Files.createDirectories(root);
        long sum = removeExpired();
        if (sum + bytes > maxBytes) {
            throw new StoreRefused(
                    Reason.NO_SPACE,
                    "All uploads together would be larger than " + maxBytes
                            + " bytes (tachyscope.generate.max-uploads-size). Older ones go after " + ttl.toSeconds()
                            + " s (tachyscope.generate.upload-ttl).");
        }
        return Files.createFile(root.resolve(unguessable() + PART));
    }

    private static String unguessable() {
        return UUID.randomUUID().toString().replace("-", "");
    }

    /** Removes what is too old; the bytes of what remains. */
    private long removeExpired() throws IOException {
        long sum = 0;
        long oldest = clock.millis() - ttl.toMillis();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(root)) {
            for (Path file : files) {
                boolean ours = NAME.matcher(file.getFileName().toString()).matches() || isPart(file);
                if (ours
                        && Files.getLastModifiedTime(file, LinkOption.NOFOLLOW_LINKS)
                                        .toMillis()
                                < oldest) {
                    Files.deleteIfExists(file);
                } else if (Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
                    sum += Files.size(file);
                }
            }
        }
        return sum;
    }

    private static boolean isPart(Path file) {
        return file.getFileName().toString().endsWith(PART);
    }

    /** Makes a received file an upload. */
    public Upload keep(Path part, Shape shape) throws IOException {
        String name = unguessable() + "." + shape.frames() + "x" + shape.height() + "x" + shape.width() + "x"
                + shape.channels() + ".rgb";
        return new Upload(name, Files.move(part, root.resolve(name), StandardCopyOption.ATOMIC_MOVE), shape);
    }

    /** Removes what was received and is not wanted. */
    public void drop(Path part) throws IOException {
        Files.deleteIfExists(part);
    }

    /** The upload of that name, if it is still there. */
    public Optional<Upload> find(String name) {
        Matcher shape = NAME.matcher(name);
        if (!shape.matches()) {
            return Optional.empty();
        }
        Path file = root.resolve(name);
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            return Optional.empty();
        }
        return Optional.of(new Upload(
                name,
                file,
                new Shape(
                        Integer.parseInt(shape.group(1)),
                        Integer.parseInt(shape.group(2)),
                        Integer.parseInt(shape.group(3)),
                        Integer.parseInt(shape.group(4)))));
    }

    /** Gives an upload another name, under which it stays when the upload goes. */
    public static void link(Upload upload, Path target) throws IOException {
        try {
            Files.createLink(target, upload.file());
        } catch (UnsupportedOperationException | java.nio.file.FileSystemException otherDisk) {
            Files.copy(upload.file(), target, StandardCopyOption.REPLACE_EXISTING);
        }
    }
}
