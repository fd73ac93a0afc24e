package io.github.tachyscope.exec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.DoubleNode;
import io.github.tachyscope.config.RestartSettings;
import io.github.tachyscope.diffusion.Lane;
import io.github.tachyscope.diffusion.Parameters;
import io.github.tachyscope.frame.MediaClock;
import io.github.tachyscope.tensor.Placement;
import io.github.tachyscope.testkit.FragilePipeline;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** One device through its states, told what to do by hand. */
class DeviceHostTest {
    private static final ActorTestKit KIT = ActorTestKit.create();
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Duration WATCHDOG = Duration.ofSeconds(1);
    private static final RunId A = new RunId(1);
    private static final RunId B = new RunId(2);

    private final TestProbe<Executor.Event> events = KIT.createTestProbe(Executor.Event.class);
    private final TestProbe<Executor.LoadReply> loads = KIT.createTestProbe(Executor.LoadReply.class);
    private final FragilePipeline pipeline = new FragilePipeline(1, 1);
    private final Gate gate = new Gate();
    private ActorRef<Executor.Command> executor;

    @AfterAll
    static void stop() {
        KIT.shutdownTestKit();
    }

    @AfterEach
    void stopExecutor() {
        gate.open.countDown();
        KIT.stop(executor, PATIENCE);
    }

    /** Holds every step, deaf to interrupts, until it opens. */
    private static final class Gate implements FragilePipeline.Script {
        final CountDownLatch open = new CountDownLatch(1);
        final AtomicInteger waiting = new AtomicInteger();

        @Override
        public void running(String run, Lane lane, int attempt, int step) {
            waiting.incrementAndGet();
            boolean passed = false;
            while (!passed) {
                try {
                    open.await();
                    passed = true;
                } catch (InterruptedException deaf) {
                    continue;
                }
            }
        }

        @Override
        public void patching(String run) {
            throw new NoClassDefFoundError("told to be missing");
        }
    }

    private void start(Duration grace, Duration backoff) {
        start(grace, backoff, 1_999);
    }

    /** One thread; weights take 1000 bytes, a session 100. */
    private void start(Duration grace, Duration backoff, long memoryBytes) {
        RestartSettings restart = new RestartSettings(grace, backoff, backoff, 1_000, Duration.ofMinutes(10), 1);
        executor = KIT.spawn(
                Executor.create(
                        new Device("cpu:7", Placement.CPU, memoryBytes, 1), 1, WATCHDOG, restart, MediaClock.system()),
                Executor.dispatcher());
        executor.tell(new Executor.Attach(events.getRef()));
        events.expectMessageClass(Executor.Attached.class);
        load("p", pipeline);
        loads.expectMessageClass(Executor.Loaded.class, PATIENCE);
        events.expectMessageClass(Executor.PipelineReady.class);
        pipeline.script = gate;
    }

    private void load(String key, FragilePipeline provider) {
        executor.tell(new Executor.Load(key, provider, Parameters.none(), PATIENCE, loads.getRef()));
    }

    private void open(RunId id) {
        executor.tell(new Executor.Open(id, "p", FragilePipeline.request("run")));
        events.expectMessage(new Executor.Opened(id));
    }

    private void begin(RunId id) {
        executor.tell(new Executor.Feed(id, List.of(pipeline.frames.take())));
        events.expectMessageClass(Executor.Standing.class);
        executor.tell(new Executor.Run(Lane.TEXT, List.of(id)));
    }

    private <E extends Executor.Event> E next(Class<E> type) {
        return events.expectMessageClass(type, PATIENCE);
    }

    private void assertNothingHeld() {
        events.awaitAssert(PATIENCE, () -> {
            assertEquals(0, pipeline.openGenerations.get());
            assertEquals(0, pipeline.liveResults.get());
            assertEquals(0, pipeline.frames.out());
            return null;
        });
    }

    private void crash(RunId id) {
        executor.tell(new Executor.Patch(id, Parameters.none().with("noise_scale", DoubleNode.valueOf(0.25))));
    }

    @Test
    void aStepThatWaitsBehindOneThatHangsIsTakenBack() {
        start(PATIENCE, PATIENCE);
        open(A);
        open(B);
        begin(A);
        begin(B);
        assertEquals(List.of(A, B), next(Executor.DeviceStuck.class).lost());
        events.awaitAssert(PATIENCE, () -> {
            assertEquals(1, pipeline.openGenerations.get(), "only what the step under way reads is still there");
            return null;
        });
        gate.open.countDown();
        next(Executor.DeviceRecovered.class);
        assertNothingHeld();
        assertEquals(1, gate.waiting.get(), "the one that was taken back did not run");
        assertEquals(1, pipeline.loads.get());
        open(new RunId(3));
    }

    @Test
    void whatIsLoadedWhileTheDeviceIsStuckIsRefusedAndLoadedAfterwards() {
        start(PATIENCE, PATIENCE);
        open(A);
        begin(A);
        next(Executor.DeviceStuck.class);
        FragilePipeline light = new FragilePipeline(1, 1);
        executor.tell(new Executor.Unload("p"));
        next(Executor.PipelineGone.class);
        load("q", light);
        String why =
                loads.expectMessageClass(Executor.LoadFailed.class, PATIENCE).message();
        assertEquals("the device cpu:7 does not respond", why);
        executor.tell(new Executor.Open(B, "p", FragilePipeline.request("run")));
        events.expectMessage(new Executor.OpenRefused(B, "the device cpu:7 does not respond", true));

        gate.open.countDown();
        next(Executor.DeviceRecovered.class);
        assertEquals("q", next(Executor.PipelineReady.class).pipelineKey());
        assertEquals(1, pipeline.closes.get());
    }

    @Test
    void aListenerThatComesWhileTheDeviceIsDownIsTold() {
        start(PATIENCE, PATIENCE);
        open(A);
        crash(A);
        assertEquals(List.of(A), next(Executor.DeviceDown.class).lost());
        TestProbe<Executor.Event> late = KIT.createTestProbe(Executor.Event.class);
        executor.tell(new Executor.Attach(late.getRef()));
        assertEquals(Map.of(), late.expectMessageClass(Executor.Attached.class).pipelines());
        assertEquals(
                List.of(), late.expectMessageClass(Executor.DeviceDown.class).lost());
        assertNothingHeld();
    }

    @Test
    void whatIsUnloadedWhileTheDeviceIsDownIsNotLoadedAgain() {
        start(PATIENCE, Duration.ofSeconds(1));
        open(A);
        crash(A);
        next(Executor.DeviceDown.class);
        executor.tell(new Executor.Unload("p"));
        assertEquals(Map.of(), next(Executor.Attached.class).pipelines());
        assertEquals(1, pipeline.loads.get());
        assertEquals(1, pipeline.closes.get());
    }

    @Test
    void aLoadThatACrashInterruptsIsFinishedAndAnsweredOnce() {
        start(PATIENCE, Duration.ofMillis(20), 100_000);
        FragilePipeline light = new FragilePipeline(1, 1);
        light.script = gate;
        gate.open.countDown();
        AtomicBoolean first = new AtomicBoolean(true);
        CountDownLatch loading = new CountDownLatch(1);
        FragilePipeline slow = new FragilePipeline(1, 1);
        slow.script = new FragilePipeline.Script() {
            @Override
            public void loading() {
                if (first.compareAndSet(true, false)) {
                    try {
                        loading.await();
                    } catch (InterruptedException ended) {
                        Thread.currentThread().interrupt();
                    }
                }
            }
        };
        executor.tell(new Executor.Unload("p"));
        next(Executor.PipelineGone.class);
        load("slow", slow);
        load("light", light);
        loads.expectMessageClass(Executor.Loaded.class, PATIENCE);
        next(Executor.PipelineReady.class);
        executor.tell(new Executor.Open(A, "light", FragilePipeline.request("run")));
        next(Executor.Opened.class);
        crash(A);
        next(Executor.DeviceDown.class);
        assertEquals(
                "slow",
                loads.expectMessageClass(Executor.Loaded.class, PATIENCE).pipelineKey());
        Executor.Event event = events.receiveMessage(PATIENCE);
        while (event instanceof Executor.PipelineReady) {
            event = events.receiveMessage(PATIENCE);
        }
        assertTrue(((Executor.Attached) event).pipelines().containsKey("light"));
        loading.countDown();
        events.awaitAssert(PATIENCE, () -> {
            assertEquals(2, slow.loads.get());
            assertEquals(1, slow.closes.get(), "what the first attempt brought is freed");
            return null;
        });
        loads.expectNoMessage(Duration.ofMillis(20));
    }

    @Test
    void weightsThatAHangingStepReadsCountUntilItReturns() {
        start(Duration.ofMillis(20), Duration.ofMillis(50));
        open(A);
        begin(A);
        assertEquals(List.of(A), next(Executor.DeviceStuck.class).lost());
        assertEquals("a step does not return", next(Executor.DeviceDown.class).reason());
        // No room for the weights a second time.
        String why = next(Executor.DeviceDown.class).reason();
        assertTrue(why.contains("could not be loaded again"), why);
        assertEquals(1, pipeline.loads.get());

        gate.open.countDown();
        Executor.Event event = events.receiveMessage(PATIENCE);
        while (event instanceof Executor.DeviceDown) {
            event = events.receiveMessage(PATIENCE);
        }
        assertEquals("p", ((Executor.PipelineReady) event).pipelineKey());
        assertEquals(Set.of("p"), next(Executor.Attached.class).pipelines().keySet());
        assertEquals(2, pipeline.loads.get());
        assertEquals(1, pipeline.closes.get());
        assertNothingHeld();
    }
}
