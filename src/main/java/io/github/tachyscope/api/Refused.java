package io.github.tachyscope.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.TextNode;
import io.github.tachyscope.session.Problem;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Ends the handling of a request with an error reply; its detail is fit for the client. */
public final class Refused extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final int status;
    private final transient JsonNode detail;
    private final transient Optional<Duration> retryAfter;
    private final transient Optional<String> param;

    private Refused(int status, JsonNode detail, Optional<Duration> retryAfter) {
        this(status, detail, retryAfter, Optional.empty());
    }

    private Refused(int status, JsonNode detail, Optional<Duration> retryAfter, Optional<String> param) {
        super("refused with status " + status, null, false, false);
        this.status = status;
        this.detail = detail;
        this.retryAfter = retryAfter;
        this.param = param;
    }

    /**
     * @param status of the reply
     * @param message what was wrong, what is allowed, what to do next
     */
    public static Refused with(int status, String message) {
        return new Refused(status, TextNode.valueOf(message), Optional.empty());
    }

    public static Refused busy(String message, Duration retryAfter) {
        return new Refused(503, TextNode.valueOf(message), Optional.of(retryAfter));
    }

    /**
     * A value of the request is not allowed.
     *
     * @param location where it stood: {@code body}, {@code query} or {@code path}, then names
     * @param type machine-readable sort of fault
     * @param input the value
     */
    public static Refused invalid(List<String> location, String type, String message, JsonNode input) {
        var nodes = JsonNodeFactory.instance;
        var fault = nodes.objectNode().put("type", type);
        location.forEach(fault.putArray("loc")::add);
        fault.put("msg", message).set("input", input);
        return new Refused(422, nodes.arrayNode().add(fault), Optional.empty());
    }

    /**
     * The problem as a reply.
     *
     * @param body of the request, to show the wrong values
     */
    public static Refused of(Problem problem, JsonNode body) {
        int status = switch (problem.kind()) {
            case BAD_REQUEST -> 400;
            case INVALID -> 422;
            case NOT_FOUND -> 404;
            case BUSY -> 503;
            case INTERNAL -> 500;
        };
        if (problem.kind() != Problem.Kind.INVALID || problem.fields().isEmpty()) {
            Optional<Duration> retryAfter = problem.kind() == Problem.Kind.BUSY
                    ? problem.retryAfter().or(() -> Optional.of(Duration.ofSeconds(1)))
                    : Optional.empty();
            return new Refused(status, TextNode.valueOf(problem.message()), retryAfter);
        }
        var nodes = JsonNodeFactory.instance;
        var faults = nodes.arrayNode();
        for (Problem.Field field : problem.fields()) {
            var fault = faults.addObject().put("type", field.type());
            var location = fault.putArray("loc").add("body");
            field.path().forEach(location::add);
            JsonNode input = body;
            for (String name : field.path()) {
                input = input.path(name);
            }
            fault.put("msg", field.message()).set("input", input.isMissingNode() ? nodes.nullNode() : input);
        }
        return new Refused(status, faults, Optional.empty());
    }

    /** The same, because of that member of the body. */
    public Refused about(String member) {
        return new Refused(status, detail, retryAfter, Optional.of(member));
    }

    int status() {
        return status;
    }

    Optional<String> param() {
        return param;
    }

    /** The detail in words. */
    String text() {
        return detail.isTextual()
                ? detail.textValue()
                : detail.valueStream().map(fault -> fault.path("msg").asText()).collect(Collectors.joining("; "));
    }

    JsonNode detail() {
        return detail;
    }

    Optional<Duration> retryAfter() {
        return retryAfter;
    }
}
