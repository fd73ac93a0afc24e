package io.github.tachyscope.app;

import com.fasterxml.jackson.databind.node.IntNode;
import io.github.tachyscope.config.EngineSettings;
import io.github.tachyscope.diffusion.ChunkGeometry;
import io.github.tachyscope.diffusion.CommonParameters;
import io.github.tachyscope.diffusion.GenerationRequest;
import io.github.tachyscope.diffusion.InputMode;
import io.github.tachyscope.diffusion.Parameters;
import io.github.tachyscope.diffusion.PipelineProvider;
import io.github.tachyscope.exec.Device;
import io.github.tachyscope.exec.Executor;
import io.github.tachyscope.exec.RunId;
import io.github.tachyscope.frame.MediaClock;
import io.github.tachyscope.frame.PixelFormat;
import io.github.tachyscope.frame.VideoFrame;
import io.github.tachyscope.metrics.Metrics;
import io.github.tachyscope.schedule.Scheduler;
import io.github.tachyscope.schedule.StepSpan;
import io.github.tachyscope.schedule.Timeline;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;

/**
 * Live sessions and batch jobs on one device for some seconds, with the real scheduler and executor and nothing else.
 *
 * <p>A live session wants its frames at a steady rate, as a camera delivers them: it asks for a chunk when the last one's
 * time is over, and for the next one at once when it is late. A chunk's deadline is the time for which the chunks under
 * way last. A job asks for the next chunk as soon as it has one.
 *
 * @param fps frames per second that a live session wants; 0 for as many as there are
 */
record InterleaveCell(
        PipelineProvider provider,
        Device device,
        int lanes,
        int size,
        BenchPolicy policy,
        int sessions,
        int jobs,
        int fps,
        Duration span) {
    private static final String PIPELINE = "measured";
    private static final long SEED = 20_26;
    private static final int MAX_BATCH = 8;
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    /** Between the first requests and the measurement; the scheduler learns what steps cost. */
    private static final Duration WARM_UP = Duration.ofSeconds(1);

    /** Far more steps than a device runs in the longest measurement that is of use. */
    private static final int SPANS = 500_000;

    InterleaveFigures measure() throws Exception {
        CompletableFuture<InterleaveFigures> result = new CompletableFuture<>();
        ActorSystem<Object> system = ActorSystem.create(
                Behaviors.<Object>setup(
                        context -> Behaviors.withTimers(timers -> new Clients(context, timers, result).opening())),
                "bench");
        try {
            return result.get(PATIENCE.plus(span).toSeconds(), TimeUnit.SECONDS);
        } finally {
            system.terminate();
            system.getWhenTerminated().toCompletableFuture().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        }
    }

    private record Ask(RunId runId) {}

    private enum Begin {
        INSTANCE
    }

    private enum End {
        INSTANCE
    }

    private record Asked(long atMicros, long deadlineMicros) {}

    /** One live session or job, seen from its viewer. */
    private static final class Client {
        final boolean live;
        final Deque<Asked> asked = new ArrayDeque<>();
        long dueMicros = Long.MIN_VALUE;
        long chunks;
        long frames;

        Client(boolean live) {
            this.live = live;
        }
    }

    /** All of them, and the clock. */
    private final class Clients {
        private final MediaClock clock = MediaClock.system();
        private final Timeline timeline = new Timeline(SPANS);
        private final ActorRef<Object> self;
        private final TimerScheduler<Object> timers;
        private final CompletableFuture<InterleaveFigures> result;
        private final ActorRef<Scheduler.Command> scheduler;
        private final ChunkGeometry geometry;
        private final VideoFrame picture;
        private final Map<RunId, Client> clients = new LinkedHashMap<>();
        private final List<Long> latencies = new ArrayList<>();
        private boolean measuring;
        private long fromMicros;
        private long met;
        private long due;
        private int open;

        Clients(
                ActorContext<Object> context,
                TimerScheduler<Object> timers,
                CompletableFuture<InterleaveFigures> result) {
            this.self = context.getSelf();
            this.timers = timers;
            this.result = result;
            this.geometry = provider.spec().modes().get(InputMode.VIDEO).geometry();
            byte[] noise = new byte[PixelFormat.I420.bytes(size, size)];
            new SplittableRandom(SEED).nextBytes(noise);
            this.picture = VideoFrame.of(PixelFormat.I420, size, size, noise, 0);
            ActorRef<Executor.Command> executor =
                    context.spawn(Executor.create(device, lanes, PATIENCE, clock), "executor", Executor.dispatcher());
            EngineSettings settings = new EngineSettings(
                    sessions + jobs,
                    MAX_BATCH,
                    lanes,
                    device.laneThreads(),
                    EngineSettings.AUTO,
                    PATIENCE,
                    PATIENCE,
                    SPANS);
            scheduler = context.spawn(
                    policy.scheduler(
                            new Scheduler.Setup(
                                    settings, Duration.ofSeconds(1), clock, timeline, Metrics.unread(clock::micros)),
                            executor),
                    "scheduler");
            Parameters load = Parameters.of(Map.of(
                    CommonParameters.WIDTH, IntNode.valueOf(size), CommonParameters.HEIGHT, IntNode.valueOf(size)));
            Parameters complete = provider.spec().parameters().checkLoad(load).accepted();
            executor.tell(new Executor.Load(PIPELINE, provider, complete, PATIENCE, self.narrow()));
        }

        Behavior<Object> opening() {
            return Behaviors.receive(Object.class)
                    .onMessage(Executor.Loaded.class, loaded -> {
                        IntStream.range(0, sessions + jobs).forEach(this::openRun);
                        return Behaviors.same();
                    })
                    .onMessage(Scheduler.RunOpened.class, opened -> {
                        if (++open == clients.size()) {
                            stagger();
                            clients.forEach(this::askAhead);
                            timers.startSingleTimer(Begin.INSTANCE, WARM_UP);
                        }
                        return Behaviors.same();
                    })
                    .onMessage(Ask.class, ask -> {
                        askAhead(ask.runId(), clients.get(ask.runId()));
                        return Behaviors.same();
                    })
                    .onMessage(Scheduler.ChunkReady.class, this::arrived)
                    .onMessage(Begin.class, now -> begin())
                    .onMessage(End.class, now -> end())
                    .onMessage(Executor.LoadStage.class, stage -> Behaviors.same())
                    .onAnyMessage(other -> {
                        result.completeExceptionally(new IllegalStateException(String.valueOf(other)));
                        return Behaviors.stopped();
                    })
                    .build();
        }

        private void openRun(int number) {
            boolean live = number < sessions;
            RunId id = new RunId(number);
            clients.put(id, new Client(live));
            scheduler.tell(new Scheduler.OpenRun(
                    id,
                    (live ? "session-" : "job-") + number,
                    PIPELINE,
                    new GenerationRequest(InputMode.VIDEO, Parameters.none()),
                    live ? Scheduler.Urgency.LIVE : Scheduler.Urgency.BATCH,
                    self.narrow()));
        }

        /** Cameras do not film in step. */
        private void stagger() {
            long now = clock.micros();
            long period = fps > 0 ? geometry.framesOut() * 1_000_000L / fps : 0;
            clients.forEach((id, client) -> client.dueMicros = now + period * id.value() / Math.max(1, sessions));
        }

        /** As many chunks as may be under way, each when its time has come. */
        private void askAhead(RunId id, Client client) {
            while (client.asked.size() < geometry.inFlight()) {
                long now = clock.micros();
                boolean paced = client.live && fps > 0;
                if (paced && client.dueMicros > now) {
                    timers.startSingleTimer(id, new Ask(id), Duration.ofNanos(1000 * (client.dueMicros - now)));
                    return;
                }
                long period = paced ? geometry.framesOut(client.chunks) * 1_000_000L / fps : 0;
                long deadline = paced ? now + period * geometry.inFlight() : now + PATIENCE.toMillis() * 1000;
                client.dueMicros = Math.max(client.dueMicros + period, now);
                client.asked.addLast(new Asked(now, deadline));
                List<VideoFrame> input = IntStream.range(0, geometry.framesIn(client.chunks))
                        .mapToObj(frame -> picture.retain())
                        .toList();
                client.chunks++;
                scheduler.tell(
                        new Scheduler.Produce(id, input, client.live ? deadline : Long.MAX_VALUE, self.narrow()));
            }
        }

        private Behavior<Object> arrived(Scheduler.ChunkReady ready) {
            long now = clock.micros();
            Client client = clients.get(ready.runId());
            List<VideoFrame> frames = ready.chunk().frames();
            frames.forEach(VideoFrame::release);
            Asked asked = client.asked.removeFirst();
            if (measuring && client.live) {
                client.frames += frames.size();
                latencies.add(now - asked.atMicros());
                due++;
                met += now <= asked.deadlineMicros() ? 1 : 0;
            }
            askAhead(ready.runId(), client);
            return Behaviors.same();
        }

        private Behavior<Object> begin() {
            measuring = true;
            fromMicros = clock.micros();
            timers.startSingleTimer(End.INSTANCE, span);
            return Behaviors.same();
        }

        private Behavior<Object> end() {
            long to = clock.micros();
            double seconds = (to - fromMicros) / 1e6;
            // Chunks that are still under way although their time is over are late ones too.
            due += clients.values().stream()
                    .filter(client -> client.live)
                    .flatMap(client -> client.asked.stream())
                    .filter(asked -> asked.deadlineMicros() < to)
                    .count();
            double[] rates = clients.values().stream()
                    .filter(client -> client.live)
                    .mapToDouble(client -> client.frames / seconds)
                    .sorted()
                    .toArray();
            List<StepSpan> spans = timeline.since(0, SPANS).stream()
                    .filter(step -> step.startMicros() + step.runMicros() > fromMicros && step.startMicros() < to)
                    .toList();
            latencies.sort(Long::compare);
            result.complete(new InterleaveFigures(
                    Arrays.stream(rates).sum(),
                    rates[0],
                    rates[rates.length - 1],
                    quantile(0.5),
                    quantile(0.95),
                    due == 0 ? 0 : (double) met / due,
                    spans.stream()
                                    .filter(step -> step.owner().startsWith("job-"))
                                    .count()
                            / seconds,
                    InterleaveFigures.meanBatch(spans),
                    InterleaveFigures.overhead(spans, lanes, fromMicros, to)));
            return Behaviors.stopped();
        }

        private double quantile(double share) {
            return latencies.isEmpty()
                    ? Double.NaN
                    : latencies.get((int) Math.min(latencies.size() - 1, share * latencies.size())) / 1000.0;
        }
    }
}
