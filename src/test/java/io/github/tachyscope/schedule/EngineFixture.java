package io.github.tachyscope.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.tachyscope.config.EngineSettings;
import io.github.tachyscope.config.RestartSettings;
import io.github.tachyscope.diffusion.Parameters;
import io.github.tachyscope.exec.Device;
import io.github.tachyscope.exec.Executor;
import io.github.tachyscope.exec.RunId;
import io.github.tachyscope.frame.MediaClock;
import io.github.tachyscope.metrics.Metrics;
import io.github.tachyscope.tensor.Placement;
import io.github.tachyscope.testkit.FragilePipeline;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;

/** A scheduler over devices with three lanes, each with a fragile pipeline of its own under the same key. */
final class EngineFixture implements AutoCloseable {
    static final String KEY = "fragile#1";
    static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Duration GRACE = Duration.ofMillis(300);

    private final ActorTestKit kit;
    final List<FragilePipeline> pipelines = new ArrayList<>();
    final List<ActorRef<Executor.Command>> executors = new ArrayList<>();
    final ActorRef<Scheduler.Command> scheduler;
    final Timeline timeline = new Timeline(65_536);
    private final TestProbe<Scheduler.OpenReply> opens;
    private final TestProbe<Scheduler.Load> figures;
    private long ids;

    EngineFixture(ActorTestKit kit, int devices, int inFlight, Duration watchdog, Duration chunkTimeout) {
        this(kit, devices, inFlight, watchdog, GRACE, chunkTimeout);
    }

    EngineFixture(
            ActorTestKit kit, int devices, int inFlight, Duration watchdog, Duration grace, Duration chunkTimeout) {
        RestartSettings quick =
                new RestartSettings(grace, Duration.ofMillis(10), Duration.ofMillis(20), 5, Duration.ofMinutes(10), 1);
        this.kit = kit;
        this.opens = kit.createTestProbe(Scheduler.OpenReply.class);
        this.figures = kit.createTestProbe(Scheduler.Load.class);
        TestProbe<Executor.LoadReply> loads = kit.createTestProbe(Executor.LoadReply.class);
        for (int i = 0; i < devices; i++) {
            FragilePipeline pipeline = new FragilePipeline(inFlight, 4);
            Device device = new Device("cpu:" + i, Placement.CPU, 1L << 20, 1);
            ActorRef<Executor.Command> executor =
                    kit.spawn(Executor.create(device, 3, watchdog, quick, MediaClock.system()), Executor.dispatcher());
            executor.tell(new Executor.Load(KEY, pipeline, Parameters.none(), PATIENCE, loads.getRef()));
            loads.expectMessageClass(Executor.Loaded.class, PATIENCE);
            pipelines.add(pipeline);
            executors.add(executor);
        }
        EngineSettings settings =
                new EngineSettings(64, 8, 3, 1, EngineSettings.AUTO, watchdog, chunkTimeout, Duration.ZERO, 1, 65_536);
        Metrics metrics =
                new Metrics(new PrometheusMeterRegistry(PrometheusConfig.DEFAULT), MediaClock.system()::micros);
        scheduler = kit.spawn(Scheduler.create(
                new Scheduler.Setup(settings, Duration.ofSeconds(5), MediaClock.system(), timeline, metrics),
                executors));
    }

    /** A run with its own mailbox for answers. */
    final class Viewer {
        final RunId id;
        final TestProbe<Scheduler.ChunkReply> replies = kit.createTestProbe(Scheduler.ChunkReply.class);

        private Viewer(RunId id) {
            this.id = id;
        }

        void ask(FragilePipeline inputs) {
            scheduler.tell(new Scheduler.Produce(
                    id, List.of(inputs.frames.take()), MediaClock.system().micros() + 100_000, replies.getRef()));
        }

        Scheduler.ChunkReply next() {
            Scheduler.ChunkReply reply = replies.receiveMessage(PATIENCE);
            if (reply instanceof Scheduler.ChunkReady ready) {
                ready.chunk().frames().forEach(frame -> frame.release());
            }
            return reply;
        }
    }

    /** Opens a run; the devices take turns. */
    Viewer open(String name) {
        RunId id = new RunId(++ids);
        scheduler.tell(new Scheduler.OpenRun(
                id, name, KEY, FragilePipeline.request(name), Scheduler.Urgency.LIVE, opens.getRef()));
        opens.expectMessage(PATIENCE, new Scheduler.RunOpened(id));
        return new Viewer(id);
    }

    Scheduler.OpenReply tryOpen(String name) {
        scheduler.tell(new Scheduler.OpenRun(
                new RunId(++ids), name, KEY, FragilePipeline.request(name), Scheduler.Urgency.LIVE, opens.getRef()));
        return opens.receiveMessage(PATIENCE);
    }

    Scheduler.Load load() {
        scheduler.tell(new Scheduler.DescribeLoad(figures.getRef()));
        return figures.receiveMessage(PATIENCE);
    }

    void awaitLoad(Predicate<Scheduler.Load> wanted) {
        figures.awaitAssert(PATIENCE, () -> {
            Scheduler.Load load = load();
            assertEquals(true, wanted.test(load), load::toString);
            return null;
        });
    }

    /** Waits until a device holds nothing of any run. */
    void awaitReleased(int device) {
        awaitFreed(device);
        figures.awaitAssert(PATIENCE, () -> {
            assertEquals(0, pipelines.get(device).frames.out(), "frames");
            return null;
        });
    }

    /** As {@link #awaitReleased}, but for frames: those in the mail of an actor that was killed are the collector's. */
    void awaitFreed(int device) {
        FragilePipeline pipeline = pipelines.get(device);
        figures.awaitAssert(PATIENCE, () -> {
            assertEquals(0, pipeline.openGenerations.get(), "generations");
            assertEquals(0, pipeline.liveResults.get(), "results");
            return null;
        });
    }

    @Override
    public void close() {
        kit.stop(scheduler, PATIENCE);
        executors.forEach(executor -> kit.stop(executor, PATIENCE));
    }
}
