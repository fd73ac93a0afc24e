package io.github.tachyscope.fetch;

import java.time.Duration;
import java.util.Optional;

/** Something could not be fetched; the message is fit for the client: it names hosts, never tokens or signed addresses. */
public final class FetchFailed extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** Why. */
    public enum Kind {
        /** The address is none that this server may ask, or a redirect led to one. */
        NOT_ALLOWED,
        /** 401. */
        UNAUTHORIZED,
        /** 403. */
        FORBIDDEN,
        /** 404 or 410. */
        MISSING,
        /** No connection, no answer, an answer that broke off, or 5xx; another attempt may help. */
        UNREACHABLE,
        /** An answer that makes no sense here. */
        BAD_REPLY,
        /** More or fewer bytes than announced. */
        WRONG_LENGTH,
        /** Other bytes than announced. */
        WRONG_HASH,
        /** More bytes than are taken. */
        TOO_LARGE,
        /** The file cannot be written. */
        DISK,
        /** The thread was interrupted. */
        CANCELLED
    }

    private final Kind kind;
    private final transient Optional<Duration> retryAfter;

    public FetchFailed(Kind kind, String message) {
        this(kind, message, Optional.empty());
    }

    /** @param retryAfter what the host asked for */
    FetchFailed(Kind kind, String message, Optional<Duration> retryAfter) {
        super(message);
        this.kind = kind;
        this.retryAfter = retryAfter;
    }

    public Kind kind() {
        return kind;
    }

    Optional<Duration> retryAfter() {
        return retryAfter;
    }

    static FetchFailed cancelled() {
        return new FetchFailed(Kind.CANCELLED, "The download was cancelled.");
    }
}
