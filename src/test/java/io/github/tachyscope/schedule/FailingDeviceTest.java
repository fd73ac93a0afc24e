package io.github.tachyscope.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tachyscope.diffusion.Lane;
import io.github.tachyscope.schedule.EngineFixture.Viewer;
import io.github.tachyscope.testkit.FragilePipeline;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.pekko.actor.PoisonPill;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** One device of two fails: its runs end with one message each, it comes back empty, and the other does not notice. */
class FailingDeviceTest {
    private static final ActorTestKit KIT = ActorTestKit.create();
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final int STEPS = FragilePipeline.STEPS.size();

    @AfterAll
    static void stop() {
        KIT.shutdownTestKit();
    }

    /** Every commit of the first two chunks, with one and with two chunks in flight. */
    static Stream<Arguments> everyStep() {
        return Stream.of(1, 2)
                .flatMap(
                        inFlight -> IntStream.range(0, 2 * STEPS).mapToObj(commits -> Arguments.of(inFlight, commits)));
    }

    /** Breaks the device at the given commit of the run {@code victim}, once. */
    private static final class BreakAt implements FragilePipeline.Script {
        private final int commit;
        private final Runnable how;
        private final AtomicBoolean broken = new AtomicBoolean();

        BreakAt(int commit, Runnable how) {
            this.commit = commit;
            this.how = how;
        }

        @Override
        public void committing(String run, Lane lane, int commits) {
            if (run.equals("victim") && commits == commit && broken.compareAndSet(false, true)) {
                how.run();
            }
        }
    }

    private static void missingClass() {
        throw new NoClassDefFoundError("told to be missing");
    }

    @ParameterizedTest
    @MethodSource("everyStep")
    void anErrorBetweenAnyTwoStepsCostsTheRunsOfItsDeviceOnly(int inFlight, int commit) {
        try (EngineFixture engine = new EngineFixture(KIT, 2, inFlight, LONG, LONG)) {
            engine.pipelines.get(0).script = new BreakAt(commit, FailingDeviceTest::missingClass);
            losesTheRunsOfTheFirstDevice(engine, inFlight);

            engine.awaitLoad(Scheduler.Load::healthy);
            engine.awaitReleased(0);
            assertEquals(2, engine.pipelines.get(0).loads.get());
            assertEquals(1, engine.pipelines.get(0).closes.get());
            KIT.stop(engine.executors.get(1));
            engine.awaitLoad(load -> load.devices().size() == 1);
            Viewer fresh = engine.open("fresh");
            fresh.ask(engine.pipelines.get(0));
            assertTrue(fresh.next() instanceof Scheduler.ChunkReady);
        }
    }

    @ParameterizedTest
    @MethodSource("everyStep")
    void anExecutorThatIsKilledBetweenAnyTwoStepsLeavesNothingBehind(int inFlight, int commit) {
        try (EngineFixture engine = new EngineFixture(KIT, 2, inFlight, LONG, LONG)) {
            // Handled before the next message: what is under way on other lanes finds nobody any more.
            engine.pipelines.get(0).script = new BreakAt(
                    commit,
                    () -> Adapter.toClassic(engine.executors.get(0))
                            .tell(PoisonPill.getInstance(), org.apache.pekko.actor.ActorRef.noSender()));
            losesTheRunsOfTheFirstDevice(engine, inFlight);

            engine.awaitFreed(0);
            assertEquals(1, engine.pipelines.get(0).closes.get());
            assertEquals(List.of("cpu:1"), devices(engine));
        }
    }

    private static List<String> devices(EngineFixture engine) {
        return engine.load().devices().stream()
                .map(each -> each.device().name())
                .toList();
    }

    /** Two runs on the first device, one on the second. */
    private static void losesTheRunsOfTheFirstDevice(EngineFixture engine, int inFlight) {
        FragilePipeline first = engine.pipelines.get(0);
        FragilePipeline second = engine.pipelines.get(1);
        Viewer victim = engine.open("victim");
        Viewer elsewhere = engine.open("elsewhere");
        Viewer neighbour = engine.open("neighbour");
        assertEquals(2, first.openGenerations.get());
        List<Viewer> lost = List.of(victim, neighbour);
        for (int i = 0; i < inFlight; i++) {
            lost.forEach(viewer -> viewer.ask(first));
            elsewhere.ask(second);
        }
        for (Viewer viewer : lost) {
            int answered = 0;
            Scheduler.ChunkReply reply = viewer.next();
            while (reply instanceof Scheduler.ChunkReady) {
                answered++;
                assertTrue(answered < 1000, "the device did not fail");
                viewer.ask(first);
                reply = viewer.next();
            }
            assertEnd(viewer, reply, inFlight);
        }
        for (int i = 0; i < 3; i++) {
            assertTrue(elsewhere.next() instanceof Scheduler.ChunkReady);
            elsewhere.ask(second);
        }
    }

    /** Each request under way is answered, once, and the run is gone. */
    private static void assertEnd(Viewer viewer, Scheduler.ChunkReply first, int underWay) {
        List<Scheduler.ChunkReply> last = new ArrayList<>(List.of(first));
        for (int i = 1; i < underWay; i++) {
            last.add(viewer.next());
        }
        for (Scheduler.ChunkReply reply : last) {
            assertTrue(reply instanceof Scheduler.ChunkFailed failed && failed.runLost(), reply::toString);
        }
    }

    @Test
    void anErrorOutsideAStepRestartsTheDeviceToo() {
        try (EngineFixture engine = new EngineFixture(KIT, 1, 1, LONG, LONG)) {
            FragilePipeline pipeline = engine.pipelines.get(0);
            pipeline.script = new FragilePipeline.Script() {
                @Override
                public void patching(String run) {
                    missingClass();
                }
            };
            Viewer viewer = engine.open("victim");
            viewer.ask(pipeline);
            engine.scheduler.tell(
                    new Scheduler.Patch(viewer.id, FragilePipeline.request("x").parameters()));
            Scheduler.ChunkReply reply = viewer.next();
            while (reply instanceof Scheduler.ChunkReady) {
                viewer.ask(pipeline);
                reply = viewer.next();
            }
            assertTrue(((Scheduler.ChunkFailed) reply).message().contains("cpu:0"), reply::toString);
            viewer.replies.expectNoMessage(Duration.ofMillis(20));
            engine.awaitLoad(Scheduler.Load::healthy);
            engine.awaitReleased(0);
            assertEquals(2, pipeline.loads.get());
        }
    }

    /** Hangs on a lane thread, deaf to interrupts as native code is. */
    private static final class HangAt implements FragilePipeline.Script {
        final CountDownLatch release = new CountDownLatch(1);
        private final Lane where;
        private final AtomicBoolean hung = new AtomicBoolean();

        HangAt(Lane where) {
            this.where = where;
        }

        @Override
        public void running(String run, Lane lane, int attempt, int step) {
            if (run.equals("victim") && lane == where && hung.compareAndSet(false, true)) {
                boolean over = false;
                while (!over) {
                    try {
                        release.await();
                        over = true;
                    } catch (InterruptedException deaf) {
                        continue;
                    }
                }
            }
        }
    }

    @Test
    void aHangingStepIsNoticedInTimeAndItsDeviceComesBackWithoutIt() {
        Duration watchdog = Duration.ofMillis(1_500);
        try (EngineFixture engine = new EngineFixture(KIT, 2, 2, watchdog, Duration.ofSeconds(2), LONG)) {
            FragilePipeline first = engine.pipelines.get(0);
            FragilePipeline second = engine.pipelines.get(1);
            HangAt hang = new HangAt(Lane.DENOISE);
            first.script = hang;
            Viewer victim = engine.open("victim");
            Viewer elsewhere = engine.open("elsewhere");
            Viewer neighbour = engine.open("neighbour");
            long begin = System.nanoTime();
            victim.ask(first);
            victim.ask(first);
            elsewhere.ask(second);
            Scheduler.ChunkReply reply = victim.next();
            long millis = (System.nanoTime() - begin) / 1_000_000;
            assertTrue(reply instanceof Scheduler.ChunkFailed failed && failed.runLost(), reply::toString);
            assertTrue(millis >= watchdog.toMillis() && millis < 2 * watchdog.toMillis(), millis + " ms");
            assertTrue(victim.next() instanceof Scheduler.ChunkFailed);
            assertTrue(elsewhere.next() instanceof Scheduler.ChunkReady);

            Scheduler.Load load = engine.load();
            assertFalse(load.healthy());
            assertEquals(
                    "the device cpu:0 does not respond",
                    load.devices().get(0).trouble().orElseThrow());
            neighbour.ask(first);
            assertTrue(neighbour.next() instanceof Scheduler.ChunkFailed gone && gone.runLost());
            Viewer moved = engine.open("moved");
            moved.ask(second);
            assertTrue(moved.next() instanceof Scheduler.ChunkReady);
            assertEquals(2, second.openGenerations.get());

            engine.awaitLoad(Scheduler.Load::healthy);
            assertEquals(2, first.loads.get());
            assertEquals(0, first.closes.get(), "weights that a step still reads are not freed");
            Viewer fresh = engine.open("fresh");
            fresh.ask(first);
            assertTrue(fresh.next() instanceof Scheduler.ChunkReady);
            engine.scheduler.tell(new Scheduler.CloseRun(fresh.id));

            hang.release.countDown();
            engine.awaitReleased(0);
            victim.replies.awaitAssert(() -> {
                assertEquals(1, first.closes.get());
                return null;
            });
        }
    }

    @Test
    void aDeviceWithTooManyHangingThreadsIsGivenUp() {
        try (EngineFixture engine = new EngineFixture(KIT, 1, 1, Duration.ofMillis(50), LONG)) {
            FragilePipeline pipeline = engine.pipelines.get(0);
            List<HangAt> hangs = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                int started = i + 1;
                engine.awaitLoad(load -> load.healthy() && pipeline.loads.get() == started);
                HangAt hang = new HangAt(Lane.TEXT);
                hangs.add(hang);
                pipeline.script = hang;
                Viewer victim = engine.open("victim");
                victim.ask(pipeline);
                assertTrue(victim.next() instanceof Scheduler.ChunkFailed);
            }
            engine.awaitLoad(load -> load.devices()
                    .get(0)
                    .trouble()
                    .filter("the device cpu:0 was given up: too many threads hang"::equals)
                    .isPresent());
            assertTrue(engine.tryOpen("late") instanceof Scheduler.RunRefused refused && refused.busy());
            hangs.forEach(hang -> hang.release.countDown());
            engine.awaitReleased(0);
        }
    }

    @Test
    void aDeviceThatKeepsFailingIsGivenUp() {
        try (EngineFixture engine = new EngineFixture(KIT, 1, 1, LONG, LONG)) {
            FragilePipeline pipeline = engine.pipelines.get(0);
            for (int i = 0; i <= 5; i++) {
                int started = i + 1;
                engine.awaitLoad(load -> load.healthy() && pipeline.loads.get() == started);
                pipeline.script = new BreakAt(0, FailingDeviceTest::missingClass);
                Viewer victim = engine.open("victim");
                victim.ask(pipeline);
                assertTrue(victim.next() instanceof Scheduler.ChunkFailed);
            }
            engine.awaitLoad(load -> load.devices()
                    .get(0)
                    .trouble()
                    .filter(why -> why.contains("given up"))
                    .isPresent());
            assertEquals(6, pipeline.loads.get());
            engine.awaitReleased(0);
            assertEquals(6, pipeline.closes.get());
        }
    }

    @Test
    void aDeviceWhosePipelineDoesNotLoadAgainTriesAgain() {
        try (EngineFixture engine = new EngineFixture(KIT, 1, 1, LONG, LONG)) {
            FragilePipeline pipeline = engine.pipelines.get(0);
            AtomicBoolean failed = new AtomicBoolean();
            BreakAt crash = new BreakAt(0, FailingDeviceTest::missingClass);
            pipeline.script = new FragilePipeline.Script() {
                @Override
                public void committing(String run, Lane lane, int commits) {
                    crash.committing(run, lane, commits);
                }

                @Override
                public void loading() {
                    if (failed.compareAndSet(false, true)) {
                        throw new IllegalStateException("told to fail once");
                    }
                }
            };
            Viewer victim = engine.open("victim");
            victim.ask(pipeline);
            assertTrue(victim.next() instanceof Scheduler.ChunkFailed);
            engine.awaitLoad(load -> load.healthy() && pipeline.loads.get() == 2);
            assertTrue(failed.get());
            engine.open("fresh");
        }
    }
}
