package io.github.tachyscope.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.IntNode;
import io.github.tachyscope.config.PipelineSettings;
import io.github.tachyscope.diffusion.Parameters;
import io.github.tachyscope.diffusion.PipelineCatalog;
import io.github.tachyscope.diffusion.passthrough.PassthroughProvider;
import io.github.tachyscope.diffusion.synthetic.SyntheticProvider;
import io.github.tachyscope.exec.Executor;
import io.github.tachyscope.schedule.Scheduler;
import io.github.tachyscope.schedule.WarmUp;
import io.github.tachyscope.session.PipelineRegistry.LoadAccepted;
import io.github.tachyscope.session.PipelineRegistry.LoadRejected;
import io.github.tachyscope.session.PipelineRegistry.Node;
import io.github.tachyscope.session.PipelineRegistry.State;
import io.github.tachyscope.session.PipelineRegistry.Status;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.FishingOutcomes;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** The registry with a scripted executor. */
class PipelineRegistryTest {
    private static final ActorTestKit KIT = ActorTestKit.create();

    private final TestProbe<Executor.Command> executor = KIT.createTestProbe(Executor.Command.class);
    private final TestProbe<PipelineRegistry.LoadReply> replies = KIT.createTestProbe(PipelineRegistry.LoadReply.class);
    private final TestProbe<Status> statuses = KIT.createTestProbe(Status.class);
    private final TestProbe<PipelineRegistry.ResolveReply> chains =
            KIT.createTestProbe(PipelineRegistry.ResolveReply.class);
    private final TestProbe<Scheduler.Command> scheduler = KIT.createTestProbe(Scheduler.Command.class);
    private ActorRef<PipelineRegistry.Command> registry = KIT.spawn(create(Optional.empty()));

    private Behavior<PipelineRegistry.Command> create(Optional<WarmUp.Setup> warmUp) {
        return PipelineRegistry.create(setup(List.of(executor.getRef()), warmUp));
    }

    private static PipelineRegistry.Setup setup(
            List<ActorRef<Executor.Command>> executors, Optional<WarmUp.Setup> warmUp) {
        return new PipelineRegistry.Setup(
                catalog(), executors, Duration.ofMinutes(1), warmUp, 1, Duration.ofSeconds(1));
    }

    private static PipelineCatalog catalog() {
        return PipelineCatalog.of(
                List.of(new PassthroughProvider(), new SyntheticProvider()),
                new PipelineSettings(
                        List.of(),
                        Map.of(),
                        Duration.ofMinutes(1),
                        new PipelineSettings.Synthetic(4, Duration.ofMillis(2)),
                        Optional.empty(),
                        Optional.empty(),
                        Path.of("models"),
                        List.of()));
    }

    private void warmsUp() {
        registry = KIT.spawn(
                create(Optional.of(new WarmUp.Setup(scheduler.getRef(), 8, Duration.ofMinutes(1), new AtomicLong()))));
    }

    @AfterAll
    static void stop() {
        KIT.shutdownTestKit();
    }

    private static Node node(String id) {
        return new Node(id, id, Parameters.none());
    }

    private static Node synthetic(int width) {
        return new Node("synthetic", "synthetic", Parameters.of(Map.of("width", IntNode.valueOf(width))));
    }

    private void load(Node... chain) {
        registry.tell(new PipelineRegistry.Load(List.of(chain), replies.getRef()));
        replies.expectMessage(LoadAccepted.INSTANCE);
    }

    private Status status() {
        registry.tell(new PipelineRegistry.DescribeStatus(statuses.getRef()));
        return statuses.receiveMessage();
    }

    private Executor.Load nextLoad() {
        return executor.expectMessageClass(Executor.Load.class);
    }

    private void loaded(Executor.Load load) {
        load.replyTo()
                .tell(new Executor.Loaded(load.pipelineKey(), load.provider().spec()));
    }

    /** The registry's executor replies pass an adapter of the same actor, so whatever is asked next comes after them. */
    private void assertState(State wanted) {
        assertEquals(wanted, status().state());
    }

    private PipelineRegistry.ResolveReply resolve(String... ids) {
        registry.tell(new PipelineRegistry.Resolve(List.of(ids), chains.getRef()));
        return chains.receiveMessage();
    }

    private List<LoadedPipeline> chain(String... ids) {
        return ((PipelineRegistry.Resolved) resolve(ids)).chain();
    }

    private List<String> nodes(String... ids) {
        return chain(ids).stream().map(LoadedPipeline::nodeId).toList();
    }

    private void assertUnresolved(String named, String... ids) {
        String message = ((PipelineRegistry.Unresolved) resolve(ids)).problem().message();
        assertTrue(message.contains(named), message);
    }

    @Test
    void isLoadingBeforeTheReplyAndLoadedAfterTheLastMember() {
        assertState(State.NOT_LOADED);
        assertUnresolved("no pipeline is loaded");

        load(node("passthrough"), node("synthetic"));
        assertState(State.LOADING);
        assertUnresolved("still loading");
        Executor.Load first = nextLoad();
        assertEquals("passthrough", first.provider().spec().id());
        executor.expectNoMessage(Duration.ofMillis(50));
        loaded(first);
        Executor.Load second = nextLoad();
        assertEquals("synthetic", second.provider().spec().id());
        assertState(State.LOADING);
        second.replyTo().tell(new Executor.LoadStage(second.pipelineKey(), "Loading..."));
        assertEquals(Optional.of("Loading..."), status().stage());
        loaded(second);
        assertState(State.LOADED);
        assertEquals(Optional.empty(), status().stage());
    }

    @Test
    void isNotLoadedBeforeAllThatIsNewWasWarmedUpWhateverCameOfIt() {
        warmsUp();
        load(node("passthrough"), node("synthetic"));
        Executor.Load first = nextLoad();
        loaded(first);
        scheduler.expectNoMessage(Duration.ofMillis(50));
        Executor.Load second = nextLoad();
        loaded(second);
        refuseWarmUpOf(first.pipelineKey());
        refuseWarmUpOf(second.pipelineKey());
        scheduler.awaitAssert(() -> {
            assertState(State.LOADED);
            return null;
        });

        load(node("synthetic"));
        assertState(State.LOADED);
    }

    private void refuseWarmUpOf(String key) {
        Scheduler.OpenRun open = (Scheduler.OpenRun) scheduler
                .fishForMessage(
                        Duration.ofSeconds(3),
                        message -> message instanceof Scheduler.OpenRun
                                ? FishingOutcomes.complete()
                                : FishingOutcomes.continueAndIgnore())
                .get(0);
        assertEquals(key, open.pipelineKey());
        assertEquals(Scheduler.Urgency.BATCH, open.urgency());
        assertEquals(Optional.of("Warming up..."), status().stage());
        open.replyTo().tell(new Scheduler.RunRefused(open.runId(), "no room", true, Duration.ofSeconds(1)));
    }

    @Test
    void anotherLoadEndsAWarmUp() {
        warmsUp();
        load(synthetic(256));
        loaded(nextLoad());
        Scheduler.OpenRun open = scheduler.expectMessageClass(Scheduler.OpenRun.class);
        open.replyTo().tell(new Scheduler.RunOpened(open.runId()));
        assertEquals(
                open.runId(),
                scheduler.expectMessageClass(Scheduler.Produce.class).runId());

        load(node("passthrough"));

        scheduler.expectMessage(new Scheduler.CloseRun(open.runId()));
        executor.expectMessageClass(Executor.Unload.class);
        loaded(nextLoad());
        assertState(State.LOADING);
    }

    @Test
    void theSameLoadAgainCostsNothing() {
        load(synthetic(256));
        loaded(nextLoad());
        assertState(State.LOADED);

        load(synthetic(256));

        assertState(State.LOADED);
        executor.expectNoMessage(Duration.ofMillis(50));
    }

    @Test
    void otherParametersLoadAnewUnderAnotherKeyAndFreeTheOld() {
        load(synthetic(256));
        Executor.Load old = nextLoad();
        loaded(old);

        load(synthetic(512));

        executor.expectMessage(new Executor.Unload(old.pipelineKey()));
        Executor.Load fresh = nextLoad();
        assertNotEquals(old.pipelineKey(), fresh.pipelineKey());
        assertEquals(512, fresh.parameters().value("width").orElseThrow().asInt());
    }

    @Test
    void keepsWhatIsAskedForAgainAndFreesTheRest() {
        load(node("passthrough"), node("synthetic"));
        Executor.Load passthrough = nextLoad();
        loaded(passthrough);
        Executor.Load synthetic = nextLoad();
        loaded(synthetic);

        load(node("synthetic"));

        executor.expectMessage(new Executor.Unload(passthrough.pipelineKey()));
        assertState(State.LOADED);
        assertEquals(
                List.of(synthetic.pipelineKey()),
                chain().stream().map(LoadedPipeline::key).toList());
    }

    @Test
    void aFailureIsKeptUntilTheNextLoadAndFreesTheOthers() {
        load(node("passthrough"), node("synthetic"));
        Executor.Load passthrough = nextLoad();
        loaded(passthrough);
        Executor.Load synthetic = nextLoad();
        synthetic.replyTo().tell(new Executor.LoadFailed(synthetic.pipelineKey(), "no weights"));
        assertState(State.ERROR);
        assertEquals(Optional.of("no weights"), status().error());
        executor.expectMessage(new Executor.Unload(passthrough.pipelineKey()));
        executor.expectMessage(new Executor.Unload(synthetic.pipelineKey()));

        load(node("passthrough"));

        assertEquals(Optional.empty(), status().error());
        assertState(State.LOADING);
    }

    @Test
    void anUnknownPipelineAndAWrongParameterAreFailuresThatNameThem() {
        load(node("nowhere"));
        String unknown = status().error().orElseThrow();
        assertTrue(unknown.contains("'nowhere'") && unknown.contains("passthrough, synthetic"), unknown);
        load(synthetic(1_000_000));
        assertState(State.ERROR);
        String wrong = status().error().orElseThrow();
        assertTrue(wrong.contains("width"), wrong);
        executor.expectNoMessage(Duration.ofMillis(50));
    }

    @Test
    void aLoadThatIsSupersededIsFreedAndItsLateNewsIgnored() {
        load(synthetic(256));
        Executor.Load superseded = nextLoad();

        load(node("passthrough"));

        executor.expectMessage(new Executor.Unload(superseded.pipelineKey()));
        Executor.Load wanted = nextLoad();
        superseded.replyTo().tell(new Executor.LoadStage(superseded.pipelineKey(), "Too late..."));
        superseded.replyTo().tell(new Executor.LoadFailed(superseded.pipelineKey(), "unloaded"));
        loaded(superseded);
        Status now = status();
        assertEquals(State.LOADING, now.state());
        assertEquals(Optional.of("Initializing pipeline..."), now.stage());
        loaded(wanted);
        assertState(State.LOADED);
    }

    @Test
    void aLoadAskedForTwiceWhileItRunsStartsAfreshUnderAnotherKey() {
        load(synthetic(256));
        Executor.Load first = nextLoad();
        load(synthetic(256));
        executor.expectMessage(new Executor.Unload(first.pipelineKey()));
        Executor.Load second = nextLoad();
        assertNotEquals(first.pipelineKey(), second.pipelineKey());
        loaded(second);
        assertState(State.LOADED);
    }

    @Test
    void rejectsChainsThatMakeNoSense() {
        List<List<Node>> senseless = List.of(
                List.of(),
                List.of(node("passthrough"), node("passthrough")),
                IntStream.range(0, 100)
                        .mapToObj(i -> new Node("n" + i, "passthrough", Parameters.none()))
                        .toList());
        for (List<Node> chain : senseless) {
            registry.tell(new PipelineRegistry.Load(chain, replies.getRef()));
            assertEquals(
                    Problem.Kind.BAD_REQUEST,
                    replies.expectMessageClass(LoadRejected.class).problem().kind());
        }
        assertState(State.NOT_LOADED);
    }

    @Test
    void resolvesByPipelineOrNodeAndNamesWhatIsNotLoaded() {
        load(new Node("in", "passthrough", Parameters.none()), node("synthetic"));
        loaded(nextLoad());
        loaded(nextLoad());
        assertState(State.LOADED);

        assertEquals(List.of("in", "synthetic"), nodes());
        assertEquals(List.of("in"), nodes("passthrough"));
        assertEquals(List.of("synthetic", "in"), nodes("synthetic", "in"));
        assertUnresolved("'elsewhere'", "elsewhere");
        assertUnresolved("passthrough, synthetic", "synthetic", "elsewhere");
    }

    /** A registry of two devices: what the second is told. */
    private TestProbe<Executor.Command> addDevice() {
        TestProbe<Executor.Command> second = KIT.createTestProbe(Executor.Command.class);
        registry = KIT.spawn(
                PipelineRegistry.create(setup(List.of(executor.getRef(), second.getRef()), Optional.empty())));
        return second;
    }

    private static void failed(Executor.Load load, String message) {
        load.replyTo().tell(new Executor.LoadFailed(load.pipelineKey(), message));
    }

    @Test
    void loadsOnAllDevicesAndIsLoadedWhenAllHaveAnswered() {
        TestProbe<Executor.Command> other = addDevice();
        load(node("passthrough"), node("synthetic"));
        Executor.Load here = nextLoad();
        Executor.Load there = other.expectMessageClass(Executor.Load.class);
        assertEquals(here.pipelineKey(), there.pipelineKey());
        loaded(here);
        assertState(State.LOADING);
        executor.expectNoMessage(Duration.ofMillis(50));
        failed(there, "not enough memory on cpu:1 for the weights");
        assertState(State.LOADING);
        loaded(nextLoad());
        loaded(other.expectMessageClass(Executor.Load.class));
        assertState(State.LOADED);
        assertEquals(Optional.empty(), status().error());

        load(node("synthetic"));
        executor.expectMessage(new Executor.Unload(here.pipelineKey()));
        other.expectMessage(new Executor.Unload(here.pipelineKey()));
    }

    @Test
    void failsWhenNoDeviceHasItAndSaysWhy() {
        TestProbe<Executor.Command> other = addDevice();
        load(node("passthrough"));
        Executor.Load here = nextLoad();
        failed(here, "no room");
        assertState(State.LOADING);
        failed(other.expectMessageClass(Executor.Load.class), "no weights");
        assertState(State.ERROR);
        assertEquals(Optional.of("no room; no weights"), status().error());
        executor.expectMessage(new Executor.Unload(here.pipelineKey()));
        other.expectMessage(new Executor.Unload(here.pipelineKey()));
    }
}
