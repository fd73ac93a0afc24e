package io.github.tachyscope.rtc.sctp;

import java.nio.charset.StandardCharsets;
import java.util.OptionalInt;

/**
 * What a data channel promises (RFC 8831 section 6.1). Without a limit it is reliable.
 *
 * @param maxRetransmits give a message up after that many retransmissions
 * @param maxLifetimeMillis give a message up after that time
 */
public record ChannelOptions(
        String label, String protocol, boolean ordered, OptionalInt maxRetransmits, OptionalInt maxLifetimeMillis) {

    /** Longest label and protocol in UTF-8; both have 16-bit lengths on the wire, and OPEN should be one packet. */
    static final int MAX_NAME_BYTES = 1000;

    public ChannelOptions {
        if (maxRetransmits.isPresent() && maxLifetimeMillis.isPresent()) {
            throw new IllegalArgumentException("a channel limits retransmissions or lifetime, not both");
        }
        if (maxRetransmits.orElse(0) < 0 || maxLifetimeMillis.orElse(0) < 0) {
            throw new IllegalArgumentException("limits are not negative");
        }
        if (tooLong(label) || tooLong(protocol)) {
            throw new IllegalArgumentException("label and protocol have at most " + MAX_NAME_BYTES + " bytes");
        }
    }

    /** Ordered and reliable, without a sub-protocol. */
    public static ChannelOptions reliable(String label) {
        return new ChannelOptions(label, "", true, OptionalInt.empty(), OptionalInt.empty());
    }

    /** Unordered and given up after so many retransmissions. */
    public static ChannelOptions unreliable(String label, int maxRetransmits) {
        return new ChannelOptions(label, "", false, OptionalInt.of(maxRetransmits), OptionalInt.empty());
    }

    static boolean tooLong(String name) {
        return name.getBytes(StandardCharsets.UTF_8).length > MAX_NAME_BYTES;
    }
}
