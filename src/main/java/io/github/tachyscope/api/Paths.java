package io.github.tachyscope.api;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** The path of a request in parts. */
final class Paths {
    /** First parts that never are pages, so that a mistyped API call gets an error and not the start page. */
    private static final Set<String> API = Set.of("api", "v1", "docs");

    private Paths() {}

    /** The parts between the slashes, each percent-decoded on its own. */
    static List<String> segments(String path) {
        return Stream.of(path.substring(Math.min(1, path.length())).split("/", -1))
                .map(Paths::decode)
                .toList();
    }

    private static String decode(String segment) {
        try {
            return URLDecoder.decode(segment.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException malformed) {
            throw Refused.with(400, "The path is not percent-encoded correctly.");
        }
    }

    static boolean belongsToApi(List<String> segments) {
        return API.contains(segments.get(0));
    }
}
