package io.github.tachyscope.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
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
import io.github.tachyscope.session.PipelineRegistry.Node;
import io.github.tachyscope.session.PipelineRegistry.ReleaseUnused;
import io.github.tachyscope.session.PipelineRegistry.Require;
import io.github.tachyscope.session.PipelineRegistry.ResolveReply;
import io.github.tachyscope.session.PipelineRegistry.Resolved;
import io.github.tachyscope.session.PipelineRegistry.State;
import io.github.tachyscope.session.PipelineRegistry.Status;
import io.github.tachyscope.session.PipelineRegistry.Unresolved;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.FishingOutcomes;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** What the registry loads beside the chain, with a scripted executor. */
class BesideChainTest {
    private static final ActorTestKit KIT = ActorTestKit.create();
    private static final String NO_ROOM = "not enough memory on cpu for the weights";

    private final TestProbe<Executor.Command> executor = KIT.createTestProbe(Executor.Command.class);
    private final TestProbe<PipelineRegistry.LoadReply> replies = KIT.createTestProbe(PipelineRegistry.LoadReply.class);
    private final TestProbe<Status> statuses = KIT.createTestProbe(Status.class);
    private final TestProbe<Scheduler.Command> scheduler = KIT.createTestProbe(Scheduler.Command.class);
    private ActorRef<PipelineRegistry.Command> registry = registry(1, Optional.empty());

    private ActorRef<PipelineRegistry.Command> registry(int mostBeside, Optional<WarmUp.Setup> warmUp) {
        PipelineCatalog catalog = PipelineCatalog.of(
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
        return KIT.spawn(PipelineRegistry.create(new PipelineRegistry.Setup(
                catalog,
                List.of(executor.getRef()),
                Duration.ofMinutes(1),
                warmUp,
                mostBeside,
                Duration.ofSeconds(7))));
    }

    @AfterAll
    static void stop() {
        KIT.shutdownTestKit();
    }

    private static Parameters width(int width) {
        return Parameters.of(Map.of("width", IntNode.valueOf(width)));
    }

    private void loadChain(int width) {
        registry.tell(
                new PipelineRegistry.Load(List.of(new Node("synthetic", "synthetic", width(width))), replies.getRef()));
        replies.expectMessage(LoadAccepted.INSTANCE);
    }

    /** One that lives until {@link #goes}. */
    private TestProbe<ResolveReply> user() {
        return KIT.createTestProbe(ResolveReply.class);
    }

    private TestProbe<ResolveReply> requires(int width) {
        TestProbe<ResolveReply> user = user();
        registry.tell(new Require("synthetic", width(width), user.getRef()));
        return user;
    }

    private void goes(TestProbe<ResolveReply> user) {
        user.stop();
    }

    /** Requires for somebody who is gone already; the registry knows that when this returns. */
    private void requiresAndIsGone(int width) {
        TestProbe<ResolveReply> gone = user();
        gone.stop();
        statuses.expectTerminated(gone.getRef(), Duration.ofSeconds(3));
        registry.tell(new Require("synthetic", width(width), gone.getRef()));
        // The watch of somebody dead ends before the next message; what it sends stands before the one after that.
        status();
        status();
    }

    /** Loads one beside the chain that nobody uses. */
    private Executor.Load unused(int width) {
        requiresAndIsGone(width);
        Executor.Load load = nextLoad(width);
        loaded(load);
        status();
        return load;
    }

    private Executor.Load nextLoad(int width) {
        Executor.Load load = executor.expectMessageClass(Executor.Load.class);
        assertEquals(width, load.parameters().value("width").orElseThrow().asInt());
        return load;
    }

    private void loaded(Executor.Load load) {
        load.replyTo()
                .tell(new Executor.Loaded(load.pipelineKey(), load.provider().spec()));
    }

    private static void failed(Executor.Load load, String message, boolean noRoom) {
        load.replyTo().tell(new Executor.LoadFailed(load.pipelineKey(), message, noRoom));
    }

    private void unloads(Executor.Load load) {
        executor.expectMessage(new Executor.Unload(load.pipelineKey()));
    }

    /** What the registry was told before is done when this returns. */
    private Status status() {
        registry.tell(new PipelineRegistry.DescribeStatus(statuses.getRef()));
        return statuses.receiveMessage();
    }

    private void nothingLoads() {
        status();
        executor.expectNoMessage(Duration.ofMillis(50));
    }

    private static String key(TestProbe<ResolveReply> user) {
        List<LoadedPipeline> chain = user.expectMessageClass(Resolved.class).chain();
        assertEquals(1, chain.size());
        assertEquals("synthetic", chain.get(0).nodeId());
        return chain.get(0).key();
    }

    private static void given(Executor.Load load, TestProbe<ResolveReply> user) {
        assertEquals(load.pipelineKey(), key(user));
    }

    private static Problem refusal(TestProbe<ResolveReply> user) {
        Unresolved refused = user.expectMessageClass(Unresolved.class);
        assertFalse(refused.loading());
        return refused.problem();
    }

    /** Loads one beside the chain, that is in use. */
    private TestProbe<ResolveReply> using(int width) {
        TestProbe<ResolveReply> user = requires(width);
        Executor.Load load = nextLoad(width);
        loaded(load);
        given(load, user);
        return user;
    }

    @Test
    void loadsWhatIsRequiredAndLeavesTheChainAsItIs() {
        loadChain(256);
        loaded(nextLoad(256));
        Status before = status();
        assertEquals(State.LOADED, before.state());

        TestProbe<ResolveReply> user = requires(512);
        Executor.Load load = nextLoad(512);
        assertEquals(before, status());
        loaded(load);

        given(load, user);
        assertEquals(before, status());
    }

    @Test
    void isThereWithoutAnyChain() {
        using(512);
        assertEquals(State.NOT_LOADED, status().state());
    }

    @Test
    void manyWhoRequireTheSameWaitForOneLoadAndLaterOnesForNone() {
        TestProbe<ResolveReply> first = requires(512);
        TestProbe<ResolveReply> second = requires(512);
        Executor.Load load = nextLoad(512);
        loaded(load);
        given(load, first);
        given(load, second);

        given(load, requires(512));
        nothingLoads();
    }

    @Test
    void defaultsCountAsIfTheyHadBeenAskedFor() {
        TestProbe<ResolveReply> silent = user();
        registry.tell(new Require("synthetic", Parameters.none(), silent.getRef()));
        Executor.Load load = executor.expectMessageClass(Executor.Load.class);
        loaded(load);
        given(load, silent);

        given(load, requires(load.parameters().value("width").orElseThrow().asInt()));
    }

    @Test
    void whatTheChainHasIsTakenFromThere() {
        loadChain(256);
        Executor.Load load = nextLoad(256);
        TestProbe<ResolveReply> early = requires(256);
        loaded(load);
        given(load, early);
        given(load, requires(256));
        nothingLoads();
    }

    @Test
    void waitsWhileTheChainLoads() {
        loadChain(256);
        Executor.Load chain = nextLoad(256);
        TestProbe<ResolveReply> user = requires(512);
        nothingLoads();
        loaded(chain);
        loaded(nextLoad(512));
        user.expectMessageClass(Resolved.class);
    }

    @Test
    void aChainTakesOverWhatStandsBesideIt() {
        TestProbe<ResolveReply> user = requires(512);
        Executor.Load load = nextLoad(512);
        loaded(load);
        given(load, user);

        loadChain(512);
        assertEquals(State.LOADED, status().state());
        nothingLoads();

        // Its place is free again.
        using(1024);
        assertEquals(State.LOADED, status().state());
    }

    @Test
    void aChainTakesOverWhatIsComing() {
        TestProbe<ResolveReply> user = requires(512);
        Executor.Load load = nextLoad(512);

        loadChain(512);
        assertEquals(State.LOADING, status().state());
        nothingLoads();
        loaded(load);

        given(load, user);
        assertEquals(State.LOADED, status().state());
    }

    @Test
    void whatTheChainNeedsNoMoreStaysAsLongAsSomebodyUsesIt() {
        loadChain(256);
        Executor.Load old = nextLoad(256);
        loaded(old);
        TestProbe<ResolveReply> user = requires(256);
        given(old, user);

        loadChain(512);
        loaded(nextLoad(512));
        assertEquals(State.LOADED, status().state());
        given(old, requires(256));
        nothingLoads();
    }

    @Test
    void oneInUseKeepsItsPlace() {
        registry = registry(2, Optional.empty());
        TestProbe<ResolveReply> a = requires(128);
        Executor.Load loadA = nextLoad(128);
        loaded(loadA);
        given(loadA, a);
        TestProbe<ResolveReply> b = requires(256);
        Executor.Load loadB = nextLoad(256);
        loaded(loadB);
        given(loadB, b);

        TestProbe<ResolveReply> c = requires(512);
        nothingLoads();
        goes(b);
        unloads(loadB);
        Executor.Load loadC = nextLoad(512);
        loaded(loadC);
        given(loadC, c);
    }

    @Test
    void theLongestUnusedGoesFirst() {
        registry = registry(2, Optional.empty());
        unused(128);
        Executor.Load second = unused(256);
        requiresAndIsGone(128);
        requires(512);
        unloads(second);
        nextLoad(512);
    }

    @Test
    void whoComesLaterDoesNotKeepAPlaceTakenThatSomebodyWaitsFor() {
        TestProbe<ResolveReply> first = using(256);
        TestProbe<ResolveReply> waits = requires(512);
        TestProbe<ResolveReply> later = requires(256);
        nothingLoads();
        later.expectNoMessage(Duration.ofMillis(50));

        goes(first);
        executor.expectMessageClass(Executor.Unload.class);
        Executor.Load load = nextLoad(512);
        loaded(load);
        given(load, waits);
        goes(waits);
        unloads(load);
        loaded(nextLoad(256));
        later.expectMessageClass(Resolved.class);
    }

    @Test
    void aFailureIsToldToAllWhoWaitForItAndTriedAgainByTheNext() {
        TestProbe<ResolveReply> first = requires(512);
        TestProbe<ResolveReply> other = requires(256);
        TestProbe<ResolveReply> second = requires(512);
        failed(nextLoad(512), "no weights in the models directory", false);
        for (TestProbe<ResolveReply> user : List.of(first, second)) {
            assertEquals("no weights in the models directory", refusal(user).message());
        }
        loaded(nextLoad(256));
        other.expectMessageClass(Resolved.class);
        goes(other);

        TestProbe<ResolveReply> third = requires(512);
        executor.expectMessageClass(Executor.Unload.class);
        loaded(nextLoad(512));
        third.expectMessageClass(Resolved.class);
    }

    @Test
    void aMemberOfTheChainThatDoesNotLoadIsAFailureForThoseWhoWaitForItToo() {
        loadChain(256);
        Executor.Load load = nextLoad(256);
        TestProbe<ResolveReply> user = requires(256);
        nothingLoads();
        failed(load, "no weights", false);
        assertEquals("no weights", refusal(user).message());
        assertEquals(State.ERROR, status().state());
    }

    @Test
    void nothingIsLoadedForThoseWhoAreGone() {
        loadChain(256);
        Executor.Load chain = nextLoad(256);
        requiresAndIsGone(512);
        requires(1024);
        loaded(chain);
        nextLoad(1024);
    }

    @Test
    void whatCannotBeIsRefusedAtOnceAndNamed() {
        TestProbe<ResolveReply> user = user();
        registry.tell(new Require("nowhere", Parameters.none(), user.getRef()));
        String unknown = refusal(user).message();
        assertTrue(unknown.contains("'nowhere'") && unknown.contains("passthrough, synthetic"), unknown);
        String wrong = refusal(requires(1_000_000)).message();
        assertTrue(wrong.contains("width"), wrong);
        nothingLoads();
    }

    @Test
    void oneMoreThanMayWaitIsToldToComeBack() {
        TestProbe<ResolveReply> all = user();
        for (int i = 0; i < BesideChain.MAX_WISHES; i++) {
            registry.tell(new Require("synthetic", width(512), all.getRef()));
        }
        Problem busy = refusal(requires(512));
        assertEquals(Problem.Kind.BUSY, busy.kind());
        assertEquals(Optional.of(Duration.ofSeconds(7)), busy.retryAfter());
        loaded(nextLoad(512));
        all.receiveSeveralMessages(BesideChain.MAX_WISHES)
                .forEach(reply -> assertTrue(reply instanceof Resolved, reply::toString));
    }

    @Test
    void releasingFreesWhatIsUnusedNowAndTheRestWhenItIs() {
        registry = registry(2, Optional.empty());
        Executor.Load unused = unused(128);
        TestProbe<ResolveReply> user = requires(256);
        Executor.Load used = nextLoad(256);
        loaded(used);
        given(used, user);

        registry.tell(ReleaseUnused.INSTANCE);
        unloads(unused);
        nothingLoads();
        goes(user);
        unloads(used);
    }

    @Test
    void whatIsWantedAgainAfterAReleaseStays() {
        TestProbe<ResolveReply> user = requires(256);
        Executor.Load load = nextLoad(256);
        loaded(load);
        given(load, user);
        registry.tell(ReleaseUnused.INSTANCE);
        requiresAndIsGone(256);
        goes(user);
        nothingLoads();
        given(load, requires(256));
    }

    @Test
    void unusedOnesAreFreedForALoadThatLacksRoom() {
        registry = registry(4, Optional.empty());
        Executor.Load first = unused(128);
        Executor.Load second = unused(256);

        TestProbe<ResolveReply> user = requires(512);
        failed(nextLoad(512), NO_ROOM, true);
        unloads(first);
        unloads(second);
        Executor.Load again = nextLoad(512);
        loaded(again);
        given(again, user);
    }

    @Test
    void aLoadThatLacksRoomWaitsForThatOfOthersAndFailsWithoutThem() {
        registry = registry(4, Optional.empty());
        TestProbe<ResolveReply> other = requires(128);
        Executor.Load held = nextLoad(128);
        loaded(held);
        given(held, other);

        TestProbe<ResolveReply> user = requires(512);
        failed(nextLoad(512), NO_ROOM, true);
        nothingLoads();
        goes(other);
        failed(nextLoad(512), NO_ROOM, true);
        unloads(held);
        failed(nextLoad(512), NO_ROOM, true);
        assertEquals(NO_ROOM, refusal(user).message());
        nothingLoads();
    }

    @Test
    void unusedOnesAreFreedForAChainThatLacksRoom() {
        Executor.Load beside = unused(512);
        loadChain(256);
        failed(nextLoad(256), NO_ROOM, true);
        unloads(beside);
        Executor.Load again = nextLoad(256);
        assertEquals(State.LOADING, status().state());
        failed(again, NO_ROOM, true);
        assertEquals(Optional.of(NO_ROOM), status().error());
    }

    @Test
    void isWarmBeforeItIsGivenToAnybody() {
        registry = registry(
                1, Optional.of(new WarmUp.Setup(scheduler.getRef(), 8, Duration.ofMinutes(1), new AtomicLong())));
        TestProbe<ResolveReply> user = requires(512);
        Executor.Load load = nextLoad(512);
        loaded(load);
        Scheduler.OpenRun open = scheduler.expectMessageClass(Scheduler.OpenRun.class);
        assertEquals(load.pipelineKey(), open.pipelineKey());
        user.expectNoMessage(Duration.ofMillis(50));
        assertEquals(State.NOT_LOADED, status().state());
        open.replyTo().tell(new Scheduler.RunRefused(open.runId(), "no room", true, Duration.ofSeconds(1)));
        given(load, user);
    }

    @Test
    void aChainWarmsUpWhatItTookOverInTheMidstOfIt() {
        registry = registry(
                1, Optional.of(new WarmUp.Setup(scheduler.getRef(), 8, Duration.ofMinutes(1), new AtomicLong())));
        TestProbe<ResolveReply> user = requires(512);
        Executor.Load load = nextLoad(512);
        loaded(load);
        Scheduler.OpenRun first = scheduler.expectMessageClass(Scheduler.OpenRun.class);

        loadChain(512);
        assertEquals(Optional.of("Warming up..."), status().stage());
        assertEquals(State.LOADING, status().state());
        Scheduler.OpenRun second = (Scheduler.OpenRun) scheduler
                .fishForMessage(
                        Duration.ofSeconds(3),
                        message -> message instanceof Scheduler.OpenRun
                                ? FishingOutcomes.complete()
                                : FishingOutcomes.continueAndIgnore())
                .get(0);
        assertNotEquals(first.runId(), second.runId());
        user.expectNoMessage(Duration.ofMillis(20));
        second.replyTo().tell(new Scheduler.RunRefused(second.runId(), "no room", true, Duration.ofSeconds(1)));
        given(load, user);
        assertEquals(State.LOADED, status().state());
    }
}
