package io.github.tachyscope.flow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tachyscope.diffusion.ChunkGeometry;
import io.github.tachyscope.diffusion.InputMode;
import io.github.tachyscope.exec.Chunk;
import io.github.tachyscope.exec.RunId;
import io.github.tachyscope.frame.MediaClock;
import io.github.tachyscope.frame.PixelFormat;
import io.github.tachyscope.frame.VideoFrame;
import io.github.tachyscope.schedule.Quality;
import io.github.tachyscope.schedule.Scheduler;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.stream.Attributes;
import org.apache.pekko.stream.javadsl.Sink;
import org.apache.pekko.stream.javadsl.SinkQueueWithCancel;
import org.apache.pekko.stream.javadsl.Source;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

class GenerateChunksTest {
    private static final ActorTestKit KIT = ActorTestKit.create();
    private static final RunId RUN = new RunId(7);

    private final TestProbe<Scheduler.Command> scheduler = KIT.createTestProbe();
    private final LinkedBlockingQueue<FlowEvent> events = new LinkedBlockingQueue<>();
    private final FlowMeter meter = new FlowMeter();

    @AfterAll
    static void shutDown() {
        KIT.shutdownTestKit();
    }

    @Test
    void asksForNothingWhileDownstreamDoesNotAsk() throws Exception {
        // A sink queue asks for one element ahead and keeps it until somebody takes it.
        SinkQueueWithCancel<GenerateChunks.Timed> viewer = run();
        Scheduler.Produce asked = scheduler.expectMessageClass(Scheduler.Produce.class);
        assertEquals(RUN, asked.runId());
        assertEquals(4242, asked.deadlineMicros());
        asked.replyTo().tell(ready(0));
        scheduler.expectNoMessage(Duration.ofMillis(100));

        GenerateChunks.Timed first =
                viewer.pull().toCompletableFuture().get(3, TimeUnit.SECONDS).orElseThrow();
        assertEquals(0, first.chunk().index());
        answer(ready(1));
        scheduler.expectNoMessage(Duration.ofMillis(100));
        viewer.cancel();
    }

    @Test
    void aFailedChunkIsReportedAndTheNextOneTried() throws Exception {
        SinkQueueWithCancel<GenerateChunks.Timed> viewer = run();
        CompletionStage<Optional<GenerateChunks.Timed>> first = viewer.pull();
        answer(new Scheduler.ChunkFailed(RUN, "bad luck", false));
        answer(new Scheduler.ChunkFailed(RUN, "bad luck", false));
        answer(ready(0));
        assertTrue(first.toCompletableFuture().get(3, TimeUnit.SECONDS).isPresent());
        assertEquals(new FlowEvent.ChunkLost("bad luck", 1, false), events.poll(1, TimeUnit.SECONDS));
        assertEquals(new FlowEvent.ChunkLost("bad luck", 2, false), events.poll(1, TimeUnit.SECONDS));
        assertEquals(2, meter.chunksFailed());
        assertEquals(1, meter.chunks());

        viewer.pull();
        answer(new Scheduler.ChunkFailed(RUN, "again", false));
        assertEquals(new FlowEvent.ChunkLost("again", 1, false), events.poll(1, TimeUnit.SECONDS));
        viewer.cancel();
    }

    @Test
    void aLostRunEndsTheStream() throws Exception {
        SinkQueueWithCancel<GenerateChunks.Timed> viewer = run();
        CompletionStage<Optional<GenerateChunks.Timed>> first = viewer.pull();
        answer(new Scheduler.ChunkFailed(RUN, "gone", true));
        assertFalse(first.toCompletableFuture().get(3, TimeUnit.SECONDS).isPresent());
        assertEquals(new FlowEvent.ChunkLost("gone", 1, true), events.poll(1, TimeUnit.SECONDS));
    }

    @Test
    void aSchedulerThatStopsIsALostRun() throws Exception {
        SinkQueueWithCancel<GenerateChunks.Timed> viewer = run();
        CompletionStage<Optional<GenerateChunks.Timed>> first = viewer.pull();
        scheduler.expectMessageClass(Scheduler.Produce.class);
        scheduler.stop();
        assertFalse(first.toCompletableFuture().get(3, TimeUnit.SECONDS).isPresent());
        assertTrue(events.poll(1, TimeUnit.SECONDS) instanceof FlowEvent.ChunkLost lost && lost.runLost());
    }

    @Test
    void asksForAsManyChunksAsMayBeUnderWayAndHandsThemOnInOrder() throws Exception {
        SinkQueueWithCancel<GenerateChunks.Timed> viewer = run(2);
        Scheduler.Produce first = scheduler.expectMessageClass(Scheduler.Produce.class);
        Scheduler.Produce second = scheduler.expectMessageClass(Scheduler.Produce.class);
        scheduler.expectNoMessage(Duration.ofMillis(50));
        first.replyTo().tell(ready(0));
        second.replyTo().tell(ready(1));
        // Both places are taken by finished chunks that nobody wants yet.
        scheduler.expectNoMessage(Duration.ofMillis(100));
        for (int i = 0; i < 4; i += 2) {
            assertEquals(i, next(viewer).chunk().index());
            assertEquals(i + 1, next(viewer).chunk().index());
            answer(ready(i + 2));
            answer(ready(i + 3));
        }
        viewer.cancel();
    }

    @Test
    void allChunksThatAreLostTogetherAreReportedAndTheirPlacesFree() throws Exception {
        SinkQueueWithCancel<GenerateChunks.Timed> viewer = run(2);
        answer(new Scheduler.ChunkFailed(RUN, "bad luck", false));
        answer(new Scheduler.ChunkFailed(RUN, "bad luck", false));
        answer(ready(0));
        answer(ready(1));
        assertEquals(0, next(viewer).chunk().index());
        assertEquals(1, next(viewer).chunk().index());
        assertEquals(2, meter.chunksFailed());
        viewer.cancel();
    }

    private static GenerateChunks.Timed next(SinkQueueWithCancel<GenerateChunks.Timed> viewer) throws Exception {
        return viewer.pull().toCompletableFuture().get(3, TimeUnit.SECONDS).orElseThrow();
    }

    @Test
    void droppedParametersAreReported() throws Exception {
        SinkQueueWithCancel<GenerateChunks.Timed> viewer = run();
        viewer.pull();
        answer(new Scheduler.ChunkReady(RUN, chunk(0), List.of("no such picture"), Quality.FULL));
        assertEquals(new FlowEvent.ParameterDropped("no such picture"), events.poll(1, TimeUnit.SECONDS));
        viewer.cancel();
    }

    @Test
    void asksNoFasterThanThePermittedRateAndTellsOfIt() throws Exception {
        Quality slow = new Quality(2, 5, Set.of());
        CompletionStage<Long> elapsed = Source.repeat(List.<VideoFrame>of())
                .via(stage(1, MediaClock.system()))
                .take(4)
                .runWith(Sink.fold(0L, (count, chunk) -> count + 1), KIT.system());
        long[] asked = new long[4];
        for (int i = 0; i < 4; i++) {
            Scheduler.Produce produce = scheduler.expectMessageClass(Scheduler.Produce.class);
            asked[i] = System.nanoTime();
            produce.replyTo().tell(new Scheduler.ChunkReady(RUN, chunk(i), List.of(), slow));
        }
        assertEquals(4, elapsed.toCompletableFuture().get(3, TimeUnit.SECONDS));
        for (int i = 1; i < 4; i++) {
            long millis = (asked[i] - asked[i - 1]) / 1_000_000;
            assertTrue(millis >= 150, "chunk " + i + " was asked for after " + millis + " ms");
        }
        assertEquals(new FlowEvent.QualityChanged(slow), events.poll(1, TimeUnit.SECONDS));
        assertTrue(events.isEmpty(), events.toString());
    }

    private void answer(Scheduler.ChunkReply reply) {
        scheduler.expectMessageClass(Scheduler.Produce.class).replyTo().tell(reply);
    }

    private static Scheduler.ChunkReady ready(long index) {
        return new Scheduler.ChunkReady(RUN, chunk(index), List.of(), Quality.FULL);
    }

    private static Chunk chunk(long index) {
        return new Chunk(index, List.of(VideoFrame.of(PixelFormat.I420, 2, 2, new byte[6], 0)), 1, 1000);
    }

    private SinkQueueWithCancel<GenerateChunks.Timed> run() {
        return run(1);
    }

    private SinkQueueWithCancel<GenerateChunks.Timed> run(int inFlight) {
        return Source.repeat(List.<VideoFrame>of())
                .via(stage(inFlight, () -> 1))
                .runWith(
                        Sink.<GenerateChunks.Timed>queue(1).withAttributes(Attributes.inputBuffer(1, 1)), KIT.system());
    }

    private GenerateChunks stage(int inFlight, MediaClock clock) {
        RunHandle handle =
                new RunHandle(RUN, InputMode.TEXT, ChunkGeometry.FRAME_WISE.overlapping(inFlight), scheduler.getRef());
        return new GenerateChunks(handle, () -> 4242, clock, meter, events::add);
    }
}
