package io.github.tachyscope.api;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.http.javadsl.model.HttpMethod;
import org.apache.pekko.http.javadsl.model.HttpMethods;
import org.apache.pekko.http.javadsl.model.HttpResponse;

/**
 * One row of the table that the router serves and that the API description is held against.
 *
 * @param template path with variables in braces, each one segment; a last one that ends in {@code *} takes all that is
 *     left, such as {@code /api/v1/assets/{path*}}
 * @param open whether it is served without the access token
 */
public record Endpoint(HttpMethod method, String template, boolean open, Handler handler) {

    /** Handles one call; may throw {@link Refused}. Must not block. */
    @FunctionalInterface
    public interface Handler {
        CompletionStage<HttpResponse> handle(Call call) throws Exception;
    }

    /** Handles one call at once. */
    @FunctionalInterface
    public interface Immediate {
        HttpResponse handle(Call call) throws Exception;
    }

    public static Endpoint get(String template, Handler handler) {
        return new Endpoint(HttpMethods.GET, template, false, handler);
    }

    public static Endpoint post(String template, Handler handler) {
        return new Endpoint(HttpMethods.POST, template, false, handler);
    }

    public static Endpoint put(String template, Handler handler) {
        return new Endpoint(HttpMethods.PUT, template, false, handler);
    }

    public static Endpoint patch(String template, Handler handler) {
        return new Endpoint(HttpMethods.PATCH, template, false, handler);
    }

    public static Endpoint delete(String template, Handler handler) {
        return new Endpoint(HttpMethods.DELETE, template, false, handler);
    }

    /** A handler that answers at once. */
    public static Handler now(Immediate immediate) {
        return call -> CompletableFuture.completedFuture(immediate.handle(call));
    }

    /** The same, served without the access token. */
    public Endpoint opened() {
        return new Endpoint(method, template, true, handler);
    }

    /** The variables if the path fits. */
    Optional<Map<String, String>> match(List<String> segments) {
        List<String> pattern = segments(template);
        Map<String, String> variables = new LinkedHashMap<>();
        for (int i = 0; i < pattern.size(); i++) {
            String part = pattern.get(i);
            if (part.endsWith("*}")) {
                if (i >= segments.size()) {
                    return Optional.empty();
                }
                variables.put(
                        part.substring(1, part.length() - 2), String.join("/", segments.subList(i, segments.size())));
                return Optional.of(variables);
            }
            if (i >= segments.size()) {
                return Optional.empty();
            }
            if (part.startsWith("{")) {
                variables.put(part.substring(1, part.length() - 1), segments.get(i));
            } else if (!part.equals(segments.get(i))) {
                return Optional.empty();
            }
        }
        return pattern.size() == segments.size() ? Optional.of(variables) : Optional.empty();
    }

    private static List<String> segments(String template) {
        return new ArrayList<>(List.of(template.substring(1).split("/", -1)));
    }
}
