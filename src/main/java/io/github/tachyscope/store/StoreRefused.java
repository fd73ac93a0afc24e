package io.github.tachyscope.store;

/** A name, a size or a job that the store does not take; the message is fit for the client. */
public final class StoreRefused extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** Why. */
    public enum Reason {
        /** The name is broken, or its kind is not allowed. */
        BAD_NAME,
        /** The name leads out of the directory. */
        OUTSIDE,
        /** There is no such file. */
        MISSING,
        /** The file, or the sum of all files, is beyond its limit. */
        TOO_LARGE,
        /** The file must not be changed. */
        READ_ONLY,
        /** There is one of that name already. */
        EXISTS,
        /** As many jobs wait as may wait. */
        QUEUE_FULL,
        /** The disk, or the part of it that results may fill, is full. */
        NO_SPACE
    }

    private final Reason reason;

    public StoreRefused(Reason reason, String message) {
        super(message, null, false, false);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }
}
