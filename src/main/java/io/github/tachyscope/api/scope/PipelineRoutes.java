package io.github.tachyscope.api.scope;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.github.tachyscope.api.Body;
import io.github.tachyscope.api.Call;
import io.github.tachyscope.api.Endpoint;
import io.github.tachyscope.api.Refused;
import io.github.tachyscope.api.Replies;
import io.github.tachyscope.diffusion.Parameters;
import io.github.tachyscope.session.PipelineRegistry;
import io.github.tachyscope.session.PipelineRegistry.LoadRejected;
import io.github.tachyscope.session.PipelineRegistry.LoadReply;
import io.github.tachyscope.session.PipelineRegistry.Node;
import io.github.tachyscope.session.PipelineRegistry.Status;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.http.javadsl.model.HttpResponse;

/** The catalogue of pipelines, the loading of a chain, and where loading stands. */
final class PipelineRoutes {
    private final ActorRef<PipelineRegistry.Command> pipelines;
    private final Duration askTimeout;
    private final Catalogue catalogue;

    PipelineRoutes(ScopeParts parts, Catalogue catalogue) {
        this.pipelines = parts.pipelines();
        this.askTimeout = parts.settings().session().askTimeout();
        this.catalogue = catalogue;
    }

    List<Endpoint> endpoints() {
        return List.of(
                Endpoint.post("/api/v1/pipeline/load", call -> call.json().thenCompose(body -> load(call, body))),
                Endpoint.get("/api/v1/pipeline/status", this::status),
                Endpoint.get("/api/v1/pipelines/schemas", Endpoint.now(call -> Replies.json(catalogue.schemas()))),
                Endpoint.get("/api/v1/nodes/definitions", Endpoint.now(call -> Replies.json(catalogue.nodes()))));
    }

    private CompletionStage<HttpResponse> load(Call call, Body body) {
        List<Node> chain = chain(body);
        CompletionStage<LoadReply> reply =
                call.ask(pipelines, askTimeout, replyTo -> new PipelineRegistry.Load(chain, replyTo));
        return reply.thenApply(outcome -> {
            if (outcome instanceof LoadRejected rejected) {
                throw Refused.of(rejected.problem(), body.json());
            }
            return Replies.json(Json.message("Pipeline loading initiated successfully"));
        });
    }

    static List<Node> chain(Body body) {
        Parameters shared = parameters(body);
        List<Body> nodes = body.objects("pipelines", PipelineRegistry.MAX_CHAIN);
        if (!nodes.isEmpty()) {
            return chain(nodes, shared);
        }
        List<String> ids = body.texts("pipeline_ids", PipelineRegistry.MAX_CHAIN);
        if (ids.isEmpty()) {
            ids = body.text("pipeline_id").stream().toList();
        }
        if (ids.isEmpty()) {
            throw Refused.with(
                    400, "Either pipeline_ids (a list of pipeline ids) or pipelines (a list of nodes) is needed.");
        }
        Set<String> taken = new HashSet<>();
        List<Node> chain = new ArrayList<>();
        for (String id : ids) {
            // The same pipeline twice needs two node ids, and this form of the request gives none.
            String nodeId = id;
            for (int copy = 2; !taken.add(nodeId); copy++) {
                nodeId = id + "-" + copy;
            }
            chain.add(new Node(nodeId, id, shared));
        }
        return List.copyOf(chain);
    }

    private static List<Node> chain(List<Body> nodes, Parameters shared) {
        Set<String> taken = new HashSet<>();
        List<Node> chain = new ArrayList<>();
        for (Body node : nodes) {
            String pipelineId = node.requiredText("pipeline_id");
            String nodeId = node.text("node_id").orElse(pipelineId);
            if (!taken.add(nodeId)) {
                throw node.invalid(
                        "node_id", "value_error", "Every node needs an id of its own", TextNode.valueOf(nodeId));
            }
            Parameters own = node.member("load_params").isPresent() ? parameters(node) : shared;
            chain.add(new Node(nodeId, pipelineId, own));
        }
        return List.copyOf(chain);
    }

    private static Parameters parameters(Body body) {
        return body.object("load_params").map(Parameters::of).orElse(Parameters.none());
    }

    private CompletionStage<HttpResponse> status(Call call) {
        CompletionStage<Status> reply = call.ask(pipelines, askTimeout, PipelineRegistry.DescribeStatus::new);
        return reply.thenApply(status -> Replies.json(render(status)));
    }

    private static ObjectNode render(Status status) {
        ObjectNode body = Json.object().put("status", status.state().name().toLowerCase(Locale.ROOT));
        Optional<String> first = status.chain().stream().map(Node::pipelineId).findFirst();
        body.set("pipeline_id", Json.text(first));
        body.set(
                "load_params",
                status.loadParameters().<JsonNode>map(parameters -> parameters).orElse(NullNode.getInstance()));
        body.putNull("loaded_lora_adapters");
        body.set("error", Json.text(status.error()));
        body.set("loading_stage", Json.text(status.stage()));
        return body.put("produces_video", true).put("produces_audio", false);
    }
}
