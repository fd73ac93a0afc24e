package io.github.tachyscope.fetch;

import io.github.tachyscope.config.Secret;
import java.net.URI;

/**
 * A token and the one place that may see it.
 *
 * @param origin scheme, host and port that it is sent to
 */
public record Credential(URI origin, Secret token) {
    /** The value of a header; a text that is no token never gets as far as a message about headers. */
    String header() {
        if (!token.value().matches("[!-~]{1,4096}")) {
            throw new FetchFailed(
                    FetchFailed.Kind.UNAUTHORIZED,
                    "The token for " + origin.getHost() + " has characters that no token has. Set it anew.");
        }
        return "Bearer " + token.value();
    }

    boolean belongsTo(URI address) {
        return HostPolicy.origin(origin).equals(HostPolicy.origin(address));
    }
}
