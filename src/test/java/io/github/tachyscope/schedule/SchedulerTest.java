package io.github.tachyscope.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.github.tachyscope.config.EngineSettings;
import io.github.tachyscope.diffusion.GenerationRequest;
import io.github.tachyscope.diffusion.InputMode;
import io.github.tachyscope.diffusion.Parameters;
import io.github.tachyscope.exec.Device;
import io.github.tachyscope.exec.Executor;
import io.github.tachyscope.exec.RunId;
import io.github.tachyscope.frame.MediaClock;
import io.github.tachyscope.metrics.Metrics;
import io.github.tachyscope.testkit.StubPipeline;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The scheduler together with a real executor over a scripted pipeline. */
class SchedulerTest {
    private static final ActorTestKit KIT = ActorTestKit.create();
    private static final long FAR = Long.MAX_VALUE / 4;
    private static final AtomicLong IDS = new AtomicLong();

    private final Timeline timeline = new Timeline(256);
    private final Metrics metrics =
            new Metrics(new PrometheusMeterRegistry(PrometheusConfig.DEFAULT), MediaClock.system()::micros);
    private final TestProbe<Scheduler.OpenReply> opens = KIT.createTestProbe(Scheduler.OpenReply.class);
    private final TestProbe<Scheduler.ChunkReply> chunks = KIT.createTestProbe(Scheduler.ChunkReply.class);
    private final TestProbe<Executor.LoadReply> loads = KIT.createTestProbe(Executor.LoadReply.class);
    private final TestProbe<Scheduler.Load> figures = KIT.createTestProbe(Scheduler.Load.class);
    private ActorRef<Executor.Command> executor;
    private ActorRef<Scheduler.Command> scheduler;

    @AfterAll
    static void stop() {
        KIT.shutdownTestKit();
    }

    @AfterEach
    void stopActors() {
        KIT.stop(scheduler);
        KIT.stop(executor);
    }

    private void start(StubPipeline stub, int maxRuns, Duration watchdog, Duration chunkTimeout) {
        executor = KIT.spawn(Executor.create(Device.cpu(), 2, watchdog, MediaClock.system()), Executor.dispatcher());
        EngineSettings settings =
                new EngineSettings(maxRuns, 8, 2, 1, EngineSettings.AUTO, watchdog, chunkTimeout, 256);
        scheduler = KIT.spawn(Scheduler.create(
                new Scheduler.Setup(settings, Duration.ofSeconds(5), MediaClock.system(), timeline, metrics),
                List.of(executor)));
        executor.tell(new Executor.Load("stub", stub, Parameters.none(), Duration.ofSeconds(10), loads.getRef()));
        loads.expectMessageClass(Executor.LoadStage.class);
        loads.expectMessageClass(Executor.Loaded.class);
    }

    private void start(StubPipeline stub) {
        start(stub, 16, Duration.ofSeconds(30), Duration.ofSeconds(30));
    }

    private void tellOpen(RunId id, String name, String misbehave) {
        Parameters parameters = Parameters.of(
                Map.of(StubPipeline.NAME, TextNode.valueOf(name), StubPipeline.MISBEHAVE, TextNode.valueOf(misbehave)));
        scheduler.tell(new Scheduler.OpenRun(
                id,
                name,
                "stub",
                new GenerationRequest(InputMode.TEXT, parameters),
                Scheduler.Urgency.LIVE,
                opens.getRef()));
    }

    private RunId open(String name, String misbehave) {
        RunId id = new RunId(IDS.incrementAndGet());
        tellOpen(id, name, misbehave);
        opens.expectMessage(new Scheduler.RunOpened(id));
        return id;
    }

    private void produce(RunId id) {
        scheduler.tell(new Scheduler.Produce(id, List.of(), FAR, chunks.getRef()));
    }

    private void awaitFirstStep(StubPipeline stub) {
        chunks.awaitAssert(() -> {
            assertEquals(1, stub.batches.size());
            return null;
        });
    }

    private Scheduler.Load load() {
        scheduler.tell(new Scheduler.DescribeLoad(figures.getRef()));
        return figures.receiveMessage();
    }

    @Test
    void nothingRunsWithoutDemandAndOneDemandGivesOneChunk() {
        StubPipeline stub = new StubPipeline(3, 4);
        start(stub);
        RunId id = open("a", "");
        load();
        assertTrue(stub.batches.isEmpty());
        produce(id);
        Scheduler.ChunkReady ready = chunks.expectMessageClass(Scheduler.ChunkReady.class);
        assertEquals(0, ready.chunk().index());
        assertEquals(3, ready.chunk().steps());
        load();
        assertEquals(List.of(List.of("a"), List.of("a"), List.of("a")), stub.batches);
        assertEquals(3, timeline.since(0, 10).size());
        assertEquals("a", timeline.since(2, 10).get(0).owner());
        assertTrue(metrics.scrape().contains("tachyscope_step_duration_seconds_count"));
    }

    @Test
    void runsThatWaitTogetherShareABatch() {
        StubPipeline stub = new StubPipeline(2, 4);
        start(stub);
        RunId a = open("a", "");
        RunId b = open("b", "");
        RunId c = open("c", "");
        stub.gate = new CountDownLatch(1);
        produce(a);
        produce(b);
        produce(c);
        load();
        stub.gate.countDown();
        for (int i = 0; i < 3; i++) {
            chunks.expectMessageClass(Scheduler.ChunkReady.class);
        }
        assertTrue(stub.batches.stream().anyMatch(batch -> batch.size() > 1), "" + stub.batches);
    }

    @Test
    void onlyTheGuiltyRunOfABatchFailsAndGoesOnAfterwards() {
        StubPipeline stub = new StubPipeline(2, 4);
        start(stub);
        RunId good = open("good", "");
        RunId bad = open("bad", "fail");
        RunId other = open("other", "");
        stub.gate = new CountDownLatch(1);
        produce(other);
        produce(good);
        produce(bad);
        load();
        stub.gate.countDown();
        Set<RunId> ready = new HashSet<>();
        for (int i = 0; i < 3; i++) {
            Scheduler.ChunkReply reply = chunks.receiveMessage();
            if (reply instanceof Scheduler.ChunkFailed failed) {
                assertEquals(bad, failed.runId());
                assertFalse(failed.runLost());
            } else if (reply instanceof Scheduler.ChunkReady done) {
                ready.add(done.runId());
            }
        }
        assertEquals(Set.of(good, other), ready);
        scheduler.tell(new Scheduler.Patch(bad, Parameters.of(Map.of(StubPipeline.MISBEHAVE, TextNode.valueOf("")))));
        produce(bad);
        assertEquals(
                0, chunks.expectMessageClass(Scheduler.ChunkReady.class).chunk().index());
    }

    @Test
    void lackOfMemoryFreesThatRunOnly() {
        StubPipeline stub = new StubPipeline(2, 4);
        start(stub);
        RunId good = open("good", "");
        RunId bad = open("bad", "memory");
        produce(bad);
        // The first use of LibTorch in a process unpacks it.
        Scheduler.ChunkFailed failed = chunks.expectMessageClass(Scheduler.ChunkFailed.class, Duration.ofSeconds(30));
        assertTrue(failed.runLost());
        assertEquals("not enough memory on cpu; the session's state was freed", failed.message());
        assertEquals(1, stub.openGenerations.get());
        produce(good);
        chunks.expectMessageClass(Scheduler.ChunkReady.class);
    }

    @Test
    void tenThousandPatchesBecomeFewAndTheLastWins() {
        StubPipeline stub = new StubPipeline(1, 4);
        start(stub);
        RunId id = open("a", "");
        scheduler.tell(new Scheduler.Patch(id, Parameters.of(Map.of("reset_cache", BooleanNode.TRUE))));
        for (int i = 1; i <= 10_000; i++) {
            scheduler.tell(
                    new Scheduler.Patch(id, Parameters.of(Map.of("noise_scale", DoubleNode.valueOf(i / 10_000.0)))));
        }
        produce(id);
        chunks.expectMessageClass(Scheduler.ChunkReady.class);
        assertEquals(1, stub.patches.size());
        assertEquals(1.0, stub.patches.get(0).value("noise_scale").orElseThrow().asDouble());
        assertTrue(stub.patches.get(0).value("reset_cache").orElseThrow().asBoolean());
    }

    @Test
    void aWrongParameterIsNamedInTheNotesOfTheNextChunk() {
        StubPipeline stub = new StubPipeline(1, 4);
        start(stub);
        RunId id = open("a", "");
        scheduler.tell(new Scheduler.Patch(id, Parameters.of(Map.of("noise_scale", DoubleNode.valueOf(7)))));
        produce(id);
        List<String> notes =
                chunks.expectMessageClass(Scheduler.ChunkReady.class).notes();
        assertEquals(List.of("noise_scale must be between 0 and 1, not 7.0"), notes);
    }

    @Test
    void suspendStopsWithinAStepAndResumeGoesOn() {
        StubPipeline stub = new StubPipeline(5, 1);
        start(stub);
        RunId id = open("a", "");
        stub.gate = new CountDownLatch(1);
        produce(id);
        awaitFirstStep(stub);
        scheduler.tell(new Scheduler.Suspend(id));
        load();
        stub.gate.countDown();
        RunId other = open("b", "");
        produce(other);
        chunks.expectMessageClass(Scheduler.ChunkReady.class);
        assertEquals(1, stub.batches.stream().filter(List.of("a")::equals).count(), "" + stub.batches);
        scheduler.tell(new Scheduler.Resume(id));
        assertEquals(id, chunks.expectMessageClass(Scheduler.ChunkReady.class).runId());
    }

    @Test
    void closeAnswersThePendingChunkAndFreesTheState() {
        StubPipeline stub = new StubPipeline(5, 1);
        start(stub);
        RunId id = open("a", "");
        stub.gate = new CountDownLatch(1);
        produce(id);
        awaitFirstStep(stub);
        scheduler.tell(new Scheduler.CloseRun(id));
        assertTrue(chunks.expectMessageClass(Scheduler.ChunkFailed.class).runLost());
        executor.tell(new Executor.Unload("stub"));
        assertEquals(0, load().runs());
        assertEquals(0, stub.closes.get(), "weights in use are not freed");
        stub.gate.countDown();
        chunks.awaitAssert(() -> {
            assertEquals(0, stub.openGenerations.get());
            assertEquals(1, stub.closes.get());
            return null;
        });
        assertEquals(1, stub.batches.size());
    }

    @Test
    void refusesOneRunMoreThanAllowedAndUnknownPipelines() {
        start(new StubPipeline(1, 1), 1, Duration.ofSeconds(30), Duration.ofSeconds(30));
        open("a", "");
        tellOpen(new RunId(IDS.incrementAndGet()), "b", "");
        Scheduler.RunRefused refused = opens.expectMessageClass(Scheduler.RunRefused.class);
        assertTrue(refused.busy());
        assertTrue(refused.message().contains("tachyscope.engine.max-runs"));
    }

    @Test
    void aHangingStepMakesTheDeviceUnhealthyUntilItReturns() {
        StubPipeline stub = new StubPipeline(1, 4);
        start(stub, 4, Duration.ofMillis(300), Duration.ofSeconds(30));
        assertTrue(load().healthy());
        RunId bad = open("bad", "hang");
        produce(bad);
        assertTrue(chunks.expectMessageClass(Scheduler.ChunkFailed.class).runLost());
        chunks.awaitAssert(() -> {
            assertTrue(load().healthy());
            assertEquals(0, stub.openGenerations.get());
            return null;
        });
        RunId good = open("good", "");
        produce(good);
        chunks.expectMessageClass(Scheduler.ChunkReady.class);
    }

    @Test
    void everyLostStepLeavesRoomForTheNextChunkAfterATimeout() {
        StubPipeline stub = new StubPipeline(2, 4);
        start(stub, 4, Duration.ofSeconds(30), Duration.ofMillis(200));
        RunId id = open("a", "");
        stub.gate = new CountDownLatch(1);
        produce(id);
        awaitFirstStep(stub);
        assertFalse(chunks.expectMessageClass(Scheduler.ChunkFailed.class).runLost());
        produce(id);
        load();
        stub.gate.countDown();
        assertEquals(
                0, chunks.expectMessageClass(Scheduler.ChunkReady.class).chunk().index());
    }

    @Test
    void stoppingTheExecutorFreesEverythingAndTellsTheRuns() {
        StubPipeline stub = new StubPipeline(2, 4);
        start(stub);
        open("a", "");
        KIT.stop(executor);
        assertEquals(0, stub.openGenerations.get());
        assertEquals(1, stub.closes.get());
        chunks.awaitAssert(() -> {
            assertFalse(load().healthy());
            return null;
        });
    }
}
