package io.github.tachyscope.download;

import io.github.tachyscope.fetch.FetchFailed;
import io.github.tachyscope.store.StoreRefused;
import io.github.tachyscope.tensor.WeightsRejected;
import java.nio.channels.ClosedByInterruptException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Why something did not come.
 *
 * @param message fit for the client: what was wrong and what to do next
 */
public record Failure(Kind kind, String message) {
    private static final Logger LOG = LoggerFactory.getLogger(Failure.class);

    /** Sorts of failures. */
    public enum Kind {
        BAD_REQUEST,
        /** The other host asks for a login. */
        UNAUTHORIZED,
        /** The other host refuses access. */
        FORBIDDEN,
        MISSING,
        /** It is there, or under way, already. */
        EXISTS,
        TOO_LARGE,
        NO_SPACE,
        /** As many downloads as there may be. */
        BUSY,
        CANCELLED,
        /** The file is another than was announced. */
        MISMATCH,
        /** The other host, or the way to it. */
        REMOTE,
        /** A fault of our own. */
        INTERNAL
    }

    static Failure of(Throwable thrown) {
        if (thrown instanceof FetchFailed failed) {
            return new Failure(kind(failed.kind()), failed.getMessage());
        }
        if (thrown instanceof StoreRefused refused) {
            return new Failure(kind(refused.reason()), refused.getMessage());
        }
        if (thrown instanceof WeightsRejected rejected) {
            return new Failure(Kind.BAD_REQUEST, "The file cannot be used: " + rejected.getMessage() + ".");
        }
        if (thrown instanceof ClosedByInterruptException) {
            return new Failure(Kind.CANCELLED, "The download was cancelled.");
        }
        LOG.error("a download failed", thrown);
        return new Failure(Kind.INTERNAL, "The download failed; the log of the server says why.");
    }

    private static Kind kind(FetchFailed.Kind kind) {
        return switch (kind) {
            case NOT_ALLOWED -> Kind.BAD_REQUEST;
            case UNAUTHORIZED -> Kind.UNAUTHORIZED;
            case FORBIDDEN -> Kind.FORBIDDEN;
            case MISSING -> Kind.MISSING;
            case TOO_LARGE -> Kind.TOO_LARGE;
            case DISK -> Kind.NO_SPACE;
            case CANCELLED -> Kind.CANCELLED;
            case WRONG_LENGTH, WRONG_HASH -> Kind.MISMATCH;
            case UNREACHABLE, BAD_REPLY -> Kind.REMOTE;
        };
    }

    private static Kind kind(StoreRefused.Reason reason) {
        return switch (reason) {
            case BAD_NAME, OUTSIDE, READ_ONLY -> Kind.BAD_REQUEST;
            case MISSING -> Kind.MISSING;
            case EXISTS -> Kind.EXISTS;
            case TOO_LARGE -> Kind.TOO_LARGE;
            case NO_SPACE -> Kind.NO_SPACE;
            case QUEUE_FULL -> Kind.BUSY;
        };
    }
}
