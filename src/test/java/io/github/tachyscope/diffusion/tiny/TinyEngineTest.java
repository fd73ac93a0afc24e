package io.github.tachyscope.diffusion.tiny;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tachyscope.config.EngineSettings;
import io.github.tachyscope.diffusion.GenerationRequest;
import io.github.tachyscope.diffusion.InputMode;
import io.github.tachyscope.diffusion.Lane;
import io.github.tachyscope.diffusion.Parameters;
import io.github.tachyscope.diffusion.Pipeline;
import io.github.tachyscope.diffusion.PipelineProvider;
import io.github.tachyscope.diffusion.PipelineSpec;
import io.github.tachyscope.exec.Device;
import io.github.tachyscope.exec.Executor;
import io.github.tachyscope.exec.RunId;
import io.github.tachyscope.frame.MediaClock;
import io.github.tachyscope.metrics.Metrics;
import io.github.tachyscope.schedule.Scheduler;
import io.github.tachyscope.schedule.StepSpan;
import io.github.tachyscope.schedule.Timeline;
import io.github.tachyscope.tensor.Placement;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.FishingOutcomes;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Several frames of a run under way in the real scheduler and executor. */
class TinyEngineTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final long FAR = Long.MAX_VALUE / 4;

    private final ActorTestKit kit = ActorTestKit.create();
    private final TestProbe<Scheduler.OpenReply> opens = kit.createTestProbe(Scheduler.OpenReply.class);
    private final TestProbe<Scheduler.ChunkReply> chunks = kit.createTestProbe(Scheduler.ChunkReply.class);
    private final PlainNetworks networks = new PlainNetworks();
    private final Rig rig = new Rig(networks);
    private final Timeline timeline = new Timeline(4096);
    private ActorRef<Scheduler.Command> scheduler;
    private ActorRef<Executor.Command> executor;

    @AfterEach
    void stop() {
        kit.shutdownTestKit();
    }

    private record Loaded(Rig rig) implements PipelineProvider {
        @Override
        public PipelineSpec spec() {
            return rig.spec;
        }

        @Override
        public Pipeline load(Parameters parameters, Placement placement, LoadProgress progress) {
            return rig.pipeline;
        }
    }

    private void start(int lanes) {
        MediaClock clock = MediaClock.system();
        executor = kit.spawn(Executor.create(Device.cpu(), lanes, PATIENCE, clock), Executor.dispatcher());
        EngineSettings settings = new EngineSettings(8, 8, lanes, 1, "fp32", PATIENCE, PATIENCE, 4096);
        Metrics metrics = new Metrics(new PrometheusMeterRegistry(PrometheusConfig.DEFAULT), clock::micros);
        scheduler = kit.spawn(Scheduler.create(
                new Scheduler.Setup(settings, Duration.ofSeconds(5), clock, timeline, metrics), List.of(executor)));
        load("tiny", rig);
    }

    private void load(String key, Rig loaded) {
        TestProbe<Executor.LoadReply> loads = kit.createTestProbe(Executor.LoadReply.class);
        executor.tell(new Executor.Load(key, new Loaded(loaded), Parameters.none(), PATIENCE, loads.getRef()));
        loads.fishForMessage(
                PATIENCE,
                reply -> reply instanceof Executor.Loaded
                        ? FishingOutcomes.complete()
                        : FishingOutcomes.continueAndIgnore());
    }

    private RunId open(int number, String parameters) {
        RunId id = new RunId(number);
        scheduler.tell(new Scheduler.OpenRun(
                id,
                "session-" + number,
                "tiny",
                new GenerationRequest(InputMode.VIDEO, rig.checked(parameters)),
                Scheduler.Urgency.LIVE,
                opens.getRef()));
        opens.expectMessage(new Scheduler.RunOpened(id));
        return id;
    }

    private void produce(RunId id, long picture, TestProbe<Scheduler.ChunkReply> viewer) {
        scheduler.tell(new Scheduler.Produce(id, List.of(Rig.picture(picture)), FAR, viewer.getRef()));
    }

    private static byte[] frame(TestProbe<Scheduler.ChunkReply> viewer, long index) {
        Scheduler.ChunkReady ready = viewer.expectMessageClass(Scheduler.ChunkReady.class, PATIENCE);
        assertEquals(index, ready.chunk().index());
        return Rig.bytes(ready.chunk().frames().get(0));
    }

    @Test
    void theNextFrameIsEncodedWhileOneDenoises() {
        start(2);
        RunId id = open(1, "{}");
        // The second frame's encoding lets the first one's denoising go on; one after the other they would hang.
        networks.denoiseWaits = new CountDownLatch(1);
        networks.encodeReleases = networks.denoiseWaits;
        produce(id, 0, chunks);
        produce(id, 1, chunks);
        frame(chunks, 0);
        frame(chunks, 1);
        produce(id, 2, chunks);
        frame(chunks, 2);
        List<StepSpan> spans = timeline.since(0, 100);
        assertEquals(
                3, spans.stream().filter(span -> span.lane() == Lane.DENOISE).count());
        assertEquals(
                List.of(0, 1, 2),
                spans.stream()
                        .filter(span -> span.chunkIndex() == 1)
                        .map(StepSpan::stepIndex)
                        .toList());
    }

    @Test
    void oneRequestMoreThanMayBeUnderWayIsRefused() {
        start(2);
        RunId id = open(1, "{}");
        networks.denoiseWaits = new CountDownLatch(1);
        for (int i = 0; i < 3; i++) {
            produce(id, i, chunks);
        }
        assertTrue(
                chunks.expectMessageClass(Scheduler.ChunkFailed.class).message().contains("under way"));
        networks.denoiseWaits.countDown();
        frame(chunks, 0);
        frame(chunks, 1);
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3})
    void aFailedStepLosesTheFramesUnderWayAndTheNextOneStartsAfresh(int lanes) {
        start(lanes);
        RunId id = open(1, "{}");
        networks.denoiseWaits = new CountDownLatch(1);
        produce(id, 0, chunks);
        produce(id, 1, chunks);
        chunks.awaitAssert(() -> {
            assertEquals(2, networks.encodings.get());
            return null;
        });
        networks.failure = new IllegalStateException("scripted");
        networks.denoiseWaits.countDown();
        for (int i = 0; i < 2; i++) {
            Scheduler.ChunkFailed failed = chunks.expectMessageClass(Scheduler.ChunkFailed.class, PATIENCE);
            assertEquals("a step of the pipeline failed", failed.message());
        }
        for (int i = 0; i < 4; i++) {
            produce(id, i, chunks);
            frame(chunks, i);
        }
    }

    @Test
    void aRunThatIsClosedInTheMiddleIsFreed() {
        start(2);
        RunId id = open(1, "{}");
        networks.denoiseWaits = new CountDownLatch(1);
        produce(id, 0, chunks);
        produce(id, 1, chunks);
        scheduler.tell(new Scheduler.CloseRun(id));
        assertTrue(chunks.expectMessageClass(Scheduler.ChunkFailed.class).runLost());
        assertTrue(chunks.expectMessageClass(Scheduler.ChunkFailed.class).runLost());
        executor.tell(new Executor.Unload("tiny"));
        networks.denoiseWaits.countDown();
        chunks.awaitAssert(() -> {
            assertEquals(1, networks.closes.get());
            return null;
        });
        assertEquals(0, networks.openGuidance.get());
    }

    @Test
    void sessionsThatOverlapAndShareBatchesGetTheFramesTheyHaveAlone() {
        List<String> wishes = List.of(
                "{'prompts':['a sea'],'base_seed':1}",
                "{'prompts':['a fire'],'base_seed':2,'noise_scale':0.7}",
                "{'prompts':['a wood'],'base_seed':1,'denoising_step_list':[1000,400]}");
        int frames = 12;
        byte[][][] alone = alone(wishes, frames);
        start(2);
        List<TestProbe<Scheduler.ChunkReply>> viewers = new ArrayList<>();
        for (int s = 0; s < wishes.size(); s++) {
            viewers.add(kit.createTestProbe(Scheduler.ChunkReply.class));
            RunId id = open(s, wishes.get(s));
            produce(id, 100 * s, viewers.get(s));
        }
        for (int i = 0; i < frames; i++) {
            for (int s = 0; s < wishes.size(); s++) {
                if (i + 1 < frames) {
                    produce(new RunId(s), 100 * s + i + 1, viewers.get(s));
                }
                assertArrayEquals(alone[s][i], frame(viewers.get(s), i), "session " + s + ", frame " + i);
            }
        }
        assertTrue(
                timeline.since(0, 4096).stream().anyMatch(span -> span.batchSize() > 1),
                "no step shared a batch: "
                        + timeline.since(0, 4096).stream()
                                .collect(Collectors.groupingBy(StepSpan::batchSize, Collectors.counting())));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aSessionWhoseStepsFailInLibTorchLeavesTheOthersTheirFrames(boolean memory) {
        List<String> wishes =
                List.of("{'prompts':['a sea'],'base_seed':1}", "{'prompts':['a fire']}", "{'prompts':['a wood']}");
        int guilty = 1;
        int frames = 10;
        byte[][][] alone = alone(wishes, frames);
        networks.trap("a fire", () -> {
            if (memory) {
                torch.empty(1L << 48);
            }
            torch.ones(2, 3).matmul(torch.ones(2, 3));
        });
        start(2);
        List<TestProbe<Scheduler.ChunkReply>> viewers = new ArrayList<>();
        for (int s = 0; s < wishes.size(); s++) {
            viewers.add(kit.createTestProbe(Scheduler.ChunkReply.class));
            open(s, wishes.get(s));
        }
        int failures = 0;
        for (int i = 0; i < frames; i++) {
            boolean tries = !memory || failures == 0;
            for (int s = 0; s < wishes.size(); s++) {
                if (s != guilty || tries) {
                    produce(new RunId(s), 100 * s + i, viewers.get(s));
                }
            }
            for (int s = 0; s < wishes.size(); s++) {
                if (s != guilty) {
                    assertArrayEquals(alone[s][i], frame(viewers.get(s), i), "session " + s + ", frame " + i);
                } else if (tries) {
                    Scheduler.ChunkFailed failed =
                            viewers.get(s).expectMessageClass(Scheduler.ChunkFailed.class, PATIENCE);
                    assertEquals(memory, failed.runLost());
                    assertTrue(failed.message().contains(memory ? "memory" : "failed"), failed.message());
                    failures++;
                }
            }
        }
        networks.untrap();
        RunId again = memory ? open(9, wishes.get(guilty)) : new RunId(guilty);
        produce(again, 100 * guilty, chunks);
        assertArrayEquals(alone[guilty][0], frame(chunks, 0));
        load("tiny-again", new Rig(new PlainNetworks()));
    }

    private static byte[][][] alone(List<String> wishes, int frames) {
        byte[][][] alone = new byte[wishes.size()][frames][];
        try (Rig quiet = new Rig(new PlainNetworks())) {
            for (int s = 0; s < wishes.size(); s++) {
                try (TinyGeneration one = quiet.open(InputMode.VIDEO, wishes.get(s))) {
                    for (int i = 0; i < frames; i++) {
                        alone[s][i] = quiet.film(one, Rig.picture(100 * s + i));
                    }
                }
            }
        }
        return alone;
    }
}
