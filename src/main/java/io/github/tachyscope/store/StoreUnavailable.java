package io.github.tachyscope.store;

/** The database of the jobs cannot be asked now; later the same call may work. The message is fit for an operator. */
public final class StoreUnavailable extends RuntimeException {
    private static final long serialVersionUID = 1;

    StoreUnavailable(String message, Throwable cause) {
        super(message, cause);
    }
}
