package io.github.tachyscope.fetch;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;

/**
 * What a file must hash to.
 *
 * @param hex lower case
 */
public record Checksum(Kind kind, String hex) {
    /** Ways to hash a file. */
    public enum Kind {
        SHA256("SHA-256"),
        /** As git names contents: SHA-1 over {@code blob <length>\0} and the bytes. */
        GIT_BLOB("SHA-1");

        private final String algorithm;

        Kind(String algorithm) {
            this.algorithm = algorithm;
        }

        MessageDigest digest() {
            try {
                return MessageDigest.getInstance(algorithm);
            } catch (NoSuchAlgorithmException impossible) {
                throw new IllegalStateException(impossible);
            }
        }
    }

    private static final int SHA256_DIGITS = 64;
    private static final int SHA1_DIGITS = 40;
    private static final int BUFFER_BYTES = 1 << 16;

    /** The SHA-256 that the text is, with or without {@code sha256:} before it. */
    public static Optional<Checksum> sha256(String text) {
        String digits = text.strip().toLowerCase(Locale.ROOT).replaceFirst("^sha256:", "");
        return of(Kind.SHA256, digits, SHA256_DIGITS);
    }

    static Optional<Checksum> gitBlob(String text) {
        return of(Kind.GIT_BLOB, text.strip().toLowerCase(Locale.ROOT), SHA1_DIGITS);
    }

    /** Whether the file hashes to this. Reads all of it. */
    public boolean matches(Path file) throws IOException {
        MessageDigest digest = kind.digest();
        if (kind == Kind.GIT_BLOB) {
            digest.update(gitHead(Files.size(file)));
        }
        byte[] buffer = new byte[BUFFER_BYTES];
        try (InputStream in = Files.newInputStream(file)) {
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                digest.update(buffer, 0, read);
            }
        }
        return HexFormat.of().formatHex(digest.digest()).equals(hex);
    }

    /** What git hashes before the contents. */
    static byte[] gitHead(long length) {
        return ("blob " + length + "\0").getBytes(StandardCharsets.US_ASCII);
    }

    private static Optional<Checksum> of(Kind kind, String digits, int length) {
        return digits.matches("[0-9a-f]{" + length + "}") ? Optional.of(new Checksum(kind, digits)) : Optional.empty();
    }
}
