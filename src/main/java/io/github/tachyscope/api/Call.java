package io.github.tachyscope.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;
import org.apache.pekko.Done;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.actor.typed.javadsl.AskPattern;
import org.apache.pekko.http.javadsl.model.AttributeKeys;
import org.apache.pekko.http.javadsl.model.HttpEntity;
import org.apache.pekko.http.javadsl.model.HttpHeader;
import org.apache.pekko.http.javadsl.model.HttpRequest;
import org.apache.pekko.http.javadsl.model.RemoteAddress;
import org.apache.pekko.http.javadsl.model.RequestEntity;
import org.apache.pekko.http.javadsl.model.headers.TimeoutAccess;
import org.apache.pekko.japi.function.Function;

/** One request under way: its variables, query, body, and the ways to get an answer for it. */
public final class Call {
    /** Largest JSON body unless an endpoint allows more; protects memory. A larger one gets 413. */
    public static final long JSON_LIMIT = 1 << 20;

    /** Longest time that a JSON body may take to arrive; protects connections from clients that drip. */
    private static final Duration BODY_TIMEOUT = Duration.ofSeconds(20);

    private static final ObjectMapper MAPPER =
            new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private final HttpRequest request;
    private final Map<String, String> variables;
    private final ActorSystem<?> system;
    private final Optional<String> tokenHolder;
    private boolean entityTaken;

    Call(HttpRequest request, Map<String, String> variables, Optional<String> tokenHolder, ActorSystem<?> system) {
        this.request = request;
        this.tokenHolder = tokenHolder;
        this.variables = variables;
        this.system = system;
    }

    public HttpRequest request() {
        return request;
    }

    public ActorSystem<?> system() {
        return system;
    }

    /** A variable of the path, percent-decoded. */
    public String variable(String name) {
        return Optional.ofNullable(variables.get(name)).orElseThrow();
    }

    public Optional<String> query(String name) {
        return request.getUri().query().get(name);
    }

    /** A parameter of the query that must be there. */
    public String requiredQuery(String name) {
        return query(name)
                .orElseThrow(() ->
                        Refused.invalid(List.of("query", name), "missing", "Field required", NullNode.getInstance()));
    }

    /** A whole number of the query. */
    public long query(String name, long fallback, long least, long most) {
        Optional<String> given = query(name);
        if (given.isEmpty()) {
            return fallback;
        }
        try {
            long value = Long.parseLong(given.get().trim());
            if (value >= least && value <= most) {
                return value;
            }
        } catch (NumberFormatException notANumber) {
            // Told like a number out of range.
        }
        throw Refused.invalid(
                List.of("query", name),
                "int_parsing",
                "Input should be a whole number from " + least + " to " + most,
                TextNode.valueOf(given.get()));
    }

    public Optional<String> header(String name) {
        return request.getHeader(name).map(HttpHeader::value);
    }

    /** The address at the other end of the connection. */
    public String clientAddress() {
        return request.getAttribute(AttributeKeys.remoteAddress)
                .flatMap(RemoteAddress::getAddress)
                .map(InetAddress::getHostAddress)
                .orElse("unknown");
    }

    /** Which access token was presented, as a name that does not reveal it; empty where none is asked for. */
    public Optional<String> tokenHolder() {
        return tokenHolder;
    }

    /** Completes when the client has closed its connection, or that broke. */
    public CompletionStage<Done> gone() {
        return request.getAttribute(HttpServer.CONNECTION)
                .map(HttpServer.Connection::closed)
                .orElseGet(CompletableFuture::new);
    }

    /** Gives the reply to this request more time than the others have. */
    public void patient(Duration time) {
        request.getHeader(TimeoutAccess.class)
                .ifPresent(access -> access.timeoutAccess().updateTimeout(time));
    }

    /** The body, which the caller must consume. */
    public RequestEntity entity() {
        entityTaken = true;
        return request.entity();
    }

    /**
     * The reply, once a body that nobody reads has arrived: many clients do not look for a reply while they send. Reads no
     * more than the server's general limit.
     */
    public <T> CompletionStage<T> drained(CompletionStage<T> reply) {
        return request.discardEntityBytes(system)
                .completionStage()
                .handle((done, tooLarge) -> reply)
                .thenCompose(same -> same);
    }

    boolean entityTaken() {
        return entityTaken;
    }

    public CompletionStage<Body> json() {
        return json(JSON_LIMIT);
    }

    /** The body as a JSON object. */
    public CompletionStage<Body> json(long limit) {
        return bytes(limit).thenApply(Call::parse);
    }

    public CompletionStage<String> text() {
        return bytes(JSON_LIMIT).thenApply(bytes -> new String(bytes, StandardCharsets.UTF_8));
    }

    /** The body as it is. */
    public CompletionStage<byte[]> bytes(long limit) {
        return entity().withSizeLimit(limit)
                .toStrict(BODY_TIMEOUT.toMillis(), system)
                .exceptionally(Call::tooSlow)
                .thenApply(strict -> strict.getData().toArray());
    }

    private static HttpEntity.Strict tooSlow(Throwable failure) {
        Throwable cause = failure instanceof CompletionException wrapped ? wrapped.getCause() : failure;
        if (cause instanceof TimeoutException) {
            throw Refused.with(408, "The body did not arrive within " + BODY_TIMEOUT.toSeconds() + " s.");
        }
        throw new CompletionException(cause);
    }

    private static Body parse(byte[] bytes) {
        JsonNode body;
        try {
            body = MAPPER.readTree(bytes);
        } catch (JsonProcessingException malformed) {
            throw Refused.invalid(
                    List.of("body"),
                    "json_invalid",
                    "The body is not valid JSON",
                    JsonNodeFactory.instance.objectNode());
        } catch (IOException impossible) {
            throw new CompletionException(impossible);
        }
        if (body instanceof ObjectNode object) {
            return new Body(object);
        }
        throw Refused.invalid(
                List.of("body"),
                body.isMissingNode() ? "missing" : "model_attributes_type",
                "The body should be a JSON object",
                body.isMissingNode() ? NullNode.getInstance() : body);
    }

    /** Asks an actor; no answer in time becomes 503. */
    public <M, R> CompletionStage<R> ask(ActorRef<M> actor, Duration timeout, Function<ActorRef<R>, M> message) {
        return AskPattern.ask(actor, message, timeout, system.scheduler());
    }

    /** Does work that blocks where it may. */
    public <T> CompletionStage<T> blocking(Callable<T> work) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return work.call();
                    } catch (RuntimeException failure) {
                        throw failure;
                    } catch (Exception failure) {
                        throw new CompletionException(failure);
                    }
                },
                system.dispatchers().lookup(DispatcherSelector.blocking()));
    }
}
