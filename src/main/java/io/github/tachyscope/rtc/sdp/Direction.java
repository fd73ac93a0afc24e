package io.github.tachyscope.rtc.sdp;

/** Which way media of a line flows, as the writer of the description sees it (RFC 8866 section 6.7). */
public enum Direction {
    SENDRECV,
    SENDONLY,
    RECVONLY,
    INACTIVE;

    /** The same line as the other side sees it. */
    Direction mirrored() {
        if (this == SENDONLY) {
            return RECVONLY;
        }
        return this == RECVONLY ? SENDONLY : this;
    }

    public boolean sends() {
        return this == SENDRECV || this == SENDONLY;
    }

    public boolean receives() {
        return this == SENDRECV || this == RECVONLY;
    }

    String attribute() {
        return switch (this) {
            case SENDRECV -> "sendrecv";
            case SENDONLY -> "sendonly";
            case RECVONLY -> "recvonly";
            case INACTIVE -> "inactive";
        };
    }
}
