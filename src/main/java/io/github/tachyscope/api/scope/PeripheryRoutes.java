package io.github.tachyscope.api.scope;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.tachyscope.api.Body;
import io.github.tachyscope.api.Call;
import io.github.tachyscope.api.Endpoint;
import io.github.tachyscope.api.Refused;
import io.github.tachyscope.api.Replies;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.NotUsed;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.stream.javadsl.Source;

/**
 * What Scope has around its core and this server has not: cloud relay, server-side inputs, beat sync, OSC and DMX. The
 * answers say so in the form that clients poll for, so that they go on without it.
 */
final class PeripheryRoutes {
    private static final List<String> INPUTS = List.of("video_file", "ndi", "spout", "syphon");
    private static final List<String> CHOICES =
            List.of("inference_mode", "onboarding_style", "referral_source", "use_case");

    /** What the first-run dialog of a client wants to have remembered, while the process lives. */
    private final Map<String, JsonNode> onboarding = new LinkedHashMap<>();

    List<Endpoint> endpoints() {
        List<Endpoint> all = new ArrayList<>(List.of(
                Endpoint.get("/api/v1/onboarding/status", Endpoint.now(call -> onboarding())),
                Endpoint.put("/api/v1/onboarding/status", call -> call.json().thenApply(this::onboard)),
                Endpoint.get("/api/v1/cloud/status", Endpoint.now(call -> Replies.json(cloud()))),
                refused("/api/v1/cloud/connect", "This server has no cloud relay."),
                refused("/api/v1/cloud/disconnect", "This server has no cloud relay."),
                Endpoint.get("/api/v1/input-sources", Endpoint.now(call -> inputs())),
                Endpoint.get("/api/v1/input-sources/{type}/sources", this::input),
                Endpoint.get("/api/v1/input-sources/{type}/sources/{id}/resolution", this::input),
                Endpoint.get("/api/v1/input-sources/{type}/sources/{id}/stream", this::input),
                Endpoint.get("/api/v1/tempo/status", Endpoint.now(call -> Replies.json(tempo()))),
                Endpoint.get("/api/v1/tempo/sources", Endpoint.now(call -> Replies.json(tempoSources())))));
        for (String action : List.of("enable", "disable", "set_tempo")) {
            all.add(refused("/api/v1/tempo/" + action, "This server has no beat sync."));
        }
        for (String protocol : List.of("osc", "dmx")) {
            all.add(Endpoint.get("/api/v1/" + protocol + "/status", Endpoint.now(call -> Replies.json(off()))));
            all.add(Endpoint.get(
                    "/api/v1/" + protocol + "/stream",
                    Endpoint.now(call -> Replies.events(Source.maybe()
                            .map(never -> Replies.event("none", NullNode.getInstance()))
                            .mapMaterializedValue(promise -> NotUsed.getInstance())))));
        }
        return all;
    }

    private static Endpoint refused(String path, String message) {
        return Endpoint.post(path, Endpoint.now(call -> {
            throw Refused.with(400, message);
        }));
    }

    private synchronized HttpResponse onboarding() {
        ObjectNode body = Json.object().put("completed", true);
        for (String name : CHOICES) {
            body.set(name, onboarding.getOrDefault(name, NullNode.getInstance()));
        }
        if (onboarding.containsKey("completed")) {
            body.set("completed", onboarding.get("completed"));
        }
        return Replies.json(body);
    }

    private synchronized HttpResponse onboard(Body body) {
        for (String name : CHOICES) {
            body.text(name).ifPresent(text -> onboarding.put(name, Json.text(Optional.of(text))));
        }
        body.member("completed").ifPresent(value -> {
            if (!value.isBoolean()) {
                throw body.invalid("completed", "bool_type", "Input should be true or false", value);
            }
            onboarding.put("completed", value);
        });
        return onboarding();
    }

    private static ObjectNode cloud() {
        return Json.object()
                .put("connected", false)
                .put("connecting", false)
                .putNull("error")
                .putNull("connect_stage")
                .put("webrtc_connected", false)
                .putNull("app_id")
                .putNull("connection_id")
                .put("credentials_configured", false)
                .putNull("stats")
                .putNull("last_close_code")
                .putNull("last_close_reason");
    }

    private static HttpResponse inputs() {
        ArrayNode list = JsonNodeFactory.instance.arrayNode();
        for (String type : INPUTS) {
            list.addObject()
                    .put("source_type", type)
                    .put("source_name", type)
                    .put("source_description", "Not part of this server")
                    .put("available", false);
        }
        return Replies.json(list);
    }

    private CompletionStage<HttpResponse> input(Call call) {
        if (!INPUTS.contains(call.variable("type"))) {
            throw Refused.with(404, "There is no such kind of input.");
        }
        throw Refused.with(400, "This kind of input is not available on this server; send the video by WebRTC.");
    }

    private static ObjectNode tempo() {
        return Json.object()
                .put("enabled", false)
                .putNull("source")
                .put("beats_per_bar", 4)
                .putNull("beat_state");
    }

    private static ObjectNode tempoSources() {
        ObjectNode body = Json.object();
        body.putObject("sources");
        return body;
    }

    private static ObjectNode off() {
        return Json.object().put("enabled", false).put("listening", false).putNull("port");
    }
}
