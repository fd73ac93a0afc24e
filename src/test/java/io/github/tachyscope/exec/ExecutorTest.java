package io.github.tachyscope.exec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.github.tachyscope.diffusion.GenerationRequest;
import io.github.tachyscope.diffusion.InputMode;
import io.github.tachyscope.diffusion.Lane;
import io.github.tachyscope.diffusion.Parameters;
import io.github.tachyscope.diffusion.Pipeline;
import io.github.tachyscope.diffusion.PipelineProvider;
import io.github.tachyscope.diffusion.PipelineSpec;
import io.github.tachyscope.diffusion.synthetic.SyntheticProvider;
import io.github.tachyscope.frame.MediaClock;
import io.github.tachyscope.tensor.Placement;
import io.github.tachyscope.tensor.RandomWeights;
import io.github.tachyscope.testkit.StubPipeline;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

class ExecutorTest {
    private static final ActorTestKit KIT = ActorTestKit.create();

    private final TestProbe<Executor.Event> events = KIT.createTestProbe(Executor.Event.class);
    private final TestProbe<Executor.LoadReply> loads = KIT.createTestProbe(Executor.LoadReply.class);
    private final ActorRef<Executor.Command> executor = KIT.spawn(
            Executor.create(Device.cpu(), 3, Duration.ofSeconds(30), MediaClock.system()), Executor.dispatcher());

    @AfterAll
    static void stop() {
        KIT.shutdownTestKit();
    }

    private record Scripted(Supplier<Pipeline> loading) implements PipelineProvider {
        @Override
        public PipelineSpec spec() {
            return new StubPipeline(1, 1).spec();
        }

        @Override
        public Pipeline load(Parameters parameters, Placement placement, LoadProgress progress) {
            return loading.get();
        }
    }

    private void load(String key, PipelineProvider provider, Duration timeout) {
        executor.tell(new Executor.Load(key, provider, Parameters.none(), timeout, loads.getRef()));
    }

    @Test
    void aFailedLoadIsToldAndTheNextOneWorks() {
        load(
                "p",
                new Scripted(() -> {
                    throw new PipelineProvider.PipelineLoadFailed("no weights in the models directory");
                }),
                Duration.ofSeconds(9));
        assertEquals(new Executor.LoadFailed("p", "no weights in the models directory"), loads.receiveMessage());
        load(
                "p",
                new Scripted(() -> {
                    throw new NoClassDefFoundError("secret/Class");
                }),
                Duration.ofSeconds(9));
        assertFalse(
                loads.expectMessageClass(Executor.LoadFailed.class).message().contains("secret"));
        load("p", new SyntheticProvider(), Duration.ofSeconds(9));
        loads.expectMessageClass(Executor.LoadStage.class);
        loads.expectMessageClass(Executor.Loaded.class);
    }

    @Test
    void aLoadThatFindsNoMemoryIsToldAndTheNextOneWorks() {
        load(
                "p",
                new Scripted(() -> {
                    try (RandomWeights weights = new RandomWeights(1, Placement.CPU)) {
                        weights.take("huge.weight", 1L << 24, 1L << 24);
                    }
                    return new StubPipeline(1, 1);
                }),
                Duration.ofSeconds(60));
        // The first use of LibTorch in a process unpacks it.
        assertEquals(
                new Executor.LoadFailed("p", "not enough memory for the weights", true),
                loads.receiveMessage(Duration.ofSeconds(30)));
        load("p", new StubPipeline(1, 1), Duration.ofSeconds(9));
        loads.expectMessageClass(Executor.LoadStage.class);
        loads.expectMessageClass(Executor.Loaded.class);
    }

    @Test
    void aLoadThatEndsTooLateIsFreed() {
        CountDownLatch gate = new CountDownLatch(1);
        StubPipeline late = new StubPipeline(1, 1);
        load(
                "p",
                new Scripted(() -> {
                    try {
                        gate.await();
                    } catch (InterruptedException ended) {
                        Thread.currentThread().interrupt();
                    }
                    return late;
                }),
                Duration.ofMillis(50));
        assertTrue(loads.expectMessageClass(Executor.LoadFailed.class).message().contains("load-timeout"));
        gate.countDown();
        loads.awaitAssert(() -> {
            assertEquals(1, late.closes.get());
            return null;
        });
    }

    @Test
    void aLoadThatNobodyWaitsForAnyMoreIsNotBegun() {
        CountDownLatch gate = new CountDownLatch(1);
        AtomicInteger begun = new AtomicInteger();
        Scripted slow = new Scripted(() -> {
            begun.incrementAndGet();
            try {
                gate.await();
            } catch (InterruptedException ended) {
                Thread.currentThread().interrupt();
            }
            return new StubPipeline(1, 1);
        });
        // Two threads load; what comes after them waits for its turn.
        for (String key : List.of("a", "b", "c")) {
            load(key, slow, Duration.ofSeconds(20));
        }
        executor.tell(new Executor.Unload("c"));
        assertEquals("c", loads.expectMessageClass(Executor.LoadFailed.class).pipelineKey());
        load("d", slow, Duration.ofSeconds(20));
        gate.countDown();
        Set<String> loaded = new HashSet<>();
        while (loaded.size() < 3) {
            loaded.add(loads.expectMessageClass(Executor.Loaded.class).pipelineKey());
        }
        assertEquals(Set.of("a", "b", "d"), loaded);
        assertEquals(3, begun.get());
    }

    @Test
    void runsAChunkOfTheSyntheticPipelineOverAllLanes() {
        executor.tell(new Executor.Attach(events.getRef()));
        events.expectMessageClass(Executor.Attached.class);
        load("p", new SyntheticProvider(), Duration.ofSeconds(9));
        events.expectMessageClass(Executor.PipelineReady.class);
        RunId id = new RunId(1);
        executor.tell(new Executor.Open(id, "p", new GenerationRequest(InputMode.TEXT, Parameters.none())));
        events.expectMessage(new Executor.Opened(id));
        executor.tell(
                new Executor.Patch(id, Parameters.none().with("prompts", JsonNodeFactory.instance.textNode("a sea"))));
        events.expectMessageClass(Executor.Standing.class);
        executor.tell(new Executor.Feed(id, List.of()));
        Executor.Standing standing = events.expectMessageClass(Executor.Standing.class);
        Optional<Chunk> chunk = Optional.empty();
        while (chunk.isEmpty()) {
            Lane lane = standing.plans().get(0).key().kind().lane();
            executor.tell(new Executor.Run(lane, List.of(id)));
            Executor.RunOutcome outcome = events.expectMessageClass(Executor.BatchDone.class)
                    .outcomes()
                    .get(0);
            standing = outcome.standing();
            chunk = outcome.chunk();
        }
        assertEquals(9, chunk.get().frames().size());
        assertEquals(6, chunk.get().steps());
    }

    @Test
    void refusesARunInAModeThatThePipelineLacks() {
        executor.tell(new Executor.Attach(events.getRef()));
        events.expectMessageClass(Executor.Attached.class);
        load("p", new StubPipeline(1, 1), Duration.ofSeconds(9));
        events.expectMessageClass(Executor.PipelineReady.class);
        executor.tell(new Executor.Open(new RunId(2), "p", new GenerationRequest(InputMode.VIDEO, Parameters.none())));
        assertFalse(events.expectMessageClass(Executor.OpenRefused.class).busy());
    }
}
