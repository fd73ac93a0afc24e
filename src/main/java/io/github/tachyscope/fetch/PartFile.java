package io.github.tachyscope.fetch;

import io.github.tachyscope.fetch.FetchFailed.Kind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A file that is not complete yet, hashed as it grows. Beside it, in {@code <name>.etag}, stands which version of the file
 * it is a part of.
 */
final class PartFile implements AutoCloseable {
    private static final int BUFFER_BYTES = 1 << 20;

    /** Real validators are short; protects memory from a file that is none, and headers from nonsense. */
    private static final int MAX_VALIDATOR = 512;

    private final Path path;
    private final Path validatorPath;
    private final FileChannel channel;
    private final MessageDigest sha256 = Checksum.Kind.SHA256.digest();
    /** Only where the length is known, which comes first in what is hashed. */
    private final Optional<MessageDigest> gitBlob;

    private final OptionalLong expected;
    private Optional<String> validator;
    private long length;

    private PartFile(Path path, FileChannel channel, OptionalLong expected) throws IOException {
        this.path = path;
        this.validatorPath = path.resolveSibling(path.getFileName() + ".etag");
        this.channel = channel;
        this.expected = expected;
        this.gitBlob = expected.isPresent() ? Optional.of(Checksum.Kind.GIT_BLOB.digest()) : Optional.empty();
        beginHashes();
        ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
        while (channel.read(buffer, length) > 0) {
            buffer.flip();
            length += buffer.remaining();
            hash(buffer);
            buffer.clear();
        }
        this.validator = readValidator();
    }

    /** Opens the file, or makes it. What is there already is hashed, which takes a second for each gigabyte or so. */
    static PartFile open(Path path, OptionalLong expected) {
        return onDisk(() -> {
            Files.createDirectories(path.toAbsolutePath().getParent());
            FileChannel channel = FileChannel.open(
                    path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
            try {
                return new PartFile(path, channel, expected);
            } catch (IOException | RuntimeException failed) {
                channel.close();
                throw failed;
            }
        });
    }

    long length() {
        return length;
    }

    /** The strong entity tag of the file that this is a part of. */
    Optional<String> validator() {
        return validator;
    }

    private Optional<String> readValidator() throws IOException {
        try {
            if (Files.size(validatorPath) > MAX_VALIDATOR) {
                return Optional.empty();
            }
            return validTag(Files.readString(validatorPath, StandardCharsets.ISO_8859_1));
        } catch (NoSuchFileException none) {
            return Optional.empty();
        }
    }

    /** Remembers what is being written; a tag that is weak or broken does not identify bytes. */
    void tag(Optional<String> entityTag) {
        Optional<String> valid = entityTag.flatMap(PartFile::validTag);
        onDisk(() -> {
            if (valid.isPresent()) {
                Files.writeString(validatorPath, valid.get(), StandardCharsets.ISO_8859_1);
            } else {
                Files.deleteIfExists(validatorPath);
            }
            return valid;
        });
        validator = valid;
    }

    private static Optional<String> validTag(String text) {
        return Optional.of(text).filter(tag -> tag.length() <= MAX_VALIDATOR && tag.matches("\"[!#-~]*\""));
    }

    void append(ByteBuffer bytes) {
        hash(bytes.duplicate());
        length += onDisk(() -> {
            int written = 0;
            while (bytes.hasRemaining()) {
                written += channel.write(bytes, length + written);
            }
            return written;
        });
    }

    /** Begins again from nothing. */
    void reset() {
        onDisk(() -> channel.truncate(0));
        length = 0;
        beginHashes();
        tag(Optional.empty());
    }

    private void beginHashes() {
        sha256.reset();
        gitBlob.ifPresent(digest -> {
            digest.reset();
            digest.update(Checksum.gitHead(expected.orElseThrow()));
        });
    }

    private void hash(ByteBuffer bytes) {
        gitBlob.ifPresent(digest -> digest.update(bytes.duplicate()));
        sha256.update(bytes);
    }

    /** The SHA-256 of a complete file that is as it should be. May be asked once. */
    Optional<String> verified(Optional<Checksum> wanted) {
        String actual = HexFormat.of().formatHex(sha256.digest());
        boolean good = wanted.isEmpty()
                || actualOf(wanted.get(), actual)
                        .equals(Optional.of(wanted.get().hex()));
        return good ? Optional.of(actual) : Optional.empty();
    }

    private Optional<String> actualOf(Checksum wanted, String sha) {
        return wanted.kind() == Checksum.Kind.SHA256
                ? Optional.of(sha)
                : gitBlob.map(digest -> HexFormat.of().formatHex(digest.digest()));
    }

    /** Makes sure that the bytes are on the disk, and forgets of which version they are. */
    void finish() {
        onDisk(() -> {
            channel.force(true);
            return Files.deleteIfExists(validatorPath);
        });
    }

    void delete() {
        onDisk(() -> {
            Files.deleteIfExists(validatorPath);
            return Files.deleteIfExists(path);
        });
    }

    @Override
    public void close() {
        onDisk(() -> {
            channel.close();
            return channel;
        });
    }

    @FunctionalInterface
    private interface DiskWork<T> {
        T run() throws IOException;
    }

    private static <T> T onDisk(DiskWork<T> work) {
        try {
            return work.run();
        } catch (ClosedByInterruptException interrupted) {
            throw FetchFailed.cancelled();
        } catch (IOException failed) {
            throw new FetchFailed(Kind.DISK, "The file cannot be written: " + reason(failed) + ".");
        }
    }

    /** Without the path, which is none of a client's business. */
    private static String reason(IOException failed) {
        if (failed instanceof FileSystemException onFile) {
            return onFile.getReason() == null ? onFile.getClass().getSimpleName() : onFile.getReason();
        }
        return BodyReader.reason(failed);
    }
}
