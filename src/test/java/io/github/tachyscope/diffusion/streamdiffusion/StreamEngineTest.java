package io.github.tachyscope.diffusion.streamdiffusion;

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
import io.github.tachyscope.diffusion.sd.model.ModelRequest;
import io.github.tachyscope.exec.Device;
import io.github.tachyscope.exec.Executor;
import io.github.tachyscope.exec.RunId;
import io.github.tachyscope.frame.MediaClock;
import io.github.tachyscope.metrics.Metrics;
import io.github.tachyscope.schedule.Scheduler;
import io.github.tachyscope.schedule.Timeline;
import io.github.tachyscope.tensor.Placement;
import io.github.tachyscope.testkit.SmallModels;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.FishingOutcomes;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sessions with overlapping frames in the real scheduler and executor. */
class StreamEngineTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final long FAR = Long.MAX_VALUE / 4;
    private static final String LORA = "peft_style.safetensors";

    @TempDir
    Path folder;

    private final ActorTestKit kit = ActorTestKit.create();
    private final TestProbe<Scheduler.OpenReply> opens = kit.createTestProbe(Scheduler.OpenReply.class);
    private final Timeline timeline = new Timeline(4096);
    private Rig rig;
    private ActorRef<Scheduler.Command> scheduler;

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

    @BeforeEach
    void start() {
        rig = Rig.of(SmallModels.in(folder), Rig.light(SmallModels.SD15, new ModelRequest.Lora(LORA, 0, true)));
        MediaClock clock = MediaClock.system();
        ActorRef<Executor.Command> executor =
                kit.spawn(Executor.create(Device.cpu(), 2, PATIENCE, clock), Executor.dispatcher());
        EngineSettings settings = new EngineSettings(8, 8, 2, 1, "fp32", PATIENCE, PATIENCE, 4096);
        Metrics metrics = new Metrics(new PrometheusMeterRegistry(PrometheusConfig.DEFAULT), clock::micros);
        scheduler = kit.spawn(Scheduler.create(
                new Scheduler.Setup(settings, Duration.ofSeconds(5), clock, timeline, metrics), List.of(executor)));
        TestProbe<Executor.LoadReply> loads = kit.createTestProbe(Executor.LoadReply.class);
        executor.tell(new Executor.Load("sd", new Loaded(rig), Parameters.none(), PATIENCE, loads.getRef()));
        loads.fishForMessage(
                PATIENCE,
                reply -> reply instanceof Executor.Loaded
                        ? FishingOutcomes.complete()
                        : FishingOutcomes.continueAndIgnore());
    }

    @AfterEach
    void stop() {
        kit.shutdownTestKit();
    }

    private RunId open(int number, String parameters) {
        RunId id = new RunId(number);
        scheduler.tell(new Scheduler.OpenRun(
                id,
                "session-" + number,
                "sd",
                new GenerationRequest(InputMode.VIDEO, rig.checked(parameters)),
                Scheduler.Urgency.LIVE,
                opens.getRef()));
        opens.expectMessage(PATIENCE, new Scheduler.RunOpened(id));
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
    void sessionsShowWhatTheyShowAloneWhileAnotherChangesItsLoraScale() {
        String wish = "{'prompts':['a cat'],'t_index_list':[25,40],'cfg_type':'none'}";
        List<byte[]> alone = new ArrayList<>();
        try (StreamGeneration one = rig.open(InputMode.VIDEO, wish)) {
            for (int i = 0; i < 6; i++) {
                alone.add(rig.film(one, Rig.picture(i)));
            }
        }
        TestProbe<Scheduler.ChunkReply> left = kit.createTestProbe(Scheduler.ChunkReply.class);
        TestProbe<Scheduler.ChunkReply> right = kit.createTestProbe(Scheduler.ChunkReply.class);
        RunId steady = open(1, wish);
        RunId changing = open(2, wish);
        List<byte[]> changed = new ArrayList<>();
        produce(steady, 0, left);
        produce(changing, 0, right);
        for (int i = 0; i < 6; i++) {
            if (i < 5) {
                produce(steady, i + 1, left);
                produce(changing, i + 1, right);
            }
            assertTrue(most(alone.get(i), frame(left, i)) <= 1, "frame " + i);
            changed.add(frame(right, i));
            if (i == 1) {
                scheduler.tell(new Scheduler.Patch(
                        changing, rig.checked("{'lora_scales':[{'path':'" + LORA + "','scale':3}]}")));
            }
        }
        assertTrue(most(alone.get(1), changed.get(1)) <= 1, "before");
        assertTrue(most(alone.get(5), changed.get(5)) > 1, "after");
        assertTrue(
                timeline.since(0, 1000).stream().anyMatch(span -> span.lane() == Lane.DENOISE),
                "the engine did the work");
    }

    /** Largest difference of two pictures, in steps of 0 to 255. */
    private static int most(byte[] one, byte[] other) {
        assertEquals(one.length, other.length);
        int most = 0;
        for (int i = 0; i < one.length; i++) {
            most = Math.max(most, Math.abs((one[i] & 0xff) - (other[i] & 0xff)));
        }
        return most;
    }

    @Test
    void aSecondSessionBeginsAfterTheFirstHasEndedAsIfItWereTheFirst() {
        TestProbe<Scheduler.ChunkReply> viewer = kit.createTestProbe(Scheduler.ChunkReply.class);
        List<byte[]> shown = new ArrayList<>();
        for (int session = 1; session <= 2; session++) {
            RunId id = open(session, "{'t_index_list':[25,40]}");
            produce(id, 3, viewer);
            shown.add(frame(viewer, 0));
            scheduler.tell(new Scheduler.CloseRun(id));
        }
        assertArrayEquals(shown.get(0), shown.get(1));
    }
}
