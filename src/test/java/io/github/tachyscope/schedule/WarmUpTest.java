package io.github.tachyscope.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tachyscope.config.EngineSettings;
import io.github.tachyscope.diffusion.Parameters;
import io.github.tachyscope.exec.Device;
import io.github.tachyscope.exec.Executor;
import io.github.tachyscope.frame.MediaClock;
import io.github.tachyscope.metrics.Metrics;
import io.github.tachyscope.testkit.StubPipeline;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A warm-up with the real scheduler and executor over a scripted pipeline. */
class WarmUpTest {
    private static final ActorTestKit KIT = ActorTestKit.create();
    private static final Duration LONG = Duration.ofMinutes(1);
    private static final int STEPS = 2;

    private final TestProbe<Executor.LoadReply> loads = KIT.createTestProbe(Executor.LoadReply.class);
    private final TestProbe<WarmUp.Ended> ends = KIT.createTestProbe(WarmUp.Ended.class);
    private final MediaClock clock = MediaClock.system();
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

    private ActorRef<WarmUp.Command> warmUp(StubPipeline stub, int maxRuns, Duration limit) {
        executor = KIT.spawn(Executor.create(Device.cpu(), 2, LONG, clock), Executor.dispatcher());
        EngineSettings settings = new EngineSettings(maxRuns, 8, 2, 1, EngineSettings.AUTO, LONG, LONG, 256);
        scheduler = KIT.spawn(Scheduler.create(
                new Scheduler.Setup(
                        settings, Duration.ofSeconds(5), clock, new Timeline(256), Metrics.unread(clock::micros)),
                List.of(executor)));
        executor.tell(new Executor.Load("stub", stub, Parameters.none(), LONG, loads.getRef()));
        loads.expectMessageClass(Executor.LoadStage.class);
        loads.expectMessageClass(Executor.Loaded.class);
        return KIT.spawn(WarmUp.create(
                new WarmUp.Setup(scheduler, 8, limit, new AtomicLong()),
                "stub",
                stub.spec(),
                Parameters.none(),
                ends.getRef()));
    }

    private void assertAllClosed(StubPipeline stub) {
        ends.awaitAssert(() -> {
            assertEquals(0, stub.openGenerations.get());
            return null;
        });
    }

    private static List<Integer> sizes(StubPipeline stub) {
        return stub.batches.stream().map(List::size).toList();
    }

    @Test
    void runsEachBatchSizeUpToThePipelinesOwnAndClosesItsRuns() {
        StubPipeline stub = new StubPipeline(STEPS, 5);
        warmUp(stub, 16, LONG);
        WarmUp.Ended ended = ends.receiveMessage(Duration.ofSeconds(10));
        assertEquals(new WarmUp.Ended("stub", List.of(1, 2, 4, 5), ""), ended);
        assertEquals(List.of(1, 1, 1, 1, 2, 2, 2, 2, 4, 4, 4, 4, 5, 5, 5, 5), sizes(stub));
        assertAllClosed(stub);
    }

    @Test
    void whatThereIsNoRoomForStaysCold() {
        StubPipeline stub = new StubPipeline(STEPS, 4);
        warmUp(stub, 3, LONG);
        WarmUp.Ended ended = ends.receiveMessage(Duration.ofSeconds(10));
        assertEquals(List.of(1, 2), ended.sizes());
        assertTrue(ended.note().contains("max-runs"), ended.note());
        assertAllClosed(stub);
    }

    @Test
    void endsWhenItsTimeIsUpEvenIfTheDeviceIsBusy() {
        StubPipeline stub = new StubPipeline(STEPS, 4);
        stub.gate = new CountDownLatch(1);
        warmUp(stub, 16, Duration.ofMillis(200));
        WarmUp.Ended ended = ends.receiveMessage(Duration.ofSeconds(10));
        assertEquals(new WarmUp.Ended("stub", List.of(), "the time was up"), ended);
        stub.gate.countDown();
        assertAllClosed(stub);
    }

    @Test
    void closesItsRunsWhenNobodyWantsItAnyMore() {
        StubPipeline stub = new StubPipeline(STEPS, 4);
        stub.gate = new CountDownLatch(1);
        ActorRef<WarmUp.Command> warmUp = warmUp(stub, 16, LONG);
        ends.awaitAssert(() -> {
            assertEquals(1, stub.batches.size());
            return null;
        });
        KIT.stop(warmUp);
        stub.gate.countDown();
        assertAllClosed(stub);
    }
}
