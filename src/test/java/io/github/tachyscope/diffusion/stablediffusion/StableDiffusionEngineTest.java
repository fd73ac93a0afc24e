package io.github.tachyscope.diffusion.stablediffusion;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tachyscope.config.EngineSettings;
import io.github.tachyscope.diffusion.GenerationRequest;
import io.github.tachyscope.diffusion.InputMode;
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

/** Runs with different samplers in the real scheduler and executor. */
class StableDiffusionEngineTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final long FAR = Long.MAX_VALUE / 4;
    private static final List<String> WISHES = List.of(
            "{'prompts':['a cat'],'steps':4,'base_seed':1}",
            "{'prompts':['a dog'],'steps':3,'base_seed':2,'sampler':'heun','scheduler':'karras'}");

    @TempDir
    Path folder;

    private final ActorTestKit kit = ActorTestKit.create();
    private final TestProbe<Scheduler.OpenReply> opens = kit.createTestProbe(Scheduler.OpenReply.class);
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
        rig = Rig.of(SmallModels.in(folder), SmallModels.SD15);
        MediaClock clock = MediaClock.system();
        ActorRef<Executor.Command> executor =
                kit.spawn(Executor.create(Device.cpu(), 2, PATIENCE, clock), Executor.dispatcher());
        EngineSettings settings = new EngineSettings(8, 8, 2, 1, "fp32", PATIENCE, PATIENCE, 4096);
        Metrics metrics = new Metrics(new PrometheusMeterRegistry(PrometheusConfig.DEFAULT), clock::micros);
        scheduler = kit.spawn(Scheduler.create(
                new Scheduler.Setup(settings, Duration.ofSeconds(5), clock, new Timeline(4096), metrics),
                List.of(executor)));
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

    @Test
    void runsThatShareCallsShowWhatTheyShowAlone() {
        List<List<byte[]>> alone = new ArrayList<>();
        for (String wish : WISHES) {
            try (PictureGeneration one = rig.text(wish)) {
                alone.add(List.of(rig.paint(one), rig.paint(one)));
            }
        }
        List<TestProbe<Scheduler.ChunkReply>> viewers = new ArrayList<>();
        List<RunId> runs = new ArrayList<>();
        for (int i = 0; i < WISHES.size(); i++) {
            RunId id = new RunId(i + 1);
            scheduler.tell(new Scheduler.OpenRun(
                    id,
                    "job-" + i,
                    "sd",
                    new GenerationRequest(InputMode.TEXT, rig.checked(WISHES.get(i))),
                    Scheduler.Urgency.BATCH,
                    opens.getRef()));
            opens.expectMessage(PATIENCE, new Scheduler.RunOpened(id));
            scheduler.tell(new Scheduler.Suspend(id));
            runs.add(id);
            viewers.add(kit.createTestProbe(Scheduler.ChunkReply.class));
        }
        for (int picture = 0; picture < 2; picture++) {
            for (int i = 0; i < runs.size(); i++) {
                scheduler.tell(new Scheduler.Produce(
                        runs.get(i), List.of(), FAR, viewers.get(i).getRef()));
            }
            scheduler.tell(new Scheduler.ResumeTogether(runs));
            for (int i = 0; i < runs.size(); i++) {
                Scheduler.ChunkReady ready = viewers.get(i).expectMessageClass(Scheduler.ChunkReady.class, PATIENCE);
                assertEquals(picture, ready.chunk().index());
                byte[] shown = Rig.bytes(ready.chunk().frames().get(0));
                assertTrue(most(alone.get(i).get(picture), shown) <= 1, "run " + i + ", picture " + picture);
            }
        }
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
}
