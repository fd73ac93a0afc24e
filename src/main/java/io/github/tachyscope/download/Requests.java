package io.github.tachyscope.download;

import io.github.tachyscope.fetch.Hub;
import java.net.URI;
import java.util.List;
import java.util.Optional;

/** Requests for what stands in no catalogue, checked as far as that is possible without the network. */
public final class Requests {
    private static final String MAIN = "main";

    /** Longest address; longer ones are no addresses of files, and would fill logs and lists. */
    private static final int MAX_ADDRESS = 2048;

    private final Hub hub;

    public Requests(Hub hub) {
        this.hub = hub;
    }

    /** What was asked for makes no sense; the message is fit for the client. */
    public static final class Malformed extends RuntimeException {
        private static final long serialVersionUID = 1;

        Malformed(String message) {
            super(message, null, false, false);
        }
    }

    /**
     * Files of a repository.
     *
     * @param files patterns; empty for those that are usual
     */
    public DownloadRequest repository(String repository, Optional<String> revision, List<String> files) {
        if (!Hub.isRepository(repository)) {
            throw new Malformed("A repository is named owner/name.");
        }
        if (!Hub.isRevision(revision.orElse(MAIN))) {
            throw new Malformed("A revision is a branch, a tag or a commit.");
        }
        return new DownloadRequest(
                repository, List.of(new Source.Repository(repository, revision.orElse(MAIN), List.copyOf(files))));
    }

    /** One file at an address. One of the hub becomes a file of its repository, with length and checksum. */
    public DownloadRequest address(String address, Optional<String> filename) {
        URI uri = uri(address);
        Optional<Hub.Named> named = hub.named(uri);
        if (named.isPresent()) {
            Hub.Named file = demandFile(named.get());
            Source source = new Source.Repository(file.repository(), file.revision(), List.of(file.path()));
            return new DownloadRequest(shown(uri), List.of(source));
        }
        String name = filename.orElse(lastSegment(uri));
        if (!name.matches("[A-Za-z0-9][A-Za-z0-9 ._-]{0,150}\\.(safetensors|json|txt)")) {
            throw new Malformed(
                    "The address does not end in the name of a .safetensors, .json or .txt file; give one as"
                            + " \"filename\".");
        }
        return new DownloadRequest(shown(uri), List.of(new Source.Single(uri, name)));
    }

    /** Without the query, which may carry a signature. */
    static String shown(URI uri) {
        return uri.toString().replaceAll("[?#].*", "");
    }

    static URI uri(String address) {
        try {
            URI uri = URI.create(address.strip());
            if (uri.getHost() != null && address.length() <= MAX_ADDRESS) {
                return uri;
            }
        } catch (IllegalArgumentException malformed) {
            // Told below.
        }
        throw new Malformed("This is not an address that begins with https://.");
    }

    static Hub.Named demandFile(Hub.Named named) {
        if (named.page()) {
            throw new Malformed("This is the address of the page about the file. The file itself has \"/resolve/\" in"
                    + " place of \"/blob/\".");
        }
        return named;
    }

    static String lastSegment(URI uri) {
        String path = uri.getPath() == null ? "" : uri.getPath();
        return path.substring(path.lastIndexOf('/') + 1);
    }
}
