package io.github.tachyscope.api;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.http.javadsl.model.HttpMethods;
import org.apache.pekko.http.javadsl.model.HttpRequest;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.headers.RawHeader;
import org.apache.pekko.http.javadsl.server.Directives;
import org.apache.pekko.http.javadsl.server.Route;

/**
 * All of the HTTP API: the endpoints of the faces, the operator's endpoints, the API documentation, and the pages for
 * what is left.
 */
public final class HttpApi {
    private final ActorSystem<?> system;
    private final List<Endpoint> endpoints;
    private final Access access;
    private final Problems problems;
    private final Pages pages;

    private HttpApi(ApiParts parts, List<Face> faces) {
        this.system = parts.system();
        this.endpoints = endpoints(parts, faces);
        this.access = new Access(parts.settings().server().tokens());
        this.problems = new Problems(parts.settings().session());
        this.pages = new Pages(parts.settings().server().webDir());
    }

    /** The route that {@link HttpServer} binds. */
    public static Route create(ApiParts parts, List<Face> faces) {
        return Directives.handle(new HttpApi(parts, faces)::handle);
    }

    static List<Endpoint> endpoints(ApiParts parts, List<Face> faces) {
        List<Endpoint> all = new ArrayList<>(new Operations(parts).endpoints());
        all.addAll(new Docs().endpoints());
        faces.forEach(face -> all.addAll(face.endpoints()));
        return List.copyOf(all);
    }

    private CompletionStage<HttpResponse> handle(HttpRequest request) {
        CompletionStage<HttpResponse> reply;
        try {
            reply = Cors.preflight(request)
                    .<CompletionStage<HttpResponse>>map(CompletableFuture::completedFuture)
                    .orElseGet(() -> route(request));
        } catch (RuntimeException failure) {
            reply = CompletableFuture.failedFuture(failure);
        }
        return reply.exceptionally(problems::render)
                .thenApply(response -> Cors.decorate(
                        request, response.addHeader(RawHeader.create("X-Content-Type-Options", "nosniff"))));
    }

    private CompletionStage<HttpResponse> route(HttpRequest request) {
        List<String> path = Paths.segments(request.getUri().path());
        List<Endpoint> fitting = endpoints.stream()
                .filter(endpoint -> endpoint.match(path).isPresent())
                .toList();
        Optional<Endpoint> chosen = fitting.stream()
                .filter(endpoint -> endpoint.method().equals(request.method()))
                .findFirst();
        Map<String, String> variables =
                chosen.flatMap(endpoint -> endpoint.match(path)).orElse(Map.of());
        Call call = new Call(request, variables, access.holder(request), system);
        CompletionStage<HttpResponse> reply = chosen.map(endpoint -> serve(endpoint, call))
                .orElseGet(() ->
                        fitting.isEmpty() ? page(call, path) : CompletableFuture.completedFuture(wrongMethod(fitting)));
        return call.entityTaken() ? reply : call.drained(reply);
    }

    private CompletionStage<HttpResponse> serve(Endpoint endpoint, Call call) {
        try {
            if (!endpoint.open() && !access.allows(call.request())) {
                throw Refused.with(
                        401,
                        "This server asks for its access token: send the header \"Authorization: Bearer <token>\".");
            }
            return endpoint.handler().handle(call);
        } catch (Exception failure) {
            return CompletableFuture.failedFuture(failure);
        }
    }

    private CompletionStage<HttpResponse> page(Call call, List<String> path) {
        if (!call.request().method().equals(HttpMethods.GET) || Paths.belongsToApi(path)) {
            return CompletableFuture.completedFuture(Problems.notFound());
        }
        return call.blocking(() -> pages.serve(path, call.header("If-None-Match")));
    }

    private static HttpResponse wrongMethod(List<Endpoint> fitting) {
        String allowed = fitting.stream()
                .map(endpoint -> endpoint.method().value())
                .distinct()
                .collect(Collectors.joining(", "));
        return Problems.render(Refused.with(405, "This path takes " + allowed + "."))
                .addHeader(RawHeader.create("Allow", allowed));
    }
}
