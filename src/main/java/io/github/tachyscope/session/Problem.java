package io.github.tachyscope.session;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Why a request was not fulfilled, in terms that every face of the API can translate.
 *
 * @param kind what sort of fault
 * @param message what was wrong, what is allowed, what to do next; fit for the client
 * @param fields for {@link Kind#INVALID}: which fields were wrong
 * @param retryAfter for {@link Kind#BUSY}: when to come back
 */
public record Problem(Kind kind, String message, List<Field> fields, Optional<Duration> retryAfter) {
    /** Sorts of faults. */
    public enum Kind {
        /** The request makes no sense now or is broken: 400. */
        BAD_REQUEST,
        /** A value is outside its range: 422. */
        INVALID,
        /** There is no such thing: 404. */
        NOT_FOUND,
        /** No room now: 503 with Retry-After. */
        BUSY,
        /** A fault of our own: 500. */
        INTERNAL
    }

    /**
     * One wrong field.
     *
     * @param path names from the body's root to the field
     * @param message what was wrong and what is allowed
     * @param type machine-readable sort of fault, such as {@code less_than_equal}
     */
    public record Field(List<String> path, String message, String type) {}

    public static Problem badRequest(String message) {
        return new Problem(Kind.BAD_REQUEST, message, List.of(), Optional.empty());
    }

    public static Problem notFound(String message) {
        return new Problem(Kind.NOT_FOUND, message, List.of(), Optional.empty());
    }

    public static Problem invalid(String message, List<Field> fields) {
        return new Problem(Kind.INVALID, message, List.copyOf(fields), Optional.empty());
    }

    public static Problem busy(String message, Duration retryAfter) {
        return new Problem(Kind.BUSY, message, List.of(), Optional.of(retryAfter));
    }

    public static Problem internal(String message) {
        return new Problem(Kind.INTERNAL, message, List.of(), Optional.empty());
    }
}
