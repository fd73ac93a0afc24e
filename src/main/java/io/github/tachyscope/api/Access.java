package io.github.tachyscope.api;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.apache.pekko.http.javadsl.model.HttpMethods;
import org.apache.pekko.http.javadsl.model.HttpRequest;

/**
 * The optional access tokens: {@code Authorization: Bearer <token>}, or {@code ?access_token=} on a GET, because neither
 * an event source nor a picture in a page can set a header (RFC 6750, sections 2.1 and 2.3).
 */
final class Access {
    /** The name of the first token. */
    static final String FIRST = "token 1";

    private final List<byte[]> expected;

    /** @param tokens that are accepted; none lets everybody in */
    Access(Collection<String> tokens) {
        this.expected = tokens.stream().map(Access::digest).toList();
    }

    boolean allows(HttpRequest request) {
        return expected.isEmpty() || holder(request).isPresent();
    }

    /** Which of the tokens a request presents, as a name that does not reveal it. */
    Optional<String> holder(HttpRequest request) {
        Optional<byte[]> presented = presented(request).map(Access::digest);
        if (presented.isEmpty()) {
            return Optional.empty();
        }
        Optional<String> holder = Optional.empty();
        // All are compared, so that the time does not tell which one it was.
        for (int i = 0; i < expected.size(); i++) {
            if (MessageDigest.isEqual(expected.get(i), presented.get())) {
                holder = Optional.of("token " + (i + 1));
            }
        }
        return holder;
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
