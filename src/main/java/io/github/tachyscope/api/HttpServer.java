package io.github.tachyscope.api;

import io.github.tachyscope.config.ServerSettings;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.Done;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.http.javadsl.ConnectionContext;
import org.apache.pekko.http.javadsl.Http;
import org.apache.pekko.http.javadsl.ServerBinding;
import org.apache.pekko.http.javadsl.ServerBuilder;
import org.apache.pekko.http.javadsl.server.Route;

/** The bound port: HTTP, or HTTPS when the settings name a certificate. */
public final class HttpServer {
    private final ServerBinding binding;
    private final boolean tls;

    private HttpServer(ServerBinding binding, boolean tls) {
        this.binding = binding;
        this.tls = tls;
    }

    /**
     * Binds the port.
     *
     * @throws IllegalArgumentException if the certificate or key cannot be used; the text is for the operator
     */
    public static CompletionStage<HttpServer> bind(ActorSystem<?> system, ServerSettings settings, Route route) {
        ServerBuilder builder = Http.get(system)
                .newServerAt(settings.host(), settings.port())
                // Our code relies on these two; limits are a matter of configuration.
                .adaptSettings(
                        defaults -> defaults.withRemoteAddressAttribute(true).withTransparentHeadRequests(true));
        if (settings.tls().isPresent()) {
            builder = builder.enableHttps(ConnectionContext.httpsServer(
                    PemIdentity.context(settings.tls().get())));
        }
        return builder.bind(route)
                .thenApply(binding -> new HttpServer(binding, settings.tls().isPresent()));
    }

    public InetSocketAddress address() {
        return binding.localAddress();
    }

    /** Such as {@code http://127.0.0.1:8000}. */
    public String url() {
        InetSocketAddress address = address();
        String host = address.getAddress().getHostAddress();
        String shown = host.indexOf(':') >= 0 ? "[" + host + "]" : host;
        return (tls ? "https://" : "http://") + shown + ":" + address.getPort();
    }

    /** Takes no new connections and requests; those under way may end until the deadline. */
    public CompletionStage<Done> terminate(Duration deadline) {
        return binding.terminate(deadline).thenApply(terminated -> Done.getInstance());
    }
}
