package io.github.tachyscope.schedule;

import io.github.tachyscope.config.EngineSettings;
import io.github.tachyscope.config.LoadSettings;
import io.github.tachyscope.diffusion.BatchKey;
import io.github.tachyscope.diffusion.GenerationRequest;
import io.github.tachyscope.diffusion.NextStep.StepPlan;
import io.github.tachyscope.diffusion.Parameters;
import io.github.tachyscope.diffusion.PipelineSpec;
import io.github.tachyscope.diffusion.StepKind;
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
 *   any --CloseRun, DeviceStuck, DeviceDown or memory lost--> gone
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
     * @param weight share of a batch run among batch runs, above 0
     * @param steps is told of each step that ran well; a batch run without one makes no previews
     */
    public record OpenRun(
            RunId runId,
            String owner,
            String pipelineKey,
            GenerationRequest request,
            Urgency urgency,
            double weight,
            Optional<ActorRef<StepNews>> steps,
            ActorRef<OpenReply> replyTo)
            implements Command {
        public OpenRun {
            if (!(weight > 0) || Double.isInfinite(weight)) {
                throw new IllegalArgumentException("weight " + weight);
            }
        }

        /** Nobody is told of its steps. */
        public OpenRun(
                RunId runId,
                String owner,
                String pipelineKey,
                GenerationRequest request,
                Urgency urgency,
                double weight,
                ActorRef<OpenReply> replyTo) {
            this(runId, owner, pipelineKey, request, urgency, weight, Optional.empty(), replyTo);
        }

        /** With the usual weight. */
        public OpenRun(
                RunId runId,
                String owner,
                String pipelineKey,
                GenerationRequest request,
                Urgency urgency,
                ActorRef<OpenReply> replyTo) {
            this(runId, owner, pipelineKey, request, urgency, 1, replyTo);
        }
    }

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

    /** Asks for {@link Costs}. */
    public record DescribeCosts(ActorRef<Costs> replyTo) implements Command {}

    /** Takes over costs of steps that were measured earlier, where nothing newer is known. */
    public record RestoreCosts(List<CostModel.Measured> measured) implements Command {}

    /** Asks for {@link Load}. */
    public record DescribeLoad(ActorRef<Load> replyTo) implements Command {}

    private record FromExecutor(Executor.Event event) implements Command {}

    private record ExecutorEnded(ActorRef<Executor.Command> executor) implements Command {}

    private enum CheckTimeouts implements Command {
        INSTANCE
    }

    /** Time to look at the load. */
    enum AdjustQuality implements Command {
        INSTANCE
    }

    /** What steps cost, as far as they were measured. */
    public record Costs(List<CostModel.Measured> measured) {}

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

    /**
     * One device.
     *
     * @param trouble why it takes no runs now; empty if it works
     * @param pipelineKeys what is loaded on it
     */
    public record DeviceLoad(Device device, Optional<String> trouble, int runs, List<String> pipelineKeys) {
        public boolean healthy() {
            return trouble.isEmpty();
        }
    }

    /**
     * What the scheduler is made of.
     *
     * @param load how much is taken on
     * @param policy what runs next
     * @param retryAfter what a run refused for lack of room is told to wait
     */
    public record Setup(
            EngineSettings settings,
            LoadSettings load,
            StepPolicy policy,
            Duration retryAfter,
            MediaClock clock,
            Timeline timeline,
            Metrics metrics) {
        /** With the policy that servers use, and without limits of load. */
        public Setup(
                EngineSettings settings, Duration retryAfter, MediaClock clock, Timeline timeline, Metrics metrics) {
            this(settings, LoadSettings.unlimited(), new DeadlinePolicy(), retryAfter, clock, timeline, metrics);
        }
    }

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
     * @param quality what the run gets from now on
     */
    public record ChunkReady(RunId runId, Chunk chunk, List<String> notes, Quality quality) implements ChunkReply {}

    /**
     * The chunk is lost, and with it those asked for after it; the run is as it was before it unless {@code runLost}.
     *
     * @param message fit for the client
     */
    public record ChunkFailed(RunId runId, String message, boolean runLost) implements ChunkReply {}

    /** What happens to the steps of a run. */
    public sealed interface StepNews {}

    /**
     * A step of a run is through.
     *
     * @param plan what it was; not a preview
     * @param runMicros its share of the time of its batch, in microseconds
     */
    public record StepDone(RunId runId, StepPlan plan, long runMicros) implements StepNews {}

    /**
     * A preview is there.
     *
     * @param plan of the preview; {@code stepIndex} is the number of the chunk's steps before it
     * @param frames owned by who gets them
     * @param runMicros its share of the time of its batch, in microseconds
     */
    public record Previewed(RunId runId, StepPlan plan, List<VideoFrame> frames, long runMicros) implements StepNews {}

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
    private final Admission admission;
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
        this.admission = new Admission(setup.load());
        this.unattached = new HashSet<>(executors);
        timers.startTimerWithFixedDelay(CheckTimeouts.INSTANCE, CHECK_INTERVAL);
        timers.startTimerWithFixedDelay(AdjustQuality.INSTANCE, CHECK_INTERVAL);
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
                .onMessage(AdjustQuality.class, tick -> adjustQuality())
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
        List<DeviceChoice.Offer> offers = admission.offers(request, hosts.values(), runs.values());
        if (offers.isEmpty()) {
            return refuse(request, "the pipeline " + request.pipelineKey() + " is not loaded", false);
        }
        DeviceChoice.Choice choice = DeviceChoice.choose(offers, sessionBytes(request));
        if (choice instanceof DeviceChoice.NoPlace none) {
            setup.metrics().refused();
            return refuse(request, none.message(), true);
        }
        ScheduledDevice host = named(((DeviceChoice.Chosen) choice).offer().name());
        ActorRef<Executor.Command> executor = host.executor;
        PipelineSpec spec = host.pipelines.get(request.pipelineKey());
        ScheduledRun run = new ScheduledRun(
                request, opened++, executor, spec, setup.settings().previewShare());
        runs.put(request.runId(), run);
        setup.metrics().runs(runs.size());
        executor.tell(new Executor.Open(request.runId(), request.pipelineKey(), request.request()));
        return Behaviors.same();
    }

    private Behavior<Command> adjustQuality() {
        for (ScheduledDevice host : hosts.values()) {
            List<ScheduledRun> own = runs.values().stream()
                    .filter(run -> run.executor == host.executor)
                    .toList();
            Quality before = host.pressure.quality();
            boolean changed = admission.adjust(host, own, setup.clock().micros());
            Quality now = host.pressure.quality();
            setup.metrics().utilisation(host.device.name(), admission.utilisation(host, own));
            setup.metrics().qualityLevel(host.device.name(), now.level());
            if (changed) {
                context.getLog()
                        .info("device {}: live sessions are at quality level {}", host.device.name(), now.level());
            }
            if (!before.economies().equals(now.economies())) {
                own.stream().filter(run -> run.live() && run.opened).forEach(run -> run.economize(now.economies()));
            }
        }
        return Behaviors.same();
    }

    private long sessionBytes(OpenRun request) {
        return hosts.values().stream()
                .flatMap(host -> Optional.ofNullable(host.pipelines.get(request.pipelineKey())).stream())
                .mapToLong(spec -> spec.sessionBytes(request.request().size()))
                .max()
                .orElse(0);
    }

    private ScheduledDevice named(String device) {
        return hosts.values().stream()
                .filter(host -> host.device.name().equals(device))
                .findFirst()
                .orElseThrow();
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
        run.virtualMicros = Math.max(run.virtualMicros, leastServed(run));
        run.feed();
        return Behaviors.same();
    }

    private double leastServed(ScheduledRun newcomer) {
        return runs.values().stream()
                .filter(run -> run != newcomer && run.request.urgency() == Urgency.BATCH)
                .filter(ScheduledRun::producing)
                .mapToDouble(run -> run.virtualMicros)
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

    /** A device takes no runs, and those on it are lost. */
    private void lose(ActorRef<Executor.Command> executor, String what) {
        host(executor).ifPresent(host -> {
            String why = "the device " + host.device.name() + " " + what;
            host.fails(why);
            loseAll(executor, why);
        });
    }

    private void loseAll(ActorRef<Executor.Command> executor, String message) {
        for (ScheduledRun run : List.copyOf(runs.values())) {
            if (run.executor.equals(executor)) {
                // One whose opening was on its way when the device failed would stay there for good.
                executor.tell(new Executor.Close(run.request.runId()));
                lose(run, message);
            }
        }
    }

    private Behavior<Command> describe(DescribeLoad ask) {
        List<DeviceLoad> devices = hosts.values().stream()
                .sorted(Comparator.comparing(host -> host.device.name()))
                .map(host -> new DeviceLoad(
                        host.device, host.trouble(), (int) runsOn(host), List.copyOf(host.pipelines.keySet())))
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
            hosts.put(attached.executor(), new ScheduledDevice(attached, setup.load()));
            unattached.remove(attached.executor());
            openEarly();
        } else if (event instanceof Executor.PipelineReady ready) {
            host(ready.executor()).ifPresent(host -> host.pipelines.put(ready.pipelineKey(), ready.spec()));
        } else if (event instanceof Executor.PipelineGone gone) {
            host(gone.executor()).ifPresent(host -> host.pipelines.remove(gone.pipelineKey()));
        } else if (event instanceof Executor.Opened open) {
            run(open.runId()).ifPresent(run -> {
                run.opened = true;
                host(run.executor)
                        .map(host -> host.pressure.quality().economies())
                        .filter(economies -> run.live() && !economies.isEmpty())
                        .ifPresent(run::economize);
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
            lose(stuck.executor(), "does not respond");
        } else if (event instanceof Executor.DeviceDown down) {
            lose(
                    down.executor(),
                    down.givenUp() ? "was given up: " + down.reason() : "restarts after a failure: " + down.reason());
        } else if (event instanceof Executor.DeviceRecovered recovered) {
            host(recovered.executor()).ifPresent(ScheduledDevice::recovers);
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
        run.stands(standing, setup.clock().micros(), costs);
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
        run.stands(skipped.standing(), setup.clock().micros(), costs);
        run.settleDrop();
        dispatch(run.executor);
    }

    private void batchDone(ScheduledDevice host, Executor.BatchDone done) {
        host.free(done.lane());
        int size = done.outcomes().size();
        boolean live = false;
        BatchKey measured = null;
        String pipeline = "";
        int most = 1;
        for (Executor.RunOutcome outcome : done.outcomes()) {
            ScheduledRun run = runs.get(outcome.standing().runId());
            if (run == null) {
                // It was closed when this was on its way.
                outcome.previews().forEach(VideoFrame::release);
                outcome.chunk().ifPresent(late -> late.frames().forEach(VideoFrame::release));
            } else {
                OptionalLong since = run.end(done.lane());
                if (since.isPresent() && ranWell(outcome)) {
                    measured = outcome.plan().key();
                    pipeline = run.spec.id();
                    most = Math.min(setup.settings().maxBatch(), run.spec.maxBatch());
                    StepSpan span = host.span(run, outcome.plan(), since.getAsLong(), size, done);
                    setup.metrics().waited(pipeline, kindName(measured), span.queueMicros());
                    setup.timeline().add(span);
                }
                live |= run.request.urgency() == Urgency.LIVE;
                run.ran(outcome.plan(), done.runMicros() / size);
                if (ranWell(outcome)) {
                    run.request
                            .steps()
                            .ifPresent(listener -> listener.tell(news(run, outcome, done.runMicros() / size)));
                }
                settle(run, outcome);
            }
        }
        if (measured != null) {
            costs.record(measured, size, done.runMicros());
            setup.metrics().batch(pipeline, kindName(measured), host.device.name(), size, done.runMicros());
            setup.metrics().occupancy(pipeline, kindName(measured), size, most);
            setup.metrics().cost(pipeline, kindName(measured), size, costs.predictMicros(measured, size));
        }
        host.ran(done.lane(), live, done.runMicros(), runs);
        dispatch(host.executor);
    }

    private static boolean isPreview(Executor.RunOutcome outcome) {
        return outcome.plan().key().kind() == StepKind.PREVIEW;
    }

    private static boolean ranWell(Executor.RunOutcome outcome) {
        return outcome.failure().isEmpty()
                && (!isPreview(outcome) || !outcome.previews().isEmpty());
    }

    private static StepNews news(ScheduledRun run, Executor.RunOutcome outcome, long runMicros) {
        RunId id = run.request.runId();
        return isPreview(outcome)
                ? new Previewed(id, outcome.plan(), outcome.previews(), runMicros)
                : new StepDone(id, outcome.plan(), runMicros);
    }

    private static String kindName(BatchKey key) {
        return key.kind().name().toLowerCase(Locale.ROOT);
    }

    private void settle(ScheduledRun run, Executor.RunOutcome outcome) {
        run.stands(outcome.standing(), setup.clock().micros(), costs);
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
        run.finished(chunk, setup.clock().micros());
        host(run.executor).ifPresent(host -> admission.learn(host, run));
        if (run.awaitsChunk() && !run.dropping()) {
            setup.metrics().chunk(run.spec.id(), true, onTime);
            setup.metrics()
                    .chunkLatency(
                            run.spec.id(),
                            run.urgencyName(),
                            run.waitedMicros(setup.clock().micros()));
            run.answer(new ChunkReady(run.request.runId(), chunk, run.takeNotes(), quality(run)));
        } else {
            chunk.frames().forEach(VideoFrame::release);
        }
    }

    private Quality quality(ScheduledRun run) {
        return host(run.executor)
                .filter(host -> run.live())
                .map(host -> host.pressure.quality())
                .orElse(Quality.FULL);
    }

    private void dispatch(ActorRef<Executor.Command> executor) {
        host(executor).ifPresent(host -> host.dispatch(setup.clock().micros(), runs, this::decide));
    }

    private List<StepPolicy.Candidate> decide(
            long now, List<StepPolicy.Candidate> waiting, long batchCredit, List<StepPolicy.Arrival> arrivals) {
        return setup.policy()
                .choose(new StepPolicy.Queue(
                        now, waiting, setup.settings().maxBatch(), batchCredit, arrivals, costs::usualMicros));
    }
}
