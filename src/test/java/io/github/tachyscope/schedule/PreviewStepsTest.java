package io.github.tachyscope.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tachyscope.diffusion.Lane;
import io.github.tachyscope.diffusion.StepKind;
import io.github.tachyscope.exec.RunId;
import io.github.tachyscope.frame.VideoFrame;
import io.github.tachyscope.testkit.FragilePipeline;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Previews in the real executor: what fails, and what ends in the middle. */
class PreviewStepsTest {
    private static final ActorTestKit KIT = ActorTestKit.create();
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final int CHUNKS = 100;

    @AfterAll
    static void stop() {
        KIT.shutdownTestKit();
    }

    private final TestProbe<Scheduler.OpenReply> opens = KIT.createTestProbe(Scheduler.OpenReply.class);

    /** A job that somebody follows. */
    private final class Job {
        final RunId id;
        final TestProbe<Scheduler.ChunkReply> replies = KIT.createTestProbe(Scheduler.ChunkReply.class);
        final AtomicInteger previews = new AtomicInteger();
        final AtomicInteger chunks = new AtomicInteger();
        private final EngineFixture engine;

        Job(EngineFixture engine, long number, String name) {
            this.engine = engine;
            this.id = new RunId(number);
            ActorRef<Scheduler.StepNews> owner = KIT.spawn(Behaviors.receiveMessage(news -> {
                told(news);
                return Behaviors.same();
            }));
            engine.scheduler.tell(new Scheduler.OpenRun(
                    id,
                    name,
                    EngineFixture.KEY,
                    FragilePipeline.request(name),
                    Scheduler.Urgency.BATCH,
                    1,
                    Optional.of(owner),
                    opens.getRef()));
            opens.expectMessage(LONG, new Scheduler.RunOpened(id));
        }

        void ask() {
            VideoFrame input = engine.pipelines.get(0).frames.take();
            engine.scheduler.tell(new Scheduler.Produce(id, List.of(input), Long.MAX_VALUE, replies.getRef()));
        }

        Scheduler.ChunkReply next() {
            Scheduler.ChunkReply reply = replies.receiveMessage(LONG);
            if (reply instanceof Scheduler.ChunkReady ready) {
                ready.chunk().frames().forEach(VideoFrame::release);
            }
            return reply;
        }

        private void told(Scheduler.StepNews news) {
            if (news instanceof Scheduler.Previewed seen) {
                previews.incrementAndGet();
                seen.frames().forEach(VideoFrame::release);
            } else if (news instanceof Scheduler.StepDone done) {
                assertNotEquals(StepKind.PREVIEW, done.plan().key().kind());
                chunks.addAndGet(done.plan().stepsLeft() == 0 ? 1 : 0);
            }
        }

        void awaitNewsOf(int wanted) {
            replies.awaitAssert(LONG, () -> {
                assertEquals(wanted, chunks.get());
                return null;
            });
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    @Timeout(60)
    void aFailingPreviewFailsNothingElse(int inFlight) {
        try (EngineFixture engine = new EngineFixture(KIT, 1, inFlight, LONG, LONG)) {
            FragilePipeline pipeline = engine.pipelines.get(0);
            pipeline.shows = true;
            AtomicInteger looks = new AtomicInteger();
            pipeline.script = new FragilePipeline.Script() {
                @Override
                public void running(String run, Lane lane, int attempt, int step) {
                    if (step == FragilePipeline.LOOK && run.equals("blind") && looks.incrementAndGet() == 2) {
                        throw new OutOfMemoryError("told to");
                    }
                }
            };
            Job blind = new Job(engine, 101, "blind");
            Job other = new Job(engine, 102, "other");
            List<String> notes = new ArrayList<>();
            int chunks = 0;
            // How often previews are affordable depends on what the machine does besides.
            while (chunks < CHUNKS || looks.get() < 2 || other.previews.get() < 2) {
                chunks++;
                blind.ask();
                other.ask();
                notes.addAll(assertInstanceOf(Scheduler.ChunkReady.class, blind.next())
                        .notes());
                assertInstanceOf(Scheduler.ChunkReady.class, other.next());
            }
            blind.awaitNewsOf(chunks);
            other.awaitNewsOf(chunks);
            assertEquals(List.of("a preview failed; there will be no more"), notes);
            // Both shared the batch in which one failed, which is run again one by one.
            assertTrue(looks.get() <= 3, looks + " attempts");
            assertEquals(1, blind.previews.get());
            engine.scheduler.tell(new Scheduler.CloseRun(blind.id));
            engine.scheduler.tell(new Scheduler.CloseRun(other.id));
            engine.awaitReleased(0);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void nothingIsLeftOfARunThatEndsDuringAPreviewOrNextToIt(int inFlight) {
        try (EngineFixture engine = new EngineFixture(KIT, 1, inFlight, LONG, LONG)) {
            FragilePipeline pipeline = engine.pipelines.get(0);
            pipeline.shows = true;
            long number = 200;
            for (int where = FragilePipeline.LOOK; where < FragilePipeline.STEPS.size(); where++) {
                for (boolean fails : new boolean[] {true, false}) {
                    int at = where;
                    Job job = new Job(engine, ++number, "job-" + number);
                    pipeline.script = new FragilePipeline.Script() {
                        @Override
                        public void running(String run, Lane lane, int attempt, int step) {
                            if (attempt == 2 && step == at) {
                                engine.scheduler.tell(new Scheduler.CloseRun(job.id));
                                if (fails) {
                                    throw new IllegalStateException("told to fail");
                                }
                            }
                        }
                    };
                    for (int chunk = 0; chunk < 3; chunk++) {
                        job.ask();
                        job.next();
                    }
                    engine.scheduler.tell(new Scheduler.CloseRun(job.id));
                }
            }
            engine.awaitReleased(0);
            assertTrue(engine.load().healthy());
        }
    }
}
