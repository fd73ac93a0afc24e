package io.github.tachyscope.session;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.tachyscope.diffusion.Parameters;
import io.github.tachyscope.diffusion.PipelineCatalog;
import io.github.tachyscope.exec.Executor;
import io.github.tachyscope.schedule.WarmUp;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;

/**
 * The loaded pipelines: a chain, which is what clients load and live sessions use ({@link LoadedChain}), and beside it what
 * jobs had loaded for themselves ({@link BesideChain}).
 *
 * <p>A pipeline is loaded on all devices at a time. It is there when every device has answered and at least one has it;
 * those without room for it get no runs of it. Runs on freed weights keep them until they end; the executor sees to that.
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

    /**
     * Asks for one pipeline with just these parameters. It is that of the chain or one beside it; if there is none it is
     * loaded beside the chain first, which does not change the chain nor its status. The answer, one {@link Resolved} or why
     * not, may take as long as loading does, and as long as others before it do.
     *
     * @param load load-time parameters; those left away have their defaults
     * @param replyTo keeps the pipeline loaded as long as it lives; of one that lives no more nothing is loaded
     */
    public record Require(String pipelineId, Parameters load, ActorRef<ResolveReply> replyTo) implements Command {}

    /** Frees what stands beside the chain: at once, or as soon as nobody uses it. */
    public enum ReleaseUnused implements Command {
        INSTANCE
    }

    public sealed interface ResolveReply {}

    /** Not empty. */
    public record Resolved(List<LoadedPipeline> chain) implements ResolveReply {}

    /** @param loading whether it may be there soon, without anybody asking for it again */
    public record Unresolved(Problem problem, boolean loading) implements ResolveReply {
        /** One that stays so. */
        public Unresolved(Problem problem) {
            this(problem, false);
        }
    }

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

    private record UserGone(ActorRef<ResolveReply> user) implements Command {}

    private record WarmedUp(WarmUp.Ended ended) implements Command {}

    /** Longest chain; each member costs memory for its weights, and a run in every session. A longer one is refused. */
    public static final int MAX_CHAIN = 8;

    /**
     * What a registry is made of.
     *
     * @param executors where weights are loaded; each answers every load, within its time limit
     * @param loadTimeout longest loading of one pipeline
     * @param warmUp how a freshly loaded pipeline is warmed up before it is used; empty for not at all
     * @param mostBeside how many pipelines may stand beside the chain, 1 at least
     * @param retryAfter what one is told who finds too many waiting
     */
    public record Setup(
            PipelineCatalog catalog,
            List<ActorRef<Executor.Command>> executors,
            Duration loadTimeout,
            Optional<WarmUp.Setup> warmUp,
            int mostBeside,
            Duration retryAfter) {}

    private static final Duration RETRY_AFTER = Duration.ofSeconds(5);

    private final ActorContext<Command> context;
    private final BesideChain beside;
    private final LoadedChain chain;

    private PipelineRegistry(ActorContext<Command> context, Setup setup) {
        this.context = context;
        DeviceLoads loads = new DeviceLoads(
                setup.catalog(),
                setup.executors(),
                setup.loadTimeout(),
                context.messageAdapter(Executor.LoadReply.class, LoadNews::new));
        ActorRef<WarmUp.Ended> warm = context.messageAdapter(WarmUp.Ended.class, WarmedUp::new);
        this.beside = new BesideChain(
                loads,
                new WarmUps(context, setup.warmUp(), warm),
                new Leases(),
                setup.mostBeside(),
                setup.retryAfter());
        this.chain = new LoadedChain(loads, new WarmUps(context, setup.warmUp(), warm), beside);
    }

    /** An empty registry. */
    public static Behavior<Command> create(Setup setup) {
        return Behaviors.setup(context -> new PipelineRegistry(context, setup).serving());
    }

    /** An empty registry for one device, that warms nothing up. */
    public static Behavior<Command> create(
            PipelineCatalog catalog, ActorRef<Executor.Command> executor, Duration loadTimeout) {
        return create(new Setup(catalog, List.of(executor), loadTimeout, Optional.empty(), 1, RETRY_AFTER));
    }

    private Behavior<Command> serving() {
        return Behaviors.receive(Command.class)
                .onMessage(Load.class, this::load)
                .onMessage(Resolve.class, resolve -> {
                    resolve.replyTo().tell(chain.resolve(resolve.pipelineIds()));
                    return Behaviors.same();
                })
                .onMessage(Require.class, this::require)
                .onMessage(ReleaseUnused.class, release -> {
                    beside.releaseUnused();
                    return served();
                })
                .onMessage(UserGone.class, gone -> {
                    beside.gone(gone.user());
                    return served();
                })
                .onMessage(LoadNews.class, news -> {
                    chain.onNews(news.reply().pipelineKey(), news.reply());
                    beside.onNews(news.reply().pipelineKey(), news.reply());
                    return served();
                })
                .onMessage(WarmedUp.class, warm -> {
                    chain.onWarm(warm.ended());
                    beside.onWarm(warm.ended());
                    return served();
                })
                .onMessage(DescribeStatus.class, describe -> {
                    describe.replyTo().tell(chain.status());
                    return Behaviors.same();
                })
                .build();
    }

    /** After whatever may let those get on who wait. */
    private Behavior<Command> served() {
        beside.serve(chain);
        return Behaviors.same();
    }

    private Behavior<Command> load(Load load) {
        Optional<Problem> broken = check(load.chain());
        if (broken.isPresent()) {
            load.replyTo().tell(new LoadRejected(broken.get()));
            return Behaviors.same();
        }
        chain.load(load.chain());
        load.replyTo().tell(LoadAccepted.INSTANCE);
        return served();
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

    private Behavior<Command> require(Require require) {
        if (beside.wish(require)) {
            context.watchWith(require.replyTo(), new UserGone(require.replyTo()));
        }
        return served();
    }
}
