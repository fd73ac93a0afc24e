package io.github.tachyscope.app;

import io.github.tachyscope.config.EngineSettings;
import io.github.tachyscope.diffusion.ChunkGeometry;
import io.github.tachyscope.diffusion.GenerationRequest;
import io.github.tachyscope.diffusion.InputMode;
import io.github.tachyscope.diffusion.Parameters;
import io.github.tachyscope.diffusion.PipelineProvider;
import io.github.tachyscope.exec.Device;
import io.github.tachyscope.exec.Executor;
import io.github.tachyscope.exec.RunId;
import io.github.tachyscope.frame.MediaClock;
import io.github.tachyscope.frame.VideoFrame;
import io.github.tachyscope.metrics.Metrics;
import io.github.tachyscope.schedule.Scheduler;
import io.github.tachyscope.schedule.Timeline;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;

/** Frame after frame through the real scheduler and executor, as many under way as a pipeline works on at a time. */
final class EngineFrames {
    private static final Duration PATIENCE = Duration.ofMinutes(10);
    private static final int WARM_UP = 5;
    private static final String PIPELINE = "measured";

    /**
     * @param frameMillis time from one frame to the next, all sessions together
     * @param delayMillis median time from asking for a frame to having it
     */
    record Figures(double frameMillis, double framesPerSecond, double delayMillis) {}

    private final PipelineProvider provider;
    private final Parameters load;
    private final Device device;
    private final int sessions;
    private final int lanes;
    private final int frames;

    EngineFrames(PipelineProvider provider, Parameters load, Device device, int sessions, int lanes, int frames) {
        this.provider = provider;
        this.load = load;
        this.device = device;
        this.sessions = sessions;
        this.lanes = lanes;
        this.frames = frames;
    }

    Figures measure(VideoFrame input) throws Exception {
        CompletableFuture<Figures> result = new CompletableFuture<>();
        ActorSystem<Object> system = ActorSystem.create(
                Behaviors.<Object>setup(context -> new Viewers(context, input, result).opening()), "bench");
        try {
            return result.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } finally {
            system.terminate();
            system.getWhenTerminated().toCompletableFuture().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        }
    }

    /** Opens the sessions and watches all of them. */
    private final class Viewers {
        private final ActorRef<Object> self;
        private final ActorRef<Scheduler.Command> scheduler;
        private final VideoFrame input;
        private final CompletableFuture<Figures> result;
        private final Map<RunId, Deque<Long>> asked = new HashMap<>();
        private final List<Long> delays = new ArrayList<>();
        private final int inFlight;
        private int done;
        private long startNanos;

        Viewers(ActorContext<Object> context, VideoFrame input, CompletableFuture<Figures> result) {
            this.self = context.getSelf();
            this.input = input;
            this.result = result;
            ChunkGeometry geometry =
                    provider.spec().modes().get(InputMode.VIDEO).geometry();
            this.inFlight = geometry.inFlight();
            MediaClock clock = MediaClock.system();
            ActorRef<Executor.Command> executor =
                    context.spawn(Executor.create(device, lanes, PATIENCE, clock), "executor", Executor.dispatcher());
            EngineSettings settings = new EngineSettings(
                    sessions, sessions, lanes, device.laneThreads(), EngineSettings.AUTO, PATIENCE, PATIENCE, 16);
            Metrics metrics = new Metrics(new PrometheusMeterRegistry(PrometheusConfig.DEFAULT), clock::micros);
            scheduler = context.spawn(
                    Scheduler.create(
                            new Scheduler.Setup(settings, Duration.ofSeconds(1), clock, new Timeline(16), metrics),
                            List.of(executor)),
                    "scheduler");
            executor.tell(new Executor.Load(PIPELINE, provider, load, PATIENCE, self.narrow()));
        }

        Behavior<Object> opening() {
            return Behaviors.receive(Object.class)
                    .onMessage(Executor.Loaded.class, loaded -> {
                        for (int i = 0; i < sessions; i++) {
                            scheduler.tell(new Scheduler.OpenRun(
                                    new RunId(i),
                                    "viewer-" + i,
                                    PIPELINE,
                                    new GenerationRequest(InputMode.VIDEO, Parameters.none()),
                                    Scheduler.Urgency.LIVE,
                                    self.narrow()));
                        }
                        return Behaviors.same();
                    })
                    .onMessage(Scheduler.RunOpened.class, opened -> {
                        asked.put(opened.runId(), new ArrayDeque<>());
                        for (int i = 0; i < inFlight; i++) {
                            ask(opened.runId());
                        }
                        return Behaviors.same();
                    })
                    .onMessage(Scheduler.ChunkReady.class, this::arrived)
                    .onMessage(Executor.LoadStage.class, stage -> Behaviors.same())
                    .onAnyMessage(other -> {
                        result.completeExceptionally(new IllegalStateException(String.valueOf(other)));
                        return Behaviors.same();
                    })
                    .build();
        }

        private void ask(RunId id) {
            asked.get(id).addLast(System.nanoTime());
            scheduler.tell(new Scheduler.Produce(
                    id, List.of(input.retain()), MediaClock.system().micros() + 100_000, self.narrow()));
        }

        private Behavior<Object> arrived(Scheduler.ChunkReady ready) {
            long now = System.nanoTime();
            ready.chunk().frames().forEach(VideoFrame::release);
            long since = asked.get(ready.runId()).removeFirst();
            ask(ready.runId());
            done++;
            if (done == WARM_UP * sessions) {
                startNanos = now;
            } else if (done > WARM_UP * sessions) {
                delays.add(now - since);
            }
            if (done == (WARM_UP + frames) * sessions) {
                double millis = (now - startNanos) / 1e6 / (frames * sessions);
                delays.sort(Long::compare);
                result.complete(new Figures(millis, 1000 / millis, delays.get(delays.size() / 2) / 1e6));
            }
            return Behaviors.same();
        }
    }
}
