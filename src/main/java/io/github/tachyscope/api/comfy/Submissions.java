package io.github.tachyscope.api.comfy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.tachyscope.api.Call;
import io.github.tachyscope.api.Endpoint;
import io.github.tachyscope.api.Refused;
import io.github.tachyscope.api.Replies;
import io.github.tachyscope.api.comfy.graph.CheckedGraph;
import io.github.tachyscope.api.comfy.graph.GraphCheck;
import io.github.tachyscope.api.comfy.graph.GraphPlan;
import io.github.tachyscope.api.comfy.graph.GraphReader;
import io.github.tachyscope.api.comfy.graph.GraphRefused;
import io.github.tachyscope.api.comfy.graph.NotRunnable;
import io.github.tachyscope.api.comfy.graph.PromptRequest;
import io.github.tachyscope.api.comfy.graph.Sampling;
import io.github.tachyscope.config.ComfySettings;
import io.github.tachyscope.session.Problem;
import io.github.tachyscope.session.job.JobDesk;
import io.github.tachyscope.session.job.JobPlan;
import io.github.tachyscope.session.job.JobWork;
import io.github.tachyscope.session.job.Keep;
import io.github.tachyscope.session.job.Previews;
import io.github.tachyscope.store.Job;
import io.github.tachyscope.store.MediaFolders;
import io.github.tachyscope.store.NewJob;
import io.github.tachyscope.store.StoreRefused;
import java.io.IOException;
import java.time.Clock;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * From the body of {@code POST /prompt} to a job in the queue.
 *
 * <pre>
 * body --> graph checked --> plan --> pictures read --> work --> announced to the hub --> queue
 *              |               |                          |
 *             400              +---- cannot run: a job that ends at once, so that its error is where clients look
 * </pre>
 */
final class Submissions {
    private static final Logger LOG = LoggerFactory.getLogger(Submissions.class);

    private final JobDesk desk;
    private final ComfySettings settings;
    private final MediaFolders folders;
    private final Clock clock;
    private final Offers offers;
    private final Works works;
    private final GraphLimits limits;
    private final SeenNodes seen;
    private final Set<String> animated;
    private final Set<String> underWay = ConcurrentHashMap.newKeySet();
    private final ActorRef<Hub.Command> hub;

    /** @param animated ids of clients that take moving previews */
    Submissions(
            ComfyParts parts,
            Offers offers,
            Works works,
            SeenNodes seen,
            Set<String> animated,
            ActorRef<Hub.Command> hub) {
        this.desk = parts.desk();
        this.settings = parts.settings().comfy();
        this.folders = parts.folders();
        this.clock = parts.clock();
        this.offers = offers;
        this.works = works;
        this.limits = new GraphLimits(settings.limits());
        this.seen = seen;
        this.animated = animated;
        this.hub = hub;
    }

    List<Endpoint> endpoints() {
        return Routes.allTwice(Endpoint.post("/prompt", this::take));
    }

    /** A prompt that was understood. */
    private record Prepared(String id, PromptRequest request, CheckedGraph graph, PromptNotes notes, Works.Made made) {}

    private CompletionStage<HttpResponse> take(Call call) {
        Routes.checkAnnounced(call, PromptRequest.MAX_BYTES, "");
        return call.bytes(PromptRequest.MAX_BYTES).thenCompose(body -> {
            PromptRequest request;
            try {
                request = PromptRequest.read(body);
            } catch (GraphRefused refused) {
                return CompletableFuture.completedFuture(Replies.json(400, refused.json()));
            }
            String id = request.promptId().orElseGet(() -> UUID.randomUUID().toString());
            if (!underWay.add(id)) {
                return CompletableFuture.completedFuture(taken());
            }
            return desk.find(id)
                    .thenCompose(known -> known.isPresent()
                            ? CompletableFuture.completedFuture(taken())
                            : prepareAndSubmit(call, id, request))
                    .whenComplete((reply, failure) -> underWay.remove(id));
        });
    }

    private static HttpResponse taken() {
        return Replies.json(409, Messages.object().put("error", "prompt_id already exists"));
    }

    private CompletionStage<HttpResponse> prepareAndSubmit(Call call, String id, PromptRequest request) {
        return call.blocking(() -> prepare(id, request))
                .thenCompose(prepared -> submit(call, prepared))
                .handle((reply, failure) -> {
                    if (failure == null) {
                        return CompletableFuture.completedFuture(reply);
                    }
                    Throwable cause = failure.getCause() == null ? failure : failure.getCause();
                    return desk.dropInputs(id)
                            .thenCompose(dropped -> cause instanceof Rejected rejected
                                    ? CompletableFuture.completedFuture(Replies.json(400, rejected.json))
                                    : CompletableFuture.<HttpResponse>failedFuture(cause));
                })
                .thenCompose(stage -> stage);
    }

    /** The graph cannot be accepted. */
    private static final class Rejected extends RuntimeException {
        private static final long serialVersionUID = 1;

        private final transient ObjectNode json;

        Rejected(ObjectNode json) {
            super("the graph cannot be accepted", null, false, false);
            this.json = json;
        }
    }

    /** Blocks. */
    private Prepared prepare(String id, PromptRequest request) throws IOException {
        CheckedGraph graph;
        try {
            graph = GraphCheck.check(request, offers.now());
        } catch (GraphRefused refused) {
            throw new Rejected(refused.json());
        }
        ObjectNode extra = request.extraData().deepCopy();
        request.clientId().ifPresent(client -> extra.put("client_id", client));
        extra.put("create_time", clock.millis());
        try {
            GraphPlan plan = GraphReader.read(graph);
            limits.refusal(plan).ifPresent(json -> {
                throw new Rejected(json);
            });
            Works.Made made = works.of(
                    plan,
                    types(plan, graph),
                    StartPictures.of(plan, graph, offers::picture, desk.limits(), () -> desk.inputFolder(id)),
                    new Keeps(request.prompt(), extra),
                    previews(extra));
            checkNames(made.work(), graph);
            Set<String> before = before(plan);
            PromptNotes notes = new PromptNotes(
                    request.prompt(),
                    extra,
                    graph.outputs(),
                    made.acts(),
                    seen.known(before, graph.signatures()),
                    Optional.empty(),
                    made.remarks());
            seen.add(before, graph.signatures());
            return new Prepared(id, request, graph, notes, made);
        } catch (NotRunnable stopped) {
            return blocked(
                    id,
                    request,
                    graph,
                    extra,
                    new PromptNotes.Blocked(stopped.node(), stopped.nodeType(), stopped.getMessage()));
        } catch (Stopped stopped) {
            return blocked(id, request, graph, extra, stopped.at());
        }
    }

    private static Prepared blocked(
            String id, PromptRequest request, CheckedGraph graph, ObjectNode extra, PromptNotes.Blocked at) {
        List<Act> acts = List.of(at.act());
        return new Prepared(
                id,
                request,
                graph,
                new PromptNotes(request.prompt(), extra, graph.outputs(), acts, List.of(), Optional.of(at), List.of()),
                new Works.Made(Works.nothing(), acts, List.of(), "none", "", 0));
    }

    private static Map<String, String> types(GraphPlan plan, CheckedGraph graph) {
        Map<String, String> types = new HashMap<>();
        plan.order().forEach(node -> graph.type(node).ifPresent(type -> types.put(node, type)));
        return types;
    }

    /** Nodes that come before a sampler: what they do is remembered. */
    private static Set<String> before(GraphPlan plan) {
        Set<String> nodes = new LinkedHashSet<>();
        for (Sampling sampling : plan.samplings()) {
            nodes.addAll(sampling.stages().before());
        }
        return nodes;
    }

    private Optional<Previews> previews(ObjectNode extra) {
        Optional<String> client = Optional.ofNullable(extra.path("client_id").textValue());
        String wanted = extra.path("preview_method").asText("default");
        String method = ComfySettings.PREVIEW_METHODS.contains(wanted)
                ? wanted
                : settings.preview().method();
        return method.equals("none") || client.isEmpty()
                ? Optional.empty()
                : Optional.of(new Previews(
                        method,
                        settings.preview().size(),
                        settings.preview().quality(),
                        client.filter(animated::contains).isPresent()));
    }

    /** Prefixes that lead out of the folders were refused with the graph; what is left is too long, or no name. */
    private void checkNames(JobWork work, CheckedGraph graph) {
        for (JobPlan plan : work.plans()) {
            for (Keep keep : plan.keep()) {
                try {
                    keep.filing().ifPresent(folders::check);
                } catch (StoreRefused refused) {
                    throw new Stopped(keep.label(), graph.type(keep.label()).orElse(""), refused.getMessage());
                }
            }
        }
    }

    private CompletionStage<HttpResponse> submit(Call call, Prepared prepared) {
        PromptRequest request = prepared.request();
        Works.Made made = prepared.made();
        NewJob.Place place = request.number()
                .<NewJob.Place>map(NewJob.Place.At::new)
                .orElse(request.front() ? NewJob.Place.Front.INSTANCE : NewJob.Place.Back.INSTANCE);
        hub.tell(new Hub.Announce(prepared.id(), prepared.notes()));
        return desk.submit(new JobDesk.Order(
                        prepared.id(),
                        ComfyFace.NAME,
                        cut(made.model(), MAX_MODEL),
                        cut(made.prompt(), NewJob.MAX_PROMPT),
                        call.owner(),
                        made.work(),
                        Optional.of(prepared.notes().toJson()),
                        place,
                        made.seed(),
                        false))
                .whenComplete((answer, failure) -> {
                    if (!(answer instanceof JobDesk.Accepted)) {
                        hub.tell(new Hub.Withdraw(prepared.id()));
                    }
                })
                .thenApply(answer -> {
                    if (answer instanceof JobDesk.Accepted accepted) {
                        return accepted(prepared, accepted.job());
                    }
                    throw refusal(((JobDesk.Refused) answer).problem());
                });
    }

    /** Lists show no more of a model's name. */
    private static final int MAX_MODEL = 200;

    private static String cut(String text, int most) {
        return text.length() <= most ? text : text.substring(0, most);
    }

    private static Refused refusal(Problem problem) {
        return Refused.of(problem, Messages.object());
    }

    private static HttpResponse accepted(Prepared prepared, Job job) {
        if (!prepared.notes().remarks().isEmpty()) {
            LOG.info(
                    "prompt {}: {}", job.id(), String.join(" ", prepared.notes().remarks()));
        }
        ObjectNode json = Messages.object().put("prompt_id", job.id());
        json.set("number", PromptEntry.number(job.priority()));
        json.set("node_errors", prepared.graph().nodeErrors());
        return Replies.json(json);
    }
}
