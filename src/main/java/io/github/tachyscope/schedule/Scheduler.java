package io.github.tachyscope.schedule;

import io.github.tachyscope.config.EngineSettings;
import io.github.tachyscope.diffusion.BatchKey;
import io.github.tachyscope.diffusion.GenerationRequest;
import io.github.tachyscope.diffusion.Parameters;
import io.github.tachyscope.diffusion.PipelineSpec;
import io.github.tachyscope.exec.Chunk;
import io.github.tachyscope.exec.Device;
import io.github.tachyscope.exec.Executor;
import io.github.tachyscope.exec.RunId;
import io.github.tachyscope.frame.MediaClock;
import io.github.tachyscope.frame.VideoFrame;
import io.github.tachyscope.metrics.Metrics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.BehaviorBuilder;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;

/**
 * Decides which steps run next on which device.
 *
 * <pre>
 *   running, for each run:
 *   opening --> idle --Produce--> ready --step--> ready ... --last step--> idle
 *   any --CloseRun, DeviceStuck or memory lost--> gone
 * </pre>
 */
public final class Scheduler {

    public sealed interface Command {}

    /**
     * Opens a run: state of its own in a loaded pipeline.
     *
     * @param runId chosen by the caller
     * @param owner name of the session or job, for metrics and the timeline
     * @param pipelineKey which loaded pipeline
     * @param urgency live or batch
     */
    public record OpenRun(
            RunId runId,
            String owner,
            String pipelineKey,
            GenerationRequest request,
            Urgency urgency,
            ActorRef<OpenReply> replyTo)
            implements Command {}

    /**
     * Asks for one chunk. As many requests per run are under way as its pipeline has chunks in flight; they are answered
     * in their order.
     *
     * @param input frames in, as many as the pipeline's geometry asks for; empty in text mode. Ownership passes on
     * @param deadlineMicros media-clock time at which the viewer's buffer runs dry
     */
    public record Produce(RunId runId, List<VideoFrame> input, long deadlineMicros, ActorRef<ChunkReply> replyTo)
            implements Command {}

    /** Changes parameters; merged with those still pending, applied at the next boundary. */
    public record Patch(RunId runId, Parameters parameters) implements Command {}

    /** Runs no step of this run until {@link Resume}; takes effect within the step under way. */
    public record Suspend(RunId runId) implements Command {}

    public record Resume(RunId runId) implements Command {}

    /** {@link Resume} of several runs at once: steps that they wait with can share a batch. */
    public record ResumeTogether(List<RunId> runIds) implements Command {}

    /** Frees the run within the step under way; a pending {@link Produce} is answered with {@link ChunkFailed}. */
    public record CloseRun(RunId runId) implements Command {}

    /** Asks for {@link Load}. */
    public record DescribeLoad(ActorRef<Load> replyTo) implements Command {}

    /** Asks for {@link Costs}. */
    public record DescribeCosts(ActorRef<Costs> replyTo) implements Command {}

    /** Takes over what steps cost from an earlier start; what was measured since stays. */
    public record RestoreCosts(List<CostModel.Measured> measured) implements Command {}

    private record FromExecutor(Executor.Event event) implements Command {}

    private record ExecutorEnded(ActorRef<Executor.Command> executor) implements Command {}

    private enum CheckTimeouts implements Command {
        INSTANCE
    }

    /**
     * How busy the server is.
     *
     * @param runs open now
     * @param maxRuns most that may be open
     */
    public record Load(int runs, int maxRuns, List<DeviceLoad> devices) {
        /** Whether every device responds; the readiness of the engine. */
        public boolean healthy() {
            return !devices.isEmpty() && devices.stream().allMatch(DeviceLoad::healthy);
        }
    }

    /** What steps cost, as measured. */
    public record Costs(List<CostModel.Measured> measured) {}

    /** @param pipelineKeys what is loaded on it */
    public record DeviceLoad(Device device, boolean healthy, int runs, List<String> pipelineKeys) {}

    /**
     * What the scheduler is made of.
     *
     * @param retryAfter what a run refused for lack of room is told to wait
     */
    public record Setup(
            EngineSettings settings, Duration retryAfter, MediaClock clock, Timeline timeline, Metrics metrics) {}

    public sealed interface OpenReply {}

    public record RunOpened(RunId runId) implements OpenReply {}

    /**
     * No room, or not possible.
     *
     * @param busy whether trying again later makes sense
     */
    public record RunRefused(RunId runId, String message, boolean busy, Duration retryAfter) implements OpenReply {}

    public sealed interface ChunkReply {}

    /**
     * The chunk is there.
     *
     * @param notes parameters that had to be dropped on the way, fit for the client
     */
    public record ChunkReady(RunId runId, Chunk chunk, List<String> notes) implements ChunkReply {}

    /**
     * The chunk is lost, and with it those asked for after it; the run is as it was before it unless {@code runLost}.
     *
     * @param message fit for the client
     */
    public record ChunkFailed(RunId runId, String message, boolean runLost) implements ChunkReply {}

    /** How a run competes for the device. */
    public enum Urgency {
        /** Has deadlines; earliest first. */
        LIVE,
        /** Has none; gets a fair share of what is left. */
        BATCH
    }

    /** How often chunks are checked against the time limit. */
    private static final Duration CHECK_INTERVAL = Duration.ofSeconds(1);

    private final ActorContext<Command> context;
    private final Setup setup;
    private final CostModel costs = new CostModel();
    // Tables change with every step; copying them would cost as much as a decision.
    private final Map<ActorRef<Executor.Command>, ScheduledDevice> hosts = new LinkedHashMap<>();
    private final Map<RunId, ScheduledRun> runs = new LinkedHashMap<>();
    private final Set<ActorRef<Executor.Command>> unattached;
    /** Runs asked for before all devices had reported; at most as many as may be open. */
    private final List<OpenRun> early = new ArrayList<>();

    private long opened;

    private Scheduler(
            ActorContext<Command> context,
            TimerScheduler<Command> timers,
            Setup setup,
            List<ActorRef<Executor.Command>> executors) {
        this.context = context;
        this.setup = setup;
        this.unattached = new HashSet<>(executors);
        timers.startTimerWithFixedDelay(CheckTimeouts.INSTANCE, CHECK_INTERVAL);
        ActorRef<Executor.Event> adapter = context.messageAdapter(Executor.Event.class, FromExecutor::new);
        for (ActorRef<Executor.Command> executor : executors) {
            context.watchWith(executor, new ExecutorEnded(executor));
            executor.tell(new Executor.Attach(adapter));
        }
    }

    /** @param executors one per device; each is attached to this scheduler */
    public static Behavior<Command> create(Setup setup, List<ActorRef<Executor.Command>> executors) {
        return Behaviors.setup(
                context -> Behaviors.withTimers(timers -> new Scheduler(context, timers, setup, executors).running()));
    }

    private Behavior<Command> running() {
        return BehaviorBuilder.<Command>create()
                .onMessage(OpenRun.class, this::open)
                .onMessage(Produce.class, this::produce)
                .onMessage(Patch.class, this::patch)
                .onMessage(Suspend.class, this::suspend)
                .onMessage(Resume.class, this::resume)
                .onMessage(ResumeTogether.class, this::resumeTogether)
                .onMessage(CloseRun.class, this::close)
                .onMessage(DescribeLoad.class, this::describe)
                .onMessage(DescribeCosts.class, ask -> {
                    ask.replyTo().tell(new Costs(costs.measured()));
                    return Behaviors.same();
                })
                .onMessage(RestoreCosts.class, earlier -> {
                    costs.restore(earlier.measured());
                    return Behaviors.same();
                })
                .onMessage(FromExecutor.class, this::fromExecutor)
                .onMessage(ExecutorEnded.class, ended -> {
                    loseAll(ended.executor(), "the device has stopped");
                    hosts.remove(ended.executor());
                    unattached.remove(ended.executor());
                    openEarly();
                    return Behaviors.same();
                })
                .onMessage(CheckTimeouts.class, tick -> checkTimeouts())
                .build();
    }

    private Behavior<Command> open(OpenRun request) {
        if (runs.containsKey(request.runId())) {
            return refuse(request, "the run exists already", false);
        }
        if (runs.size() + early.size() >= setup.settings().maxRuns()) {
            return refuse(
                    request,
                    "the server is at its limit of " + setup.settings().maxRuns()
                            + " runs (tachyscope.engine.max-runs); try again later",
                    true);
        }
        if (!unattached.isEmpty()) {
            early.add(request);
            return Behaviors.same();
        }
        Optional<ScheduledDevice> host = hosts.values().stream()
                .filter(each -> each.pipelines.containsKey(request.pipelineKey()))
                .min(Comparator.<ScheduledDevice>comparingInt(each -> each.healthy ? 0 : 1)
                        .thenComparingLong(this::runsOn));
        if (host.isEmpty()) {
            return refuse(request, "the pipeline " + request.pipelineKey() + " is not loaded", false);
        }
        ActorRef<Executor.Command> executor = host.get().executor;
        PipelineSpec spec = host.get().pipelines.get(request.pipelineKey());
        ScheduledRun run = new ScheduledRun(request, opened++, executor, spec);
        runs.put(request.runId(), run);
        setup.metrics().runs(runs.size());
        executor.tell(new Executor.Open(request.runId(), request.pipelineKey(), request.request()));
        return Behaviors.same();
    }

    private void openEarly() {
        if (unattached.isEmpty()) {
            List<OpenRun> waiting = List.copyOf(early);
            early.clear();
            waiting.forEach(this::open);
        }
    }

    private long runsOn(ScheduledDevice host) {
        return runs.values().stream()
                .filter(run -> run.executor.equals(host.executor))
                .count();
    }

    private Behavior<Command> refuse(OpenRun request, String message, boolean busy) {
        request.replyTo().tell(new RunRefused(request.runId(), message, busy, setup.retryAfter()));
        return Behaviors.same();
    }

    private Behavior<Command> produce(Produce asked) {
        ScheduledRun run = runs.get(asked.runId());
        if (run == null || !run.opened || run.full()) {
            asked.input().forEach(VideoFrame::release);
            String message = run == null
                    ? "the run does not exist"
                    : run.opened
                            ? "as many chunks of this run as may be are under way already"
                            : "the run is not open yet";
            asked.replyTo().tell(new ChunkFailed(asked.runId(), message, run == null));
            return Behaviors.same();
        }
        run.ask(asked, setup.clock().micros());
        // Who was idle starts level with those that wait, else it would have the device to itself for a while.
        run.servedMicros = Math.max(run.servedMicros, leastServed(run));
        run.feed();
        return Behaviors.same();
    }

    private long leastServed(ScheduledRun newcomer) {
        return runs.values().stream()
                .filter(run -> run != newcomer && run.request.urgency() == Urgency.BATCH)
                .filter(ScheduledRun::producing)
                .mapToLong(run -> run.servedMicros)
                .min()
                .orElse(0);
    }

    private Behavior<Command> patch(Patch patch) {
        ScheduledRun run = runs.get(patch.runId());
        if (run != null) {
            run.merge(patch.parameters());
            if (run.producing()) {
                run.flush();
            }
        }
        return Behaviors.same();
    }

    private Behavior<Command> suspend(Suspend suspend) {
        ScheduledRun run = runs.get(suspend.runId());
        if (run != null) {
            run.suspended = true;
        }
        return Behaviors.same();
    }

    private Behavior<Command> resume(Resume resume) {
        ScheduledRun run = runs.get(resume.runId());
        if (run != null && run.suspended) {
            run.resume(setup.clock().micros());
            dispatch(run.executor);
        }
        return Behaviors.same();
    }

    private Behavior<Command> resumeTogether(ResumeTogether resume) {
        long now = setup.clock().micros();
        resume.runIds().stream()
                .flatMap(id -> run(id).stream())
                .filter(run -> run.suspended)
                .forEach(run -> run.resume(now));
        List.copyOf(hosts.keySet()).forEach(this::dispatch);
        return Behaviors.same();
    }

    private Behavior<Command> close(CloseRun close) {
        early.removeIf(request -> {
            boolean closed = request.runId().equals(close.runId());
            if (closed) {
                refuse(request, "the run was closed", true);
            }
            return closed;
        });
        ScheduledRun run = runs.get(close.runId());
        if (run != null) {
            run.executor.tell(new Executor.Close(close.runId()));
            lose(run, "the run was closed");
        }
        return Behaviors.same();
    }

    private void lose(ScheduledRun run, String message) {
        runs.remove(run.request.runId());
        setup.metrics().runs(runs.size());
        if (!run.opened) {
            refuse(run.request, message, true);
        }
        run.answerAll(new ChunkFailed(run.request.runId(), message, true));
    }

    private void loseAll(ActorRef<Executor.Command> executor, String message) {
        for (ScheduledRun run : List.copyOf(runs.values())) {
            if (run.executor.equals(executor)) {
                lose(run, message);
            }
        }
    }

    private Behavior<Command> describe(DescribeLoad ask) {
        List<DeviceLoad> devices = hosts.values().stream()
                .map(host -> new DeviceLoad(
                        host.device, host.healthy, (int) runsOn(host), List.copyOf(host.pipelines.keySet())))
                .toList();
        ask.replyTo().tell(new Load(runs.size(), setup.settings().maxRuns(), devices));
        return Behaviors.same();
    }

    private Behavior<Command> checkTimeouts() {
        long oldest = setup.clock().micros() - setup.settings().chunkTimeout().toNanos() / 1_000;
        for (ScheduledRun run : List.copyOf(runs.values())) {
            if (run.overdue(oldest)) {
                fail(run, "the chunk took longer than tachyscope.engine.chunk-timeout");
            }
        }
        return Behaviors.same();
    }

    private void fail(ScheduledRun run, String message) {
        setup.metrics().chunk(run.spec.id(), false, false);
        run.executor.tell(new Executor.Drop(run.request.runId()));
        run.awaited++;
        run.drop();
        run.answerAll(new ChunkFailed(run.request.runId(), message, false));
    }

    private Behavior<Command> fromExecutor(FromExecutor wrapped) {
        Executor.Event event = wrapped.event();
        if (event instanceof Executor.Attached attached) {
            hosts.put(attached.executor(), new ScheduledDevice(attached));
            unattached.remove(attached.executor());
            openEarly();
        } else if (event instanceof Executor.PipelineReady ready) {
            host(ready.executor()).ifPresent(host -> host.pipelines.put(ready.pipelineKey(), ready.spec()));
        } else if (event instanceof Executor.PipelineGone gone) {
            host(gone.executor()).ifPresent(host -> host.pipelines.remove(gone.pipelineKey()));
        } else if (event instanceof Executor.Opened open) {
            run(open.runId()).ifPresent(run -> {
                run.opened = true;
                run.request.replyTo().tell(new RunOpened(open.runId()));
            });
        } else if (event instanceof Executor.OpenRefused refused) {
            run(refused.runId()).ifPresent(run -> {
                runs.remove(refused.runId());
                setup.metrics().runs(runs.size());
                refuse(run.request, refused.message(), refused.busy());
            });
        } else if (event instanceof Executor.Standing standing) {
            run(standing.runId()).ifPresent(run -> stands(run, standing));
        } else if (event instanceof Executor.BatchDone done) {
            host(done.executor()).ifPresent(host -> batchDone(host, done));
        } else if (event instanceof Executor.StepSkipped skipped) {
            run(skipped.standing().runId()).ifPresent(run -> skipped(run, skipped));
        } else if (event instanceof Executor.RunLost lost) {
            run(lost.runId()).ifPresent(run -> lose(run, lost.message()));
        } else if (event instanceof Executor.DeviceStuck stuck) {
            host(stuck.executor()).ifPresent(host -> host.healthy = false);
            loseAll(stuck.executor(), "the device does not respond");
        } else if (event instanceof Executor.DeviceRecovered recovered) {
            host(recovered.executor()).ifPresent(host -> {
                host.healthy = true;
                host.freeAll();
            });
        }
        return Behaviors.same();
    }

    private Optional<ScheduledDevice> host(ActorRef<Executor.Command> executor) {
        return Optional.ofNullable(hosts.get(executor));
    }

    private Optional<ScheduledRun> run(RunId id) {
        return Optional.ofNullable(runs.get(id));
    }

    private void stands(ScheduledRun run, Executor.Standing standing) {
        run.awaited = Math.max(0, run.awaited - 1);
        run.stands(standing, setup.clock().micros());
        if (run.producing()) {
            run.flush();
        }
        if (run.starved()) {
            fail(run, "the pipeline needs " + standing.framesNeeded() + " more input frames");
        }
        dispatch(run.executor);
    }

    private void skipped(ScheduledRun run, Executor.StepSkipped skipped) {
        run.end(skipped.lane());
        run.stands(skipped.standing(), setup.clock().micros());
        run.settleDrop();
        dispatch(run.executor);
    }

    private void batchDone(ScheduledDevice host, Executor.BatchDone done) {
        host.free(done.lane());
        int size = done.outcomes().size();
        BatchKey measured = null;
        String pipeline = "";
        int most = 1;
        for (Executor.RunOutcome outcome : done.outcomes()) {
            ScheduledRun run = runs.get(outcome.standing().runId());
            if (run != null) {
                OptionalLong since = run.end(done.lane());
                if (since.isPresent() && outcome.failure().isEmpty()) {
                    measured = outcome.plan().key();
                    pipeline = run.spec.id();
                    most = Math.min(setup.settings().maxBatch(), run.spec.maxBatch());
                    StepSpan span = host.span(run, outcome.plan(), since.getAsLong(), size, done);
                    setup.metrics().waited(pipeline, kindName(measured), span.queueMicros());
                    setup.timeline().add(span);
                }
                run.servedMicros += done.runMicros() / size;
                settle(run, outcome);
            }
        }
        if (measured != null) {
            costs.record(measured, size, done.runMicros());
            setup.metrics().batch(pipeline, kindName(measured), host.device.name(), size, done.runMicros());
            setup.metrics().occupancy(pipeline, kindName(measured), size, most);
            setup.metrics().cost(pipeline, kindName(measured), size, costs.predictMicros(measured, size));
        }
        dispatch(host.executor);
    }

    private static String kindName(BatchKey key) {
        return key.kind().name().toLowerCase(Locale.ROOT);
    }

    private void settle(ScheduledRun run, Executor.RunOutcome outcome) {
        run.stands(outcome.standing(), setup.clock().micros());
        boolean lost = outcome.failure().filter(Executor.StepFailure::runLost).isPresent();
        if (run.dropping() && !lost) {
            // This was still a step of chunks that were given up; the next one begins when the last such step has
            // ended.
            outcome.chunk().ifPresent(late -> finish(run, late));
            run.settleDrop();
        } else if (outcome.failure().isPresent()) {
            Executor.StepFailure failure = outcome.failure().get();
            setup.metrics().chunk(run.spec.id(), false, false);
            if (lost) {
                lose(run, failure.message());
            } else {
                run.drop();
                run.answerAll(new ChunkFailed(run.request.runId(), failure.message(), false));
            }
        } else if (outcome.chunk().isPresent()) {
            finish(run, outcome.chunk().get());
        }
        if (run.producing()) {
            run.flush();
        }
        if (run.starved()) {
            fail(run, "the pipeline needs " + outcome.standing().framesNeeded() + " more input frames");
        }
    }

    private void finish(ScheduledRun run, Chunk chunk) {
        boolean onTime = setup.clock().micros() <= run.deadlineMicros(chunk.index());
        run.finished(chunk);
        if (run.awaitsChunk() && !run.dropping()) {
            setup.metrics().chunk(run.spec.id(), true, onTime);
            setup.metrics()
                    .chunkLatency(
                            run.spec.id(),
                            run.urgencyName(),
                            run.waitedMicros(setup.clock().micros()));
            run.answer(new ChunkReady(run.request.runId(), chunk, run.takeNotes()));
        } else {
            chunk.frames().forEach(VideoFrame::release);
        }
    }

    private void dispatch(ActorRef<Executor.Command> executor) {
        host(executor)
                .ifPresent(host -> host.dispatch(
                        setup.clock().micros(), runs, setup.settings().maxBatch(), costs));
    }
}
