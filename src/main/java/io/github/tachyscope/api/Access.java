package io.github.tachyscope.api;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Optional;
import org.apache.pekko.http.javadsl.model.HttpMethods;
import org.apache.pekko.http.javadsl.model.HttpRequest;

/**
 * The optional access token: {@code Authorization: Bearer <token>}, or {@code ?access_token=} on a GET, because neither
 * an event source nor a picture in a page can set a header (RFC 6750, sections 2.1 and 2.3).
 */
final class Access {
    private final Optional<byte[]> expected;

    Access(Optional<String> token) {
        this.expected = token.map(Access::digest);
    }

    boolean allows(HttpRequest request) {
        return expected.isEmpty()
                || presented(request)
                        .map(token -> MessageDigest.isEqual(expected.get(), digest(token)))
                        .orElse(false);
    }

    private static Optional<String> presented(HttpRequest request) {
        Optional<String> bearer = request.getHeader("Authorization")
                .map(header -> header.value().strip())
                .filter(value -> value.regionMatches(true, 0, "Bearer ", 0, 7))
                .map(value -> value.substring(7).strip());
        if (bearer.isPresent() || !request.method().equals(HttpMethods.GET)) {
            return bearer;
        }
        return request.getUri().query().get("access_token");
    }

    // Digests have equal lengths, so the comparison tells nothing about the length of the token either.
    private static byte[] digest(String token) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
