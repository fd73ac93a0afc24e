package io.github.tachyscope.rtc.srtp;

/** A datagram that SRTP does not let through. Cheap to throw: it has no stack trace. */
public final class SrtpRejected extends Exception {
    private static final long serialVersionUID = 1;

    /** Why. */
    public enum Reason {
        /** Too short or with impossible lengths. */
        MALFORMED,
        /** The tag does not fit: wrong key or changed on the way. */
        AUTHENTICATION,
        /** Seen before, or older than the replay window. */
        REPLAYED,
        /** The table of sources is full. */
        TOO_MANY_SOURCES
    }

    private final Reason reason;

    SrtpRejected(Reason reason) {
        super(reason.name(), null, false, false);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }
}
