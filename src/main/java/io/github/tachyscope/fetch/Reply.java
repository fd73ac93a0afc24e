package io.github.tachyscope.fetch;

import io.github.tachyscope.fetch.FetchFailed.Kind;
import java.net.URI;
import java.net.http.HttpHeaders;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The head of a final reply, after all redirects, and its body.
 *
 * @param from where the body comes from
 * @param linkedHash SHA-256 that a hub names on the way to the place of the file
 */
record Reply(URI from, int status, HttpHeaders headers, Optional<Checksum> linkedHash, BodyReader body)
        implements AutoCloseable {
    private static final Pattern CONTENT_RANGE = Pattern.compile("bytes (\\d{1,18})-(\\d{1,18})/(\\d{1,18}|\\*)");

    /** Length of the body, where it is told. */
    OptionalLong length() {
        return headers.firstValueAsLong("Content-Length");
    }

    Optional<String> entityTag() {
        return headers.firstValue("ETag");
    }

    /**
     * The range of a reply 206.
     *
     * @param total length of the whole file, where it is told
     */
    record Range(long first, OptionalLong total) {}

    Optional<Range> range() {
        return headers.firstValue("Content-Range").map(String::strip).flatMap(text -> {
            Matcher matcher = CONTENT_RANGE.matcher(text);
            if (!matcher.matches()) {
                return Optional.empty();
            }
            OptionalLong total = matcher.group(3).equals("*")
                    ? OptionalLong.empty()
                    : OptionalLong.of(Long.parseLong(matcher.group(3)));
            return Optional.of(new Range(Long.parseLong(matcher.group(1)), total));
        });
    }

    /** What a status other than 200 and 206 means. */
    FetchFailed refusal() {
        String host = from.getHost();
        return switch (status) {
            case 401 -> new FetchFailed(Kind.UNAUTHORIZED, host + " asks for a login (401).");
            case 403 -> new FetchFailed(Kind.FORBIDDEN, host + " refuses access (403).");
            case 404, 410 -> new FetchFailed(Kind.MISSING, host + " has no such file (" + status + ").");
            case 408, 429, 500, 502, 503, 504 ->
                new FetchFailed(Kind.UNREACHABLE, host + " cannot serve now (" + status + ").", retryAfter());
            default -> new FetchFailed(Kind.BAD_REPLY, host + " answered with status " + status + ".");
        };
    }

    /** Only the form in seconds; dates would need both clocks to agree. */
    private Optional<Duration> retryAfter() {
        return headers.firstValue("Retry-After")
                .map(String::strip)
                .filter(text -> text.matches("\\d{1,6}"))
                .map(text -> Duration.ofSeconds(Long.parseLong(text)));
    }

    @Override
    public void close() {
        body.close();
    }
}
