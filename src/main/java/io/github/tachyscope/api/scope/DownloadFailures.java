package io.github.tachyscope.api.scope;

import io.github.tachyscope.api.Refused;
import io.github.tachyscope.download.Failure;
import java.time.Duration;

/** What failures of downloads are to clients. */
final class DownloadFailures {
    private static final Duration RETRY = Duration.ofSeconds(30);

    private DownloadFailures() {}

    static Refused refused(Failure failure) {
        return switch (failure.kind()) {
            case BAD_REQUEST, MISMATCH -> Refused.with(400, failure.message());
            // 401 would make clients ask for the token of this server.
            case UNAUTHORIZED, FORBIDDEN -> Refused.with(403, failure.message());
            case MISSING -> Refused.with(404, failure.message());
            case EXISTS, CANCELLED -> Refused.with(409, failure.message());
            case TOO_LARGE -> Refused.with(413, failure.message());
            case NO_SPACE -> Refused.with(507, failure.message());
            case BUSY -> Refused.busy(failure.message(), RETRY);
            case REMOTE -> Refused.with(502, failure.message());
            case INTERNAL -> Refused.with(500, failure.message());
        };
    }
}
