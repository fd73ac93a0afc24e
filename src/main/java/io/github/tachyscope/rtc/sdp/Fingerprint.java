package io.github.tachyscope.rtc.sdp;

import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;

/** SHA-256 of a certificate, the only hash that is trusted here (RFC 8122). */
public final class Fingerprint {
    static final int BYTES = 32;
    private static final HexFormat PAIRS = HexFormat.ofDelimiter(":").withUpperCase();

    private final byte[] hash;

    public Fingerprint(byte[] hash) {
        if (hash.length != BYTES) {
            throw new IllegalArgumentException("fingerprint of " + hash.length + " bytes");
        }
        this.hash = hash.clone();
    }

    /** Reads {@code AB:CD:...}; empty if that is not 32 bytes. */
    static Optional<Fingerprint> parse(String pairs) {
        if (pairs.length() != 3 * BYTES - 1) {
            return Optional.empty();
        }
        try {
            return Optional.of(new Fingerprint(HexFormat.ofDelimiter(":").parseHex(pairs)));
        } catch (IllegalArgumentException notHex) {
            return Optional.empty();
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Fingerprint that && MessageDigest.isEqual(hash, that.hash);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(hash);
    }

    /** As SDP writes it. */
    @Override
    public String toString() {
        return PAIRS.formatHex(hash);
    }
}
