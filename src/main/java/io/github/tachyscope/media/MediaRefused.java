package io.github.tachyscope.media;

/** A file that a client sent cannot be used; the message is fit for the client. */
public final class MediaRefused extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** What is wrong with it. */
    public enum Reason {
        /** Above a limit; the message names what is allowed. */
        TOO_LARGE,
        /** Of a kind that is not read here. */
        UNSUPPORTED,
        /** Of a known kind, but not readable. */
        DAMAGED
    }

    private final Reason reason;

    private MediaRefused(Reason reason, String message) {
        // Clients choose how often this happens: no stack trace.
        super(message, null, false, false);
        this.reason = reason;
    }

    static MediaRefused tooLarge(String message) {
        return new MediaRefused(Reason.TOO_LARGE, message);
    }

    static MediaRefused unsupported(String message) {
        return new MediaRefused(Reason.UNSUPPORTED, message);
    }

    static MediaRefused damaged(String message) {
        return new MediaRefused(Reason.DAMAGED, message);
    }

    public Reason reason() {
        return reason;
    }
}
