package io.github.tachyscope.fetch;

import io.github.tachyscope.config.Secret;
import java.net.URI;

/**
 * A token and the one place that may see it.
 *
 * @param origin scheme, host and port that it is sent to
 */
public record Credential(URI origin, Secret token) {
    boolean belongsTo(URI address) {
        return HostPolicy.origin(origin).equals(HostPolicy.origin(address));
    }
}
