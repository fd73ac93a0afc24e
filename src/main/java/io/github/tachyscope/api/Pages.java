package io.github.tachyscope.api;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.headers.RawHeader;

/**
 * The pages of the web UI, from a directory or from the class path: the file if it exists, else the start page, because
 * the UI may have addresses of its own. Methods block.
 */
final class Pages {
    private static final String START = "index.html";

    /** Scripts, styles and connections from here only; pictures and video also from memory and the camera. */
    private static final String POLICY = "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:"
            + " mediastream:; connect-src 'self' ws: wss:; object-src 'none'; base-uri 'none'; form-action 'self';"
            + " frame-ancestors 'self'";

    private final Optional<Path> directory;

    Pages(Optional<Path> directory) {
        this.directory = directory.map(path -> path.toAbsolutePath().normalize());
    }

    HttpResponse serve(List<String> segments, Optional<String> knownTag) throws IOException {
        for (String segment : segments) {
            if (segment.equals("..") || segment.contains("/") || segment.contains("\\") || segment.indexOf('\0') >= 0) {
                throw Refused.with(403, "The path leads out of the pages.");
            }
        }
        String name = String.join("/", segments);
        Optional<byte[]> file = name.isEmpty() || name.equals(START) ? Optional.empty() : read(name);
        if (file.isPresent()) {
            return secured(file(name, file.get(), knownTag));
        }
        Optional<byte[]> start = read(START);
        if (start.isPresent()) {
            return secured(Replies.bytes(MediaTypeOf.file(START), start.get())
                    .addHeader(RawHeader.create("Cache-Control", "no-cache, no-store, must-revalidate")));
        }
        if (name.isEmpty()) {
            return Replies.json(JsonNodeFactory.instance
                    .objectNode()
                    .put("message", "Tachyscope is running. This build has no pages; the API is described at /docs."));
        }
        return Problems.notFound();
    }

    private static HttpResponse file(String name, byte[] content, Optional<String> knownTag) {
        CRC32C checksum = new CRC32C();
        checksum.update(content);
        String tag = "\"" + Long.toHexString(checksum.getValue()) + "-" + Integer.toHexString(content.length) + "\"";
        HttpResponse response = knownTag.filter(known -> known.contains(tag)).isPresent()
                ? HttpResponse.create().withStatus(304)
                : Replies.bytes(MediaTypeOf.file(name), content);
        return response.addHeader(RawHeader.create("ETag", tag))
                .addHeader(RawHeader.create("Cache-Control", "max-age=0, must-revalidate"));
    }

    private static HttpResponse secured(HttpResponse response) {
        return response.addHeader(RawHeader.create("Content-Security-Policy", POLICY))
                .addHeader(RawHeader.create("Referrer-Policy", "no-referrer"));
    }

    private Optional<byte[]> read(String name) throws IOException {
        if (directory.isEmpty()) {
            return resource("/web/" + name);
        }
        Path root = directory.get();
        Path file;
        try {
            file = root.resolve(name).normalize();
        } catch (InvalidPathException invalid) {
            return Optional.empty();
        }
        if (!Files.isRegularFile(file)) {
            return Optional.empty();
        }
        if (!file.toRealPath().startsWith(root.toRealPath())) {
            throw Refused.with(403, "The path leads out of the pages.");
        }
        return Optional.of(Files.readAllBytes(file));
    }

    /** A file on the class path; a folder is none. */
    static Optional<byte[]> resource(String name) throws IOException {
        if (name.endsWith("/") || !name.substring(name.lastIndexOf('/')).contains(".")) {
            return Optional.empty();
        }
        try (InputStream in = Pages.class.getResourceAsStream(name)) {
            return in == null ? Optional.empty() : Optional.of(in.readAllBytes());
        }
    }
}
