package io.github.tachyscope.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tachyscope.diffusion.Lane;
import io.github.tachyscope.schedule.EngineFixture.Viewer;
import io.github.tachyscope.testkit.FragilePipeline;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever takes a run off the device takes effect within the steps under way, on all lanes. */
class PreemptionTest {
    private static final ActorTestKit KIT = ActorTestKit.create();
    private static final Duration LONG = Duration.ofSeconds(30);

    @AfterAll
    static void stop() {
        KIT.shutdownTestKit();
    }

    /** Holds the first chunk of the run {@code held} at its first denoising step, its second chunk at its encoding. */
    private static final class HoldTwoLanes implements FragilePipeline.Script {
        final CountDownLatch gate = new CountDownLatch(1);
        final AtomicInteger begun = new AtomicInteger();

        @Override
        public void running(String run, Lane lane, int attempt, int step) {
            if (run.equals("held")) {
                begun.incrementAndGet();
                if (attempt == 0 && lane == Lane.DENOISE || attempt == 1 && lane == Lane.CODEC) {
                    await(gate);
                }
            }
        }
    }

    private static void await(CountDownLatch gate) {
        try {
            gate.await();
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException("interrupted");
        }
    }

    /** Text and encoding of the first chunk, then its denoising; text and encoding of the second. */
    private static final int BEGUN_WHEN_HELD = 5;

    private interface Taking {
        void take(EngineFixture engine, Viewer held, FragilePipeline pipeline);
    }

    /** Two lanes are held; then something happens to the run, and they go on; returns when a neighbour had its chunk. */
    private static void during(Duration chunkTimeout, Taking taking, Taking afterwards) {
        try (EngineFixture engine = new EngineFixture(KIT, 1, 2, LONG, chunkTimeout)) {
            FragilePipeline pipeline = engine.pipelines.get(0);
            HoldTwoLanes hold = new HoldTwoLanes();
            pipeline.script = hold;
            Viewer held = engine.open("held");
            Viewer neighbour = engine.open("neighbour");
            held.ask(pipeline);
            held.ask(pipeline);
            held.replies.awaitAssert(EngineFixture.PATIENCE, () -> {
                assertEquals(BEGUN_WHEN_HELD, hold.begun.get());
                return null;
            });
            taking.take(engine, held, pipeline);
            engine.load();
            hold.gate.countDown();
            neighbour.ask(pipeline);
            assertTrue(neighbour.next() instanceof Scheduler.ChunkReady);
            assertEquals(BEGUN_WHEN_HELD, hold.begun.get(), "steps of the run that was to rest");
            afterwards.take(engine, held, pipeline);
        }
    }

    @Test
    void aClosedRunBeginsNoFurtherStepAndIsFreed() {
        during(
                LONG,
                (engine, held, pipeline) -> {
                    engine.scheduler.tell(new Scheduler.CloseRun(held.id));
                    assertTrue(held.next() instanceof Scheduler.ChunkFailed failed && failed.runLost());
                    assertTrue(held.next() instanceof Scheduler.ChunkFailed failed && failed.runLost());
                },
                (engine, held, pipeline) -> held.replies.awaitAssert(() -> {
                    assertEquals(1, pipeline.openGenerations.get());
                    assertEquals(0, pipeline.liveResults.get());
                    return null;
                }));
    }

    @Test
    void aSuspendedRunBeginsNoFurtherStepUntilItGoesOn() {
        during(
                LONG,
                (engine, held, pipeline) -> engine.scheduler.tell(new Scheduler.Suspend(held.id)),
                (engine, held, pipeline) -> {
                    engine.scheduler.tell(new Scheduler.Resume(held.id));
                    assertTrue(held.next() instanceof Scheduler.ChunkReady);
                    assertTrue(held.next() instanceof Scheduler.ChunkReady);
                });
    }

    @Test
    void anExpiredChunkBeginsNoFurtherStepAndTheNextOneStartsAfresh() {
        during(
                Duration.ofSeconds(1),
                (engine, held, pipeline) -> {
                    assertTrue(held.next() instanceof Scheduler.ChunkFailed first && !first.runLost());
                    assertTrue(held.next() instanceof Scheduler.ChunkFailed second && !second.runLost());
                },
                (engine, held, pipeline) -> {
                    pipeline.script = new FragilePipeline.Script() {};
                    held.ask(pipeline);
                    Scheduler.ChunkReply reply = held.next();
                    assertTrue(
                            reply instanceof Scheduler.ChunkReady ready
                                    && ready.chunk().index() == 0,
                            reply::toString);
                });
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void parametersReachTheGenerationAtItsNextStepBoundary(int inFlight) {
        try (EngineFixture engine = new EngineFixture(KIT, 1, inFlight, LONG, LONG)) {
            FragilePipeline pipeline = engine.pipelines.get(0);
            CountDownLatch gate = new CountDownLatch(1);
            AtomicInteger begun = new AtomicInteger();
            pipeline.script = new FragilePipeline.Script() {
                @Override
                public void running(String run, Lane lane, int attempt, int step) {
                    begun.incrementAndGet();
                    if (step == 2) {
                        await(gate);
                    }
                }
            };
            Viewer viewer = engine.open("a");
            viewer.ask(pipeline);
            viewer.replies.awaitAssert(EngineFixture.PATIENCE, () -> {
                assertEquals(3, begun.get());
                return null;
            });
            engine.scheduler.tell(
                    new Scheduler.Patch(viewer.id, FragilePipeline.request("a").parameters()));
            engine.load();
            gate.countDown();
            assertTrue(viewer.next() instanceof Scheduler.ChunkReady);
            assertFalse(pipeline.patches.isEmpty());
            // Two steps were committed, the third was under way. With chunks in flight it need not end before.
            int commits = pipeline.patches.get(0).commits();
            assertTrue(commits == 3 || inFlight == 2 && commits == 2, "applied after " + commits + " steps");
            assertEquals(List.of(new FragilePipeline.Patched("a", commits)), pipeline.patches);
        }
    }
}
