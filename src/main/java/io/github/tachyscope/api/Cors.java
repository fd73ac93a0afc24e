package io.github.tachyscope.api;

import java.util.Optional;
import org.apache.pekko.http.javadsl.model.HttpHeader;
import org.apache.pekko.http.javadsl.model.HttpMethods;
import org.apache.pekko.http.javadsl.model.HttpRequest;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.headers.RawHeader;

/** Cross-origin rules: every origin may call. The origin is echoed because credentials are allowed with it. */
final class Cors {
    private static final String METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";

    /** What a script of another origin may read besides the simple headers. */
    private static final String EXPOSED =
            "Content-Disposition, Content-Range, ETag, Location, Retry-After, X-Job-Id, X-Video-Frames,"
                    + " X-Video-Height, X-Video-Width, X-Video-Channels";

    private Cors() {}

    static Optional<HttpResponse> preflight(HttpRequest request) {
        if (!request.method().equals(HttpMethods.OPTIONS)) {
            return Optional.empty();
        }
        HttpResponse response = HttpResponse.create()
                .withStatus(204)
                .addHeader(RawHeader.create("Access-Control-Allow-Methods", METHODS))
                .addHeader(RawHeader.create("Access-Control-Max-Age", "600"))
                .addHeader(RawHeader.create("Allow", METHODS));
        Optional<HttpHeader> asked = request.getHeader("Access-Control-Request-Headers");
        return Optional.of(
                asked.isEmpty()
                        ? response
                        : response.addHeader(RawHeader.create(
                                "Access-Control-Allow-Headers", asked.get().value())));
    }

    static HttpResponse decorate(HttpRequest request, HttpResponse response) {
        if (response.getHeader("Access-Control-Allow-Origin").isPresent()) {
            // A face with rules of its own.
            return response.addHeader(RawHeader.create("Vary", "Origin"));
        }
        Optional<HttpHeader> origin = request.getHeader("Origin");
        if (origin.isEmpty()) {
            return response.addHeader(RawHeader.create("Vary", "Origin"));
        }
        return response.addHeader(RawHeader.create(
                        "Access-Control-Allow-Origin", origin.get().value()))
                .addHeader(RawHeader.create("Access-Control-Allow-Credentials", "true"))
                .addHeader(RawHeader.create("Access-Control-Expose-Headers", EXPOSED))
                .addHeader(RawHeader.create("Vary", "Origin"));
    }
}
