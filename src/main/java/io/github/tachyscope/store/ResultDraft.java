package io.github.tachyscope.store;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The files of a running job while they are written. Ends with {@link #publish} or {@link #close}; closing after
 * publishing does nothing. One thread at a time. Methods block; a full disk is {@link StoreRefused} with {@link
 * StoreRefused.Reason#NO_SPACE}.
 */
public final class ResultDraft implements AutoCloseable {
    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9_-]{0,99}\\.[a-z0-9]{1,10}");
    private static final int BUFFER_BYTES = 1 << 16;

    private final Path part;
    private final Path target;
    private boolean ended;

    ResultDraft(Path part, Path target) {
        this.part = part;
        this.target = target;
    }

    /**
     * Where to write the file of that name; what has been written there can be read before it is published.
     *
     * @param name such as {@code video.mp4} or {@code frame-00001.png}; made by the server
     */
    public Path path(String name) {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("not a name for a result: " + name);
        }
        return part.resolve(name);
    }

    /** Makes the file of that name. Every write reaches the file at once. */
    public OutputStream create(String name) throws IOException {
        try {
            return new Checked(Files.newOutputStream(
                    path(name), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS));
        } catch (IOException failure) {
            throw ResultFiles.failure(failure);
        }
    }

    /** Removes a file that is not wanted after all, if it is there. */
    public void remove(String name) throws IOException {
        Files.deleteIfExists(path(name));
    }

    /** What went wrong with a file of a draft; a full disk in the store's words. */
    public static IOException failure(IOException failure) {
        return ResultFiles.failure(failure);
    }

    /** A full disk in the store's words. */
    static final class Checked extends FilterOutputStream {
        Checked(OutputStream out) {
            super(out);
        }

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            try {
                out.write(bytes, offset, length);
            } catch (IOException failure) {
                throw ResultFiles.failure(failure);
            }
        }
    }

    /**
     * A file to publish.
     *
     * @param name as it was written
     * @param label who asked for it, and where else it stands
     */
    public record Entry(String name, ResultFile.Kind kind, String mediaType, ResultLabel label) {}

    /**
     * Makes these files visible, all at once, after their bytes are on the disk. Others that were written are dropped.
     *
     * @return what {@link JobClaims#complete} takes
     */
    public List<ResultFile> publish(List<Entry> entries) throws IOException {
        if (ended) {
            throw new IllegalStateException("the draft has ended");
        }
        try {
            List<ResultFile> files = new ArrayList<>();
            for (Entry entry : entries) {
                files.add(finish(entry));
            }
            dropOthers(files);
            ResultFiles.sync(part);
            move();
            ended = true;
            ResultFiles.sync(target.getParent());
            return List.copyOf(files);
        } catch (IOException failure) {
            throw ResultFiles.failure(failure);
        }
    }

    /** Brings the bytes to the disk; measures and sums them on the way. */
    private ResultFile finish(Entry entry) throws IOException {
        try (FileChannel channel = FileChannel.open(
                path(entry.name()), StandardOpenOption.READ, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS)) {
            channel.force(true);
            MessageDigest digest = sha256();
            ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
            long bytes = 0;
            while (channel.read(buffer) >= 0) {
                bytes += buffer.flip().remaining();
                digest.update(buffer);
                buffer.clear();
            }
            return new ResultFile(
                    entry.name(),
                    entry.kind(),
                    entry.mediaType(),
                    bytes,
                    HexFormat.of().formatHex(digest.digest()),
                    entry.label().text());
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every Java has SHA-256", impossible);
        }
    }

    private void dropOthers(List<ResultFile> files) throws IOException {
        List<String> published = files.stream().map(ResultFile::name).toList();
        try (var written = Files.newDirectoryStream(part)) {
            for (Path file : written) {
                if (!published.contains(file.getFileName().toString())) {
                    Trees.delete(file);
                }
            }
        }
    }

    private void move() throws IOException {
        if (Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
            throw new FileAlreadyExistsException(target.toString());
        }
        Files.move(part, target, StandardCopyOption.ATOMIC_MOVE);
    }

    /** Removes what was written, unless it was published. */
    @Override
    public void close() {
        if (ended) {
            return;
        }
        ended = true;
        try {
            Trees.delete(part);
        } catch (IOException failure) {
            throw new UncheckedIOException("cannot remove " + part, failure);
        }
    }
}
