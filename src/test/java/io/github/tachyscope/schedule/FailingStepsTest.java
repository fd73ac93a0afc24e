package io.github.tachyscope.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tachyscope.diffusion.Lane;
import io.github.tachyscope.schedule.EngineFixture.Viewer;
import io.github.tachyscope.testkit.FragilePipeline;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** One step in a hundred fails, in batches with others that do not. */
class FailingStepsTest {
    private static final ActorTestKit KIT = ActorTestKit.create();
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final long SEED = 20_261_121;
    private static final int RUNS = 8;
    private static final int CHUNKS = 260;

    @AfterAll
    static void stop() {
        KIT.shutdownTestKit();
    }

    private static boolean fails(String run, int attempt, int step) {
        long place = (run.hashCode() * 1_000L + attempt) * 10 + step;
        return new SplittableRandom(SEED + place).nextInt(100) == 0;
    }

    private static boolean chunkFails(String run, int attempt) {
        for (int step = 0; step < FragilePipeline.STEPS.size(); step++) {
            if (fails(run, attempt, step)) {
                return true;
            }
        }
        return false;
    }

    @Test
    void onlyTheRunsWhoseStepsFailSeeErrors() {
        try (EngineFixture engine = new EngineFixture(KIT, 1, 1, LONG, LONG)) {
            FragilePipeline pipeline = engine.pipelines.get(0);
            pipeline.script = new FragilePipeline.Script() {
                @Override
                public void running(String run, Lane lane, int attempt, int step) {
                    if (fails(run, attempt, step)) {
                        throw new IllegalStateException("told to fail");
                    }
                }
            };
            List<Viewer> viewers = new ArrayList<>();
            for (int run = 0; run < RUNS; run++) {
                viewers.add(engine.open("run-" + run));
            }
            int failed = 0;
            for (int chunk = 0; chunk < CHUNKS; chunk++) {
                viewers.forEach(viewer -> viewer.ask(pipeline));
                for (int run = 0; run < RUNS; run++) {
                    Scheduler.ChunkReply reply = viewers.get(run).next();
                    boolean expected = chunkFails("run-" + run, chunk);
                    boolean seen = reply instanceof Scheduler.ChunkFailed failure && !failure.runLost();
                    assertEquals(expected, seen, "seed " + SEED + ", run " + run + ", chunk " + chunk + ": " + reply);
                    failed += seen ? 1 : 0;
                }
            }
            assertTrue(failed > 50, failed + " chunks failed");
            assertTrue(pipeline.stepsBegun.get() >= 10_000, pipeline.stepsBegun + " steps");
            assertTrue(engine.timeline.since(0, 65_536).stream().anyMatch(span -> span.batchSize() > 1));
            assertTrue(engine.load().healthy());
            viewers.forEach(viewer -> engine.scheduler.tell(new Scheduler.CloseRun(viewer.id)));
            engine.awaitReleased(0);
        }
    }
}
