package io.github.tachyscope.schedule;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.TextNode;
import io.github.tachyscope.config.EngineSettings;
import io.github.tachyscope.diffusion.Generation;
import io.github.tachyscope.diffusion.GenerationRequest;
import io.github.tachyscope.diffusion.InputMode;
import io.github.tachyscope.diffusion.Lane;
import io.github.tachyscope.diffusion.NextStep;
import io.github.tachyscope.diffusion.Parameters;
import io.github.tachyscope.diffusion.Pipeline;
import io.github.tachyscope.diffusion.StepResult;
import io.github.tachyscope.diffusion.synthetic.SyntheticProvider;
import io.github.tachyscope.exec.Device;
import io.github.tachyscope.exec.Executor;
import io.github.tachyscope.exec.RunId;
import io.github.tachyscope.frame.MediaClock;
import io.github.tachyscope.frame.PixelFormat;
import io.github.tachyscope.frame.VideoFrame;
import io.github.tachyscope.metrics.Metrics;
import io.github.tachyscope.tensor.Placement;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.FishingOutcomes;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The scheduler's promise: a run's frames are the same, byte for byte, whoever else is on the device. */
class InterleavedRunsTest {
    private static final int RUNS = 4;
    private static final int CHUNKS = 5;
    private static final int SIDE = 64;

    private final ActorTestKit kit = ActorTestKit.create();

    @AfterEach
    void stop() {
        kit.shutdownTestKit();
    }

    @ParameterizedTest
    @EnumSource(InputMode.class)
    void theFramesOfARunAreThoseItHasAlone(InputMode mode) {
        Timeline timeline = new Timeline(4096);
        List<List<byte[]>> together = interleaved(mode, timeline);

        assertTrue(
                timeline.since(0, 4096).stream().anyMatch(span -> span.batchSize() > 1),
                "no step shared a batch, so this proves nothing");
        for (int run = 0; run < RUNS; run++) {
            List<byte[]> alone = alone(mode, run);
            assertEquals(alone.size(), together.get(run).size());
            for (int i = 0; i < alone.size(); i++) {
                assertArrayEquals(alone.get(i), together.get(run).get(i), "run " + run + ", frame " + i);
            }
        }
        assertTrue(
                !Arrays.equals(together.get(0).get(0), together.get(1).get(0)),
                "different prompts gave the same picture");
    }

    private List<List<byte[]>> interleaved(InputMode mode, Timeline timeline) {
        MediaClock clock = MediaClock.system();
        ActorRef<Executor.Command> executor =
                kit.spawn(Executor.create(Device.cpu(), 2, Duration.ofSeconds(30), clock), Executor.dispatcher());
        EngineSettings settings = new EngineSettings(
                8, 8, 2, 1, EngineSettings.AUTO, Duration.ofSeconds(30), Duration.ofSeconds(30), 4096);
        Metrics metrics = new Metrics(new PrometheusMeterRegistry(PrometheusConfig.DEFAULT), clock::micros);
        ActorRef<Scheduler.Command> scheduler = kit.spawn(Scheduler.create(
                new Scheduler.Setup(settings, Duration.ofSeconds(5), clock, timeline, metrics), List.of(executor)));
        TestProbe<Executor.LoadReply> loads = kit.createTestProbe(Executor.LoadReply.class);
        executor.tell(new Executor.Load(
                "synthetic", new SyntheticProvider(), loadParameters(), Duration.ofSeconds(9), loads.getRef()));
        loads.fishForMessage(
                Duration.ofSeconds(9),
                reply -> reply instanceof Executor.Loaded
                        ? FishingOutcomes.complete()
                        : FishingOutcomes.continueAndIgnore());

        TestProbe<Scheduler.OpenReply> opens = kit.createTestProbe(Scheduler.OpenReply.class);
        List<TestProbe<Scheduler.ChunkReply>> viewers = new ArrayList<>();
        List<List<byte[]>> frames = new ArrayList<>();
        for (int run = 0; run < RUNS; run++) {
            scheduler.tell(new Scheduler.OpenRun(
                    new RunId(run),
                    "run-" + run,
                    "synthetic",
                    request(mode, run),
                    Scheduler.Urgency.LIVE,
                    opens.getRef()));
            opens.expectMessage(new Scheduler.RunOpened(new RunId(run)));
            viewers.add(kit.createTestProbe(Scheduler.ChunkReply.class));
            frames.add(new ArrayList<>());
        }
        for (int chunk = 0; chunk < CHUNKS; chunk++) {
            for (int run = 0; run < RUNS; run++) {
                Parameters patch = patch(run, chunk);
                if (!patch.isEmpty()) {
                    scheduler.tell(new Scheduler.Patch(new RunId(run), patch));
                }
                scheduler.tell(new Scheduler.Produce(
                        new RunId(run),
                        input(mode, run, chunk),
                        clock.micros() + 100_000,
                        viewers.get(run).getRef()));
            }
            for (int run = 0; run < RUNS; run++) {
                viewers.get(run)
                        .expectMessageClass(Scheduler.ChunkReady.class, Duration.ofSeconds(20))
                        .chunk()
                        .frames()
                        .forEach(add(frames.get(run)));
            }
        }
        return frames;
    }

    /** The same script without actors, threads and neighbours. */
    private static List<byte[]> alone(InputMode mode, int run) {
        List<byte[]> frames = new ArrayList<>();
        try (Pipeline pipeline = new SyntheticProvider().load(loadParameters(), Placement.CPU, stage -> {});
                Generation generation = pipeline.open(request(mode, run))) {
            for (int chunk = 0; chunk < CHUNKS; chunk++) {
                generation.patch(patch(run, chunk));
                generation.feed(input(mode, run, chunk));
                generation.demand();
                List<VideoFrame> made = List.of();
                while (made.isEmpty()) {
                    made = step(pipeline, generation);
                }
                made.forEach(add(frames));
            }
        }
        return frames;
    }

    private static List<VideoFrame> step(Pipeline pipeline, Generation generation) {
        for (Lane lane : Lane.values()) {
            if (generation.next(lane) instanceof NextStep.StepPlan) {
                StepResult result = pipeline.run(lane, List.of(generation)).get(0);
                List<VideoFrame> frames = result.frames();
                generation.commit(result);
                return frames;
            }
        }
        throw new AssertionError("nothing to do in the middle of a chunk");
    }

    private static Consumer<VideoFrame> add(List<byte[]> to) {
        return frame -> to.add(Arrays.copyOf(frame.data(), frame.bytes()));
    }

    private static Parameters loadParameters() {
        return Parameters.of(Map.of(
                "width", IntNode.valueOf(SIDE), "height", IntNode.valueOf(SIDE), "step_cost_ms", IntNode.valueOf(3)));
    }

    private static GenerationRequest request(InputMode mode, int run) {
        return new GenerationRequest(mode, prompt("picture " + run).with("base_seed", IntNode.valueOf(run)));
    }

    /** Every run does something else at another time. */
    private static Parameters patch(int run, int chunk) {
        if (chunk == 0 || (chunk + run) % 2 == 0) {
            return Parameters.none();
        }
        return switch (run) {
            case 0 -> prompt("another picture " + chunk);
            case 1 -> Parameters.of(Map.of(Parameters.RESET_CACHE, BooleanNode.TRUE));
            case 2 -> Parameters.of(Map.of("noise_scale", DoubleNode.valueOf(0.2 * chunk)));
            default ->
                Parameters.of(Map.of(
                        "denoising_step_list",
                        JsonNodeFactory.instance.arrayNode().add(900).add(100 * chunk)));
        };
    }

    private static Parameters prompt(String text) {
        var prompts = JsonNodeFactory.instance.arrayNode();
        prompts.addObject().set("text", TextNode.valueOf(text));
        return Parameters.of(Map.of(Parameters.PROMPTS, prompts));
    }

    private static List<VideoFrame> input(InputMode mode, int run, int chunk) {
        List<VideoFrame> frames = new ArrayList<>();
        int count = mode == InputMode.TEXT ? 0 : chunk == 0 ? 9 : 12;
        for (int i = 0; i < count; i++) {
            byte[] pixels = new byte[PixelFormat.RGB24.bytes(SIDE, SIDE)];
            new Random(run * 1000L + chunk * 100L + i).nextBytes(pixels);
            frames.add(VideoFrame.of(PixelFormat.RGB24, SIDE, SIDE, pixels, (chunk * 12L + i) * 33_333));
        }
        return frames;
    }
}
