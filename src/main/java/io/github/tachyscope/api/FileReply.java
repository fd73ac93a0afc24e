package io.github.tachyscope.api;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.pekko.http.javadsl.model.HttpEntities;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.headers.RawHeader;
import org.apache.pekko.stream.javadsl.FileIO;
import org.apache.pekko.stream.javadsl.Source;
import org.apache.pekko.util.ByteString;

/**
 * A file as a reply, whole or one range of it (RFC 9110, section 14). A request for several ranges gets the whole file,
 * as the RFC permits. Blocks shortly; the content itself is streamed.
 */
public final class FileReply {
    private static final int CHUNK = 64 * 1024;
    private static final Pattern RANGE = Pattern.compile("\\s*bytes\\s*=\\s*(\\d{0,18})\\s*-\\s*(\\d{0,18})\\s*");

    private FileReply() {}

    public static HttpResponse of(
            Path file, Optional<String> range, Optional<String> ifRange, Optional<String> knownTag) throws IOException {
        long size = Files.size(file);
        String tag = "\"" + Long.toHexString(Files.getLastModifiedTime(file).toMillis()) + "-" + Long.toHexString(size)
                + "\"";
        if (knownTag.filter(known -> known.contains(tag)).isPresent()) {
            return common(HttpResponse.create().withStatus(304), tag);
        }
        boolean stale = ifRange.isPresent() && !ifRange.get().equals(tag);
        Matcher wanted = RANGE.matcher(range.orElse(""));
        boolean whole = stale || !wanted.matches() || (wanted.group(1) + wanted.group(2)).isEmpty();
        if (whole) {
            return common(content(HttpResponse.create(), file, 0, size), tag);
        }
        long first;
        long last;
        if (wanted.group(1).isEmpty()) {
            first = Math.max(0, size - Long.parseLong(wanted.group(2)));
            last = size - 1;
        } else {
            first = Long.parseLong(wanted.group(1));
            last = wanted.group(2).isEmpty() ? size - 1 : Math.min(size - 1, Long.parseLong(wanted.group(2)));
        }
        if (first > last) {
            return common(
                    Problems.render(Refused.with(416, "The file has no such range of bytes."))
                            .addHeader(RawHeader.create("Content-Range", "bytes */" + size)),
                    tag);
        }
        HttpResponse partial = HttpResponse.create()
                .withStatus(206)
                .addHeader(RawHeader.create("Content-Range", "bytes " + first + "-" + last + "/" + size));
        return common(content(partial, file, first, last - first + 1), tag);
    }

    private static HttpResponse content(HttpResponse response, Path file, long start, long length) {
        if (length == 0) {
            return response.withEntity(HttpEntities.create(MediaTypeOf.file(file.toString()), new byte[0]));
        }
        // An entity is streamed once, so the count may live here. Ends with the last wanted byte, not with the file.
        long[] left = {length};
        Source<ByteString, ?> bytes = FileIO.fromPath(file, CHUNK, start)
                .map(chunk -> {
                    ByteString part = chunk.take((int) Math.min(left[0], chunk.size()));
                    left[0] -= part.size();
                    return part;
                })
                .takeWhile(part -> left[0] > 0, true);
        return response.withEntity(HttpEntities.create(MediaTypeOf.file(file.toString()), length, bytes));
    }

    private static HttpResponse common(HttpResponse response, String tag) {
        return response.addHeader(RawHeader.create("Accept-Ranges", "bytes"))
                .addHeader(RawHeader.create("ETag", tag))
                .addHeader(RawHeader.create("Cache-Control", "no-cache"))
                .addHeader(RawHeader.create("Content-Security-Policy", "default-src 'none'; sandbox"));
    }
}
