package io.github.tachyscope.api.video;

import java.net.URI;
import java.nio.file.Path;

/** Gets pictures and videos from addresses that clients name. */
@FunctionalInterface
public interface RemoteInputs {
    /**
     * Fetches a file; blocks.
     *
     * @param maxBytes a longer one is refused
     * @throws RemoteRefused if it is not fetched
     */
    void fetch(URI address, long maxBytes, Path to);

    /** An address was not fetched; the message says why and is fit for the client. */
    final class RemoteRefused extends RuntimeException {
        private static final long serialVersionUID = 1;

        public RemoteRefused(String message) {
            super(message, null, false, false);
        }
    }

    /** Fetches nothing. */
    static RemoteInputs none() {
        return (address, maxBytes, to) -> {
            throw new RemoteRefused("this server does not fetch from addresses (tachyscope.video.remote-inputs is off);"
                    + " send the file itself, or a data: address");
        };
    }
}
