package io.github.tachyscope.api.comfy;

import io.github.tachyscope.api.Endpoint;
import io.github.tachyscope.api.Refused;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.headers.RawHeader;

/**
 * Who may call from a page of another origin. Most who run this interface run it on their own machine without a token, where
 * every page that they open could make pictures and read them; so pages of other origins are refused there, unless one was
 * named in the settings.
 */
final class CrossOrigin {
    private static final Pattern LOOPBACK = Pattern.compile("localhost|127(\\.\\d{1,3}){3}|\\[::1]");
    private static final Pattern PORT = Pattern.compile(":\\d+$");

    private final Optional<String> allowed;

    /** @param allowed origin, or {@code *} */
    CrossOrigin(Optional<String> allowed) {
        this.allowed = allowed;
    }

    /** The same endpoint, for those who may. */
    Endpoint guarded(Endpoint endpoint) {
        return new Endpoint(endpoint.method(), endpoint.template(), endpoint.open(), call -> {
            if (allowed.isPresent()) {
                return endpoint.handler().handle(call).thenApply(this::decorated);
            }
            if (foreign(call.header("Host"), call.header("Origin"), call.header("Sec-Fetch-Site"))) {
                throw Refused.with(
                        403,
                        "Pages of other origins may not call this server (tachyscope.comfy.cors-origin names one that may).");
            }
            return endpoint.handler().handle(call);
        });
    }

    /** Whether a request comes from a page that is not this server's own, to a server on the machine of the reader. */
    static boolean foreign(Optional<String> host, Optional<String> origin, Optional<String> site) {
        if (site.filter("cross-site"::equals).isPresent()) {
            return true;
        }
        String own = host.orElse("").toLowerCase(Locale.ROOT);
        boolean loopback = LOOPBACK.matcher(PORT.matcher(own).replaceFirst("")).matches();
        return loopback && origin.isPresent() && !authority(origin.get()).equals(own);
    }

    private static String authority(String origin) {
        try {
            return Optional.ofNullable(new URI(origin).getRawAuthority())
                    .orElse("")
                    .toLowerCase(Locale.ROOT);
        } catch (URISyntaxException none) {
            return "";
        }
    }

    private HttpResponse decorated(HttpResponse response) {
        return response.addHeader(RawHeader.create("Access-Control-Allow-Origin", allowed.orElseThrow()))
                .addHeader(RawHeader.create("Access-Control-Allow-Methods", "POST, GET, DELETE, PUT, OPTIONS, PATCH"))
                .addHeader(RawHeader.create("Access-Control-Allow-Headers", "Content-Type, Authorization"))
                .addHeader(RawHeader.create("Access-Control-Allow-Credentials", "true"));
    }
}
