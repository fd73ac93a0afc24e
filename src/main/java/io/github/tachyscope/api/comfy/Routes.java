package io.github.tachyscope.api.comfy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.tachyscope.api.Call;
import io.github.tachyscope.api.Endpoint;
import io.github.tachyscope.api.Refused;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;
import org.apache.pekko.http.javadsl.model.HttpResponse;

/** What the routes of this face have in common. */
final class Routes {
    private static final ObjectMapper JSON = new ObjectMapper();

    private Routes() {}

    private static Stream<Endpoint> twice(Endpoint endpoint) {
        return Stream.of(
                endpoint,
                new Endpoint(endpoint.method(), "/api" + endpoint.template(), endpoint.open(), endpoint.handler()));
    }

    /** Each endpoint at {@code /x} and at {@code /api/x}. */
    static List<Endpoint> allTwice(Endpoint... endpoints) {
        return Stream.of(endpoints).flatMap(Routes::twice).toList();
    }

    /** The body as an object, whatever its type is said to be; none is an empty one. */
    static CompletionStage<ObjectNode> body(Call call) {
        return call.bytes(Call.JSON_LIMIT).thenApply(Routes::object);
    }

    private static ObjectNode object(byte[] body) {
        if (new String(body, StandardCharsets.UTF_8).isBlank()) {
            return Messages.object();
        }
        try {
            JsonNode json = JSON.readTree(body);
            if (json instanceof ObjectNode object) {
                return object;
            }
        } catch (JsonProcessingException malformed) {
            throw Refused.with(400, "The body is not valid JSON.");
        } catch (IOException impossible) {
            throw new IllegalStateException(impossible);
        }
        throw Refused.with(400, "The body must be a JSON object.");
    }

    /**
     * Looks at how long the body says it is, so that a client that sends too much hears why and not that it broke off.
     *
     * @throws Refused if it is too long
     */
    static void checkAnnounced(Call call, long most, String setting) {
        OptionalLong announced = call.request().entity().getContentLengthOption();
        if (announced.isPresent() && announced.getAsLong() > most) {
            throw Refused.with(
                    413, "The request is larger than the " + most + " bytes that are allowed" + setting + ".");
        }
    }

    /** The ids in a list of the body. */
    static List<String> ids(ObjectNode body, String name) {
        return body.path(name).valueStream().map(JsonNode::asText).toList();
    }

    /** An action was done. */
    static HttpResponse done() {
        return HttpResponse.create();
    }
}
