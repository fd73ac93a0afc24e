package io.github.tachyscope.rtc.sctp;

/** A message or a channel that cannot be had now; nothing was sent. */
public final class SendRefused extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** Why it was refused. */
    public enum Reason {
        /** No channel of that number. */
        UNKNOWN_CHANNEL,
        /** The channel is closing, or the association is gone. */
        CLOSED,
        /** The message is larger than the peer takes. */
        TOO_LARGE,
        /** Too much waits already; try again after acknowledgements came in. */
        BUFFER_FULL,
        /** The table of channels is full. */
        TOO_MANY_CHANNELS
    }

    private final Reason reason;

    SendRefused(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }
}
