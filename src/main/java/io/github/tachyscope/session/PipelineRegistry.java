package io.github.tachyscope.session;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.tachyscope.diffusion.ParameterSchema;
import io.github.tachyscope.diffusion.Parameters;
import io.github.tachyscope.diffusion.PipelineCatalog;
import io.github.tachyscope.diffusion.PipelineProvider;
import io.github.tachyscope.diffusion.PipelineSpec;
import io.github.tachyscope.exec.Executor;
import io.github.tachyscope.schedule.WarmUp;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;

/**
 * The chain of loaded pipelines, and the loading of another.
 *
 * <pre>
 * NOT_LOADED --Load--> LOADING --last one there--> LOADED --Load--> LOADING ...
 *                         +------ one fails ----> ERROR  --Load--> LOADING ...
 * </pre>
 *
 * <p>A load keeps what is loaded already with equal parameters, frees what is not asked for, and loads the rest one after
 * the other, each on all devices at a time, then warms what is new up. A pipeline is there when every device has answered
 * and at least one has it; those without room for it get no runs of it. Sessions that run on freed weights keep them until
 * they end; the executor sees to that.
 */
public final class PipelineRegistry {

    public sealed interface Command {}

    /** Replaces the loaded chain; the state is {@code LOADING} (or {@code LOADED}) before the reply. */
    public record Load(List<Node> chain, ActorRef<LoadReply> replyTo) implements Command {}

    /**
     * One member of a chain.
     *
     * @param nodeId unique in the chain; the pipeline id unless the client chose another
     * @param parameters load-time parameters as the client sent them
     */
    public record Node(String nodeId, String pipelineId, Parameters parameters) {}

    public record DescribeStatus(ActorRef<Status> replyTo) implements Command {}

    /**
     * Which loaded pipelines make a session's chain.
     *
     * @param pipelineIds asked for; empty means the loaded chain
     */
    public record Resolve(List<String> pipelineIds, ActorRef<ResolveReply> replyTo) implements Command {}

    public sealed interface ResolveReply {}

    /** The chain, not empty. */
    public record Resolved(List<LoadedPipeline> chain) implements ResolveReply {}

    public record Unresolved(Problem problem) implements ResolveReply {}

    public sealed interface LoadReply {}

    public enum LoadAccepted implements LoadReply {
        INSTANCE
    }

    public record LoadRejected(Problem problem) implements LoadReply {}

    /** Where loading stands. */
    public enum State {
        NOT_LOADED,
        LOADING,
        LOADED,
        ERROR
    }

    /**
     * The state of the chain.
     *
     * @param chain the chain last asked for
     * @param loadParameters of the first pipeline, as the client sent them
     * @param error filled in state {@code ERROR}, kept until the next load
     * @param stage human-readable, while loading
     */
    public record Status(
            State state,
            List<Node> chain,
            Optional<ObjectNode> loadParameters,
            Optional<String> error,
            Optional<String> stage) {}

    private record LoadNews(Executor.LoadReply reply) implements Command {}

    private record WarmedUp(WarmUp.Ended ended) implements Command {}

    /** Longest chain; each member costs memory for its weights, and a run in every session. A longer one is refused. */
    public static final int MAX_CHAIN = 8;

    /**
     * A member of the wanted chain: what was asked for, and under which key it is or will be loaded.
     *
     * @param spec of the loaded pipeline once it is there, which knows its own size and geometry; of its provider before
     * @param failures what the devices said that do not have it
     */
    private record Member(
            Node node,
            String key,
            PipelineProvider provider,
            PipelineSpec spec,
            Parameters parameters,
            boolean loaded,
            int holders,
            List<String> failures) {
        /** Another device has it. */
        Member held(PipelineSpec itsSpec) {
            return new Member(node, key, provider, itsSpec, parameters, loaded, holders + 1, failures);
        }

        /** Another device does not have it. */
        Member failed(String message) {
            List<String> all =
                    Stream.concat(failures.stream(), Stream.of(message)).toList();
            return new Member(node, key, provider, spec, parameters, loaded, holders, all);
        }

        int answers() {
            return holders + failures.size();
        }

        Member asLoaded() {
            return new Member(node, key, provider, spec, parameters, true, holders, failures);
        }

        boolean serves(String pipelineId, Parameters wanted) {
            return provider.spec().id().equals(pipelineId) && parameters.equals(wanted);
        }

        Member named(Node other) {
            return new Member(other, key, provider, spec, parameters, loaded, holders, failures);
        }
    }

    private final ActorContext<Command> context;
    private final PipelineCatalog catalog;
    private final List<ActorRef<Executor.Command>> executors;
    private final Duration loadTimeout;
    private final ActorRef<Executor.LoadReply> loadNews;
    private final WarmUps warmUps;

    private State state = State.NOT_LOADED;
    private List<Node> asked = List.of();
    private List<Member> members = List.of();
    private Optional<String> error = Optional.empty();
    private Optional<String> stage = Optional.empty();
    private long keys;

    private PipelineRegistry(
            ActorContext<Command> context,
            PipelineCatalog catalog,
            List<ActorRef<Executor.Command>> executors,
            Duration loadTimeout,
            Optional<WarmUp.Setup> warmUp) {
        this.context = context;
        this.catalog = catalog;
        this.executors = List.copyOf(executors);
        this.loadTimeout = loadTimeout;
        this.loadNews = context.messageAdapter(Executor.LoadReply.class, LoadNews::new);
        this.warmUps = new WarmUps(context, warmUp, context.messageAdapter(WarmUp.Ended.class, WarmedUp::new));
    }

    /**
     * An empty registry.
     *
     * @param executors where weights are loaded; each answers every load, within its time limit
     * @param loadTimeout longest loading of one pipeline
     * @param warmUp how a loaded chain is warmed up before it counts as loaded; empty for not at all
     */
    public static Behavior<Command> create(
            PipelineCatalog catalog,
            List<ActorRef<Executor.Command>> executors,
            Duration loadTimeout,
            Optional<WarmUp.Setup> warmUp) {
        return Behaviors.setup(
                context -> new PipelineRegistry(context, catalog, executors, loadTimeout, warmUp).serving());
    }

    /** An empty registry for one device, that warms nothing up. */
    public static Behavior<Command> create(
            PipelineCatalog catalog, ActorRef<Executor.Command> executor, Duration loadTimeout) {
        return create(catalog, List.of(executor), loadTimeout, Optional.empty());
    }

    private Behavior<Command> serving() {
        return Behaviors.receive(Command.class)
                .onMessage(Load.class, this::load)
                .onMessage(Resolve.class, this::resolve)
                .onMessage(LoadNews.class, news -> onNews(news.reply()))
                .onMessage(WarmedUp.class, warm -> {
                    if (warmUps.ended(warm.ended())) {
                        loadNext();
                    }
                    return Behaviors.same();
                })
                .onMessage(DescribeStatus.class, describe -> {
                    describe.replyTo()
                            .tell(new Status(
                                    state,
                                    asked,
                                    asked.stream()
                                            .findFirst()
                                            .map(node -> node.parameters().toJson()),
                                    error,
                                    stage));
                    return Behaviors.same();
                })
                .build();
    }

    private Behavior<Command> load(Load load) {
        Optional<Problem> broken = check(load.chain());
        if (broken.isPresent()) {
            load.replyTo().tell(new LoadRejected(broken.get()));
            return Behaviors.same();
        }
        asked = load.chain();
        error = Optional.empty();
        stage = Optional.of("Initializing pipeline...");
        warmUps.cancel();
        state = State.LOADING;
        plan();
        load.replyTo().tell(LoadAccepted.INSTANCE);
        return Behaviors.same();
    }

    private static Optional<Problem> check(List<Node> chain) {
        if (chain.isEmpty()) {
            return Optional.of(Problem.badRequest("name at least one pipeline in pipeline_ids or pipelines"));
        }
        if (chain.size() > MAX_CHAIN) {
            return Optional.of(Problem.badRequest("a chain has at most " + MAX_CHAIN + " pipelines"));
        }
        if (chain.stream().map(Node::nodeId).distinct().count() < chain.size()) {
            return Optional.of(Problem.badRequest("every node_id of a chain must be different"));
        }
        return Optional.empty();
    }

    /** Decides what stays, what goes and what comes, and starts the first load. */
    private void plan() {
        List<Member> present = new ArrayList<>(members);
        List<Member> wanted = new ArrayList<>();
        Optional<String> fault = Optional.empty();
        for (Node node : asked) {
            Optional<PipelineProvider> provider = catalog.provider(node.pipelineId());
            if (provider.isEmpty()) {
                fault = Optional.of("there is no pipeline '" + node.pipelineId() + "'; there are "
                        + String.join(
                                ", ",
                                catalog.specs().stream().map(PipelineSpec::id).toList()));
                break;
            }
            ParameterSchema.Checked checked = provider.get().spec().parameters().checkLoad(node.parameters());
            if (!checked.refused().isEmpty()) {
                fault = Optional.of(checked.refused().get(0).message());
                break;
            }
            wanted.add(reuse(present, node, checked.accepted())
                    .orElseGet(() -> new Member(
                            node,
                            node.pipelineId() + "#" + ++keys,
                            provider.get(),
                            provider.get().spec(),
                            checked.accepted(),
                            false,
                            0,
                            List.of())));
        }
        if (fault.isPresent()) {
            fail(fault.get());
            return;
        }
        // What is still loading is unloaded too; its late reply finds no member and is ignored.
        present.forEach(this::unload);
        members = List.copyOf(wanted);
        loadNext();
    }

    /** Takes a fitting member out of those present: same name first, any other that equals it else. */
    private static Optional<Member> reuse(List<Member> present, Node node, Parameters parameters) {
        Optional<Member> fitting = present.stream()
                .filter(member -> member.loaded() && member.serves(node.pipelineId(), parameters))
                .min(Comparator.comparing(member -> !member.node().nodeId().equals(node.nodeId())));
        fitting.ifPresent(present::remove);
        return fitting.map(member -> member.named(node));
    }

    private void loadNext() {
        Optional<Member> next =
                members.stream().filter(member -> !member.loaded()).findFirst();
        if (next.isEmpty() && warmUps.next()) {
            stage = Optional.of("Warming up...");
            return;
        }
        if (next.isEmpty()) {
            state = State.LOADED;
            stage = Optional.empty();
            return;
        }
        Member member = next.get();
        tellAll(new Executor.Load(member.key(), member.provider(), member.parameters(), loadTimeout, loadNews));
    }

    private void unload(Member member) {
        tellAll(new Executor.Unload(member.key()));
    }

    private void tellAll(Executor.Command command) {
        executors.forEach(executor -> executor.tell(command));
    }

    private Behavior<Command> onNews(Executor.LoadReply reply) {
        if (reply instanceof Executor.LoadStage progress && awaits(progress.pipelineKey())) {
            stage = Optional.of(progress.stage());
        } else if (reply instanceof Executor.Loaded loaded && awaits(loaded.pipelineKey())) {
            answered(loaded.pipelineKey(), member -> member.held(loaded.spec()));
        } else if (reply instanceof Executor.LoadFailed failed && awaits(failed.pipelineKey())) {
            answered(failed.pipelineKey(), member -> member.failed(failed.message()));
        }
        return Behaviors.same();
    }

    private Optional<Member> find(String key) {
        return members.stream().filter(member -> member.key().equals(key)).findFirst();
    }

    private void answered(String key, UnaryOperator<Member> news) {
        change(key, news);
        Member member = find(key).orElseThrow();
        if (member.answers() < executors.size()) {
            return;
        }
        String failures = member.failures().stream()
                .distinct()
                .sorted()
                .reduce((a, b) -> a + "; " + b)
                .orElse("");
        if (member.holders() == 0) {
            fail(failures);
            return;
        }
        if (!failures.isEmpty()) {
            context.getLog().warn("{} is not on all devices: {}", member.node().pipelineId(), failures);
        }
        change(key, Member::asLoaded);
        warmUps.add(key, member.spec(), member.parameters());
        loadNext();
    }

    private void change(String key, UnaryOperator<Member> change) {
        members = members.stream()
                .map(member -> member.key().equals(key) ? change.apply(member) : member)
                .toList();
    }

    private boolean awaits(String key) {
        return find(key).filter(member -> !member.loaded()).isPresent();
    }

    private void fail(String message) {
        context.getLog().warn("loading failed: {}", message);
        warmUps.cancel();
        members.forEach(this::unload);
        members = List.of();
        state = State.ERROR;
        error = Optional.of(message);
        stage = Optional.empty();
    }

    private Behavior<Command> resolve(Resolve resolve) {
        if (state != State.LOADED) {
            String now = state == State.LOADING ? "the pipelines are still loading" : "no pipeline is loaded";
            resolve.replyTo()
                    .tell(new Unresolved(Problem.badRequest(
                            now + "; load one with POST /api/v1/pipeline/load and wait for status 'loaded'")));
            return Behaviors.same();
        }
        List<LoadedPipeline> chain = new ArrayList<>();
        for (String id : resolve.pipelineIds()) {
            Optional<Member> member = members.stream()
                    .filter(candidate -> candidate.node().pipelineId().equals(id)
                            || candidate.node().nodeId().equals(id))
                    .findFirst();
            if (member.isEmpty()) {
                resolve.replyTo()
                        .tell(new Unresolved(Problem.badRequest("pipeline '" + id + "' is not loaded; loaded are "
                                + String.join(
                                        ", ",
                                        members.stream()
                                                .map(loaded -> loaded.node().pipelineId())
                                                .toList())
                                + "; load it with POST /api/v1/pipeline/load")));
                return Behaviors.same();
            }
            chain.add(loaded(member.get()));
        }
        if (chain.isEmpty()) {
            members.forEach(member -> chain.add(loaded(member)));
        }
        resolve.replyTo().tell(new Resolved(List.copyOf(chain)));
        return Behaviors.same();
    }

    private static LoadedPipeline loaded(Member member) {
        return new LoadedPipeline(member.node().nodeId(), member.key(), member.spec());
    }
}
