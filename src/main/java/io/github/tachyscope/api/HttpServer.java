package io.github.tachyscope.api;

import io.github.tachyscope.config.ServerSettings;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.Done;
import org.apache.pekko.NotUsed;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.http.javadsl.ConnectionContext;
import org.apache.pekko.http.javadsl.Http;
import org.apache.pekko.http.javadsl.ServerBinding;
import org.apache.pekko.http.javadsl.ServerBuilder;
import org.apache.pekko.http.javadsl.model.AttributeKey;
import org.apache.pekko.http.javadsl.model.HttpRequest;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.server.Route;
import org.apache.pekko.stream.OverflowStrategy;
import org.apache.pekko.stream.javadsl.Flow;

/** The bound port: HTTP, or HTTPS when the settings name a certificate. */
public final class HttpServer {
    /** Of a request: the connection that it came by. */
    static final AttributeKey<Connection> CONNECTION = AttributeKey.create("connection", Connection.class);

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
        return bind(system, settings, Duration.ZERO, route);
    }

    /**
     * The same where replies may take long: nothing is sent meanwhile, and the connection must not count as idle.
     *
     * @param longestWait for a reply
     */
    public static CompletionStage<HttpServer> bind(
            ActorSystem<?> system, ServerSettings settings, Duration longestWait, Route route) {
        ServerBuilder builder = Http.get(system)
                .newServerAt(settings.host(), settings.port())
                // Our code relies on these two; limits are a matter of configuration.
                .adaptSettings(defaults -> defaults.withRemoteAddressAttribute(true)
                        .withTransparentHeadRequests(true)
                        .withTimeouts(patient(defaults.getTimeouts(), longestWait)));
        if (settings.tls().isPresent()) {
            builder = builder.enableHttps(ConnectionContext.httpsServer(
                    PemIdentity.context(settings.tls().get())));
        }
        return builder.bindFlow(handling(system, route))
                .thenApply(binding -> new HttpServer(binding, settings.tls().isPresent()));
    }

    private static org.apache.pekko.http.javadsl.settings.ServerSettings.Timeouts patient(
            org.apache.pekko.http.javadsl.settings.ServerSettings.Timeouts timeouts, Duration longestWait) {
        boolean already = timeouts.idleTimeout().compareTo(scala(longestWait)) >= 0;
        return already ? timeouts : timeouts.withIdleTimeout(scala(longestWait));
    }

    private static scala.concurrent.duration.Duration scala(Duration duration) {
        return scala.concurrent.duration.Duration.fromNanos(duration.toNanos());
    }

    /** As the route does, with the end of the connection at hand. */
    private static Flow<HttpRequest, HttpResponse, NotUsed> handling(ActorSystem<?> system, Route route) {
        return Flow.fromMaterializer((materializer, attributes) -> {
                    Connection connection = new Connection(new CompletableFuture<>());
                    return Flow.of(HttpRequest.class)
                            .watchTermination((none, done) -> {
                                done.whenComplete(
                                        (end, broken) -> connection.closed().complete(Done.getInstance()));
                                return none;
                            })
                            // Looks for a further request while one is handled: only who reads sees that nobody is
                            // there.
                            .buffer(1, OverflowStrategy.backpressure())
                            .map(request -> request.addAttribute(CONNECTION, connection))
                            .via(route.flow(system));
                })
                .mapMaterializedValue(stage -> NotUsed.getInstance());
    }

    /** A client's connection. */
    record Connection(CompletableFuture<Done> closed) {}

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
