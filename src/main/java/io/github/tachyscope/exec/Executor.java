package io.github.tachyscope.exec;

import io.github.tachyscope.diffusion.BatchKey;
import io.github.tachyscope.diffusion.Economy;
import io.github.tachyscope.diffusion.Generation;
import io.github.tachyscope.diffusion.GenerationRequest;
import io.github.tachyscope.diffusion.Lane;
import io.github.tachyscope.diffusion.NextStep.StepPlan;
import io.github.tachyscope.diffusion.OutOfDeviceMemory;
import io.github.tachyscope.diffusion.ParameterRejected;
import io.github.tachyscope.diffusion.Parameters;
import io.github.tachyscope.diffusion.Pipeline;
import io.github.tachyscope.diffusion.PipelineProvider;
import io.github.tachyscope.diffusion.PipelineSpec;
import io.github.tachyscope.diffusion.StepResult;
import io.github.tachyscope.frame.MediaClock;
import io.github.tachyscope.frame.VideoFrame;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Future;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.PreRestart;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.BehaviorBuilder;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.jspecify.annotations.Nullable;

/**
 * Runs the steps of one device and owns its pipelines and generations.
 *
 * <pre>
 *   working --StepOverdue--> stuck (all runs lost) --last overdue step returns--> working
 * </pre>
 *
 * <p>Lane threads compute, this actor's thread commits.
 */
public final class Executor {

    public sealed interface Command {}

    /** Names who is told {@link Event}s from now on. */
    public record Attach(ActorRef<Event> listener) implements Command {}

    /**
     * Loads weights under a key. The reply comes when they are there or when it did not work.
     *
     * @param parameters checked, defaults filled in
     */
    public record Load(
            String pipelineKey,
            PipelineProvider provider,
            Parameters parameters,
            Duration timeout,
            ActorRef<LoadReply> replyTo)
            implements Command {}

    /** No new runs; the weights are freed with the last generation that uses them. */
    public record Unload(String pipelineKey) implements Command {}

    public record Open(RunId runId, String pipelineKey, GenerationRequest request) implements Command {}

    public record Patch(RunId runId, Parameters parameters) implements Command {}

    /** Makes the run's chunks cheaper, or no longer so; {@link Standing} follows. */
    public record Economize(RunId runId, Set<Economy> economies) implements Command {}

    /** Demand for one more chunk, with its input. */
    public record Feed(RunId runId, List<VideoFrame> frames) implements Command {}

    /**
     * Runs the next step of each on the lane, as one batch. {@link BatchDone} follows; a run that does not fit in any
     * more gets {@link StepSkipped}.
     */
    public record Run(Lane lane, List<RunId> batch) implements Command {}

    /** Gives up the chunk under way. */
    public record Drop(RunId runId) implements Command {}

    public record Close(RunId runId) implements Command {}

    private record BatchEnded(long number, StepBatch.Done done) implements Command {}

    private record StepOverdue(long number) implements Command {}

    record LoadEnded(String pipelineKey, long number, Optional<Pipeline> pipeline, String message) implements Command {}

    record LoadOverdue(String pipelineKey, long number) implements Command {}

    public sealed interface LoadReply {}

    /** Loading has come to this human-readable stage. */
    public record LoadStage(String pipelineKey, String stage) implements LoadReply {}

    public record Loaded(String pipelineKey, PipelineSpec spec) implements LoadReply {}

    /** @param message fit for the client */
    public record LoadFailed(String pipelineKey, String message) implements LoadReply {}

    /** What the listener is told. */
    public sealed interface Event {}

    /** @param slots how many batches run at a time; {@link #slotOf} says which lane belongs to which */
    public record Attached(ActorRef<Command> executor, Device device, int slots, Map<String, PipelineSpec> pipelines)
            implements Event {}

    public record PipelineReady(ActorRef<Command> executor, String pipelineKey, PipelineSpec spec) implements Event {}

    public record PipelineGone(ActorRef<Command> executor, String pipelineKey) implements Event {}

    public record Opened(RunId runId) implements Event {}

    public record OpenRefused(RunId runId, String message, boolean busy) implements Event {}

    /**
     * What a run can do now; the answer to {@link Patch} and {@link Feed} too.
     *
     * @param plans its possible next steps, one per lane at most
     * @param framesNeeded input frames that are missing
     * @param notes parameters that were dropped
     */
    public record Standing(RunId runId, List<StepPlan> plans, int framesNeeded, List<String> notes) implements Event {}

    /** A batch has ended. */
    public record BatchDone(
            ActorRef<Command> executor, Lane lane, List<RunOutcome> outcomes, long startMicros, long runMicros)
            implements Event {}

    /**
     * @param plan the step
     * @param chunk there if this step finished one
     * @param failure there if the step failed
     */
    public record RunOutcome(StepPlan plan, Standing standing, Optional<Chunk> chunk, Optional<StepFailure> failure) {}

    /**
     * @param message fit for the client
     * @param runLost whether the generation is freed
     */
    public record StepFailure(String message, boolean runLost) {}

    /** A run did not take part in a batch: its next step on the lane is another one by now, or there is none. */
    public record StepSkipped(Lane lane, Standing standing) implements Event {}

    /** A run's own state threw outside a step; it is freed. */
    public record RunLost(RunId runId, String message) implements Event {}

    /** A step takes too long; these runs are lost. */
    public record DeviceStuck(ActorRef<Command> executor, List<RunId> lost) implements Event {}

    public record DeviceRecovered(ActorRef<Command> executor) implements Event {}

    private static final String BROKEN = "the session's state is broken and was freed";

    /** How long the threads may take to end when the actor stops. */
    private static final long STOP_MILLIS = 2_000;

    /** A run with the step that it is at. */
    private record Stepping(HostedRun run, StepPlan plan) {}

    private record Flight(Lane lane, List<Stepping> batch, Future<?> work) {}

    private final ActorContext<Command> context;
    private final TimerScheduler<Command> timers;
    private final Device device;
    private final int slots;
    private final Duration watchdog;
    private final MediaClock clock;
    private final LaneThreads threads;
    private final LoadedPipelines pipelines;
    // Tables change with every step; copying them would cost as much as a small step.
    private final Map<RunId, HostedRun> runs = new LinkedHashMap<>();
    private final Map<Long, Flight> flights = new HashMap<>();
    private ActorRef<Event> listener;
    private long numbers;

    private Executor(
            ActorContext<Command> context,
            TimerScheduler<Command> timers,
            Device device,
            int slots,
            Duration watchdog,
            MediaClock clock) {
        this.context = context;
        this.timers = timers;
        this.device = device;
        this.slots = slots;
        this.watchdog = watchdog;
        this.clock = clock;
        this.threads = new LaneThreads(device, slots);
        this.pipelines = new LoadedPipelines(context, timers, device, event -> listener.tell(event));
        this.listener = context.getSystem().ignoreRef();
    }

    /** @param slots threads of the device, 1 to 3 */
    public static Behavior<Command> create(Device device, int slots, Duration watchdog, MediaClock clock) {
        return Behaviors.setup(context -> Behaviors.withTimers(
                timers -> new Executor(context, timers, device, slots, watchdog, clock).working()));
    }

    /** The dispatcher to spawn it on: a thread of its own. */
    public static DispatcherSelector dispatcher() {
        return DispatcherSelector.fromConfig("tachyscope-executor-dispatcher");
    }

    /** Which slot a lane belongs to. */
    public static int slotOf(Lane lane, int slots) {
        return LaneThreads.slotOf(lane, slots);
    }

    private Behavior<Command> working() {
        return common().onMessage(Load.class, load -> {
                    pipelines.load(load, freeBytes());
                    return Behaviors.same();
                })
                .onMessage(Open.class, this::open)
                .onMessage(Run.class, this::run)
                .onMessage(BatchEnded.class, this::commit)
                .onMessage(StepOverdue.class, this::stick)
                .build();
    }

    private Behavior<Command> stuck() {
        return common().onMessage(Load.class, load -> {
                    load.replyTo().tell(new LoadFailed(load.pipelineKey(), "the device does not respond"));
                    return Behaviors.same();
                })
                .onMessage(Open.class, open -> {
                    listener.tell(new OpenRefused(open.runId(), "the device does not respond", true));
                    return Behaviors.same();
                })
                .onMessage(Run.class, stale -> Behaviors.same())
                .onMessage(BatchEnded.class, this::recover)
                .onMessage(StepOverdue.class, stale -> Behaviors.same())
                .build();
    }

    private BehaviorBuilder<Command> common() {
        return BehaviorBuilder.<Command>create()
                .onMessage(Attach.class, this::attach)
                .onMessage(Unload.class, unload -> {
                    pipelines.unload(unload.pipelineKey());
                    return Behaviors.same();
                })
                .onMessage(LoadEnded.class, ended -> {
                    pipelines.takeIn(ended);
                    return Behaviors.same();
                })
                .onMessage(LoadOverdue.class, overdue -> {
                    pipelines.giveUp(overdue);
                    return Behaviors.same();
                })
                .onMessage(Patch.class, this::patch)
                .onMessage(Economize.class, this::economize)
                .onMessage(Feed.class, this::feed)
                .onMessage(Drop.class, this::drop)
                .onMessage(Close.class, this::close)
                .onSignal(PostStop.class, signal -> releaseAll())
                .onSignal(PreRestart.class, signal -> releaseAll());
    }

    private Behavior<Command> attach(Attach attach) {
        listener = attach.listener();
        listener.tell(new Attached(context.getSelf(), device, slots, pipelines.specs()));
        return Behaviors.same();
    }

    private Behavior<Command> open(Open open) {
        Optional<HostedPipeline> found = pipelines.find(open.pipelineKey());
        if (found.isEmpty()) {
            return refuse(open, "the pipeline " + open.pipelineKey() + " is not loaded", false);
        }
        HostedPipeline host = found.get();
        PipelineSpec spec = host.pipeline.spec();
        if (!spec.modes().containsKey(open.request().mode())) {
            return refuse(
                    open,
                    "the pipeline has no " + open.request().mode().wireName() + " mode; it has "
                            + spec.modes().keySet().stream()
                                    .map(mode -> mode.wireName())
                                    .toList(),
                    false);
        }
        if (runs.containsKey(open.runId())) {
            return refuse(open, "the run exists already", false);
        }
        if (freeBytes() < spec.sessionBytes()) {
            return refuse(open, "not enough memory on " + device.name() + " for another session", true);
        }
        try {
            Parameters initial =
                    spec.parameters().checkRuntime(open.request().parameters()).accepted();
            Generation generation =
                    host.pipeline.open(new GenerationRequest(open.request().mode(), initial));
            runs.put(
                    open.runId(),
                    new HostedRun(
                            open.runId(),
                            open.pipelineKey(),
                            host,
                            open.request().mode(),
                            generation));
            listener.tell(new Opened(open.runId()));
            return Behaviors.same();
        } catch (ParameterRejected rejected) {
            return refuse(open, String.valueOf(rejected.getMessage()), false);
        } catch (RuntimeException | OutOfMemoryError broken) {
            if (OutOfDeviceMemory.in(broken).isPresent()) {
                return refuse(open, "not enough memory on " + device.name() + " for another session", true);
            }
            context.getLog().error("{} could not be opened", open.runId(), broken);
            return refuse(open, "the pipeline could not start a session", false);
        }
    }

    private Behavior<Command> refuse(Open open, String message, boolean busy) {
        listener.tell(new OpenRefused(open.runId(), message, busy));
        return Behaviors.same();
    }

    private long freeBytes() {
        long used = pipelines.weightsBytes();
        for (HostedRun run : runs.values()) {
            used += run.host.pipeline.spec().sessionBytes();
        }
        return device.memoryBytes() - used;
    }

    private interface RunAction {
        /** What the listener is told of it. */
        Optional<Event> on(HostedRun run);
    }

    private Behavior<Command> withRun(RunId id, RunAction action) {
        HostedRun run = runs.get(id);
        if (run != null) {
            try {
                action.on(run).ifPresent(listener::tell);
            } catch (RuntimeException broken) {
                context.getLog().error("{} is lost", id, broken);
                runs.remove(id);
                run.close();
                listener.tell(new RunLost(id, BROKEN));
            }
        }
        return Behaviors.same();
    }

    private Behavior<Command> patch(Patch patch) {
        return withRun(patch.runId(), run -> {
            run.patch(patch.parameters());
            return Optional.of(run.standing());
        });
    }

    private Behavior<Command> economize(Economize economize) {
        return withRun(economize.runId(), run -> {
            run.economize(economize.economies());
            return Optional.of(run.standing());
        });
    }

    private Behavior<Command> feed(Feed feed) {
        if (!runs.containsKey(feed.runId())) {
            feed.frames().forEach(VideoFrame::release);
        }
        return withRun(feed.runId(), run -> {
            run.feed(feed.frames());
            return Optional.of(run.standing());
        });
    }

    private Behavior<Command> drop(Drop drop) {
        return withRun(drop.runId(), run -> {
            run.drop();
            return Optional.of(run.standing());
        });
    }

    private Behavior<Command> close(Close close) {
        HostedRun run = runs.remove(close.runId());
        if (run != null) {
            run.close();
        }
        return Behaviors.same();
    }

    private Behavior<Command> run(Run message) {
        Lane lane = message.lane();
        List<Stepping> batch = new ArrayList<>();
        for (RunId id : message.batch()) {
            withRun(id, run -> {
                Optional<Stepping> begun =
                        run.begin(lane, key -> joins(batch, run, key)).map(plan -> new Stepping(run, plan));
                begun.ifPresent(batch::add);
                return begun.isPresent() ? Optional.empty() : Optional.of(new StepSkipped(lane, run.standing()));
            });
        }
        if (batch.isEmpty()) {
            long now = clock.micros();
            listener.tell(new BatchDone(context.getSelf(), lane, List.of(), now, 0));
            return Behaviors.same();
        }
        StepBatch work = new StepBatch(
                batch.get(0).run().host.pipeline,
                lane,
                batch.stream().map(each -> each.run().generation).toList());
        long number = ++numbers;
        ActorRef<Command> self = context.getSelf();
        timers.startSingleTimer("step " + number, new StepOverdue(number), watchdog);
        Future<?> future =
                threads.submit(slotOf(lane, slots), () -> self.tell(new BatchEnded(number, work.run(clock))));
        flights.put(number, new Flight(lane, batch, future));
        return Behaviors.same();
    }

    // What a run can do on a lane may have changed since the batch was chosen: a chunk came to its decoding, say.
    private static boolean joins(List<Stepping> batch, HostedRun run, BatchKey key) {
        return batch.isEmpty()
                || batch.get(0).run().host == run.host
                        && batch.get(0).plan().key().equals(key);
    }

    private Behavior<Command> commit(BatchEnded ended) {
        Flight flight = land(ended);
        if (flight == null) {
            return Behaviors.same();
        }
        StepBatch.Done done = ended.done();
        List<RunOutcome> outcomes = new ArrayList<>();
        int size = flight.batch().size();
        for (int i = 0; i < size; i++) {
            outcomes.add(outcome(
                    flight.lane(), flight.batch().get(i), done.outcomes().get(i), done.runMicros() / size));
        }
        listener.tell(new BatchDone(context.getSelf(), flight.lane(), outcomes, done.startMicros(), done.runMicros()));
        return Behaviors.same();
    }

    private RunOutcome outcome(Lane lane, Stepping stepping, StepBatch.Outcome outcome, long shareMicros) {
        HostedRun run = stepping.run();
        Optional<Chunk> chunk = Optional.empty();
        Optional<StepFailure> failure = outcome.failure().map(this::describe);
        try {
            if (outcome.result().isPresent()) {
                chunk = run.commit(lane, outcome.result().get(), shareMicros);
            } else {
                context.getLog()
                        .warn("{}: step failed", run.id, outcome.failure().orElseThrow());
                run.fail(lane);
            }
        } catch (RuntimeException broken) {
            context.getLog().error("{}: the result could not be taken over", run.id, broken);
            failure = Optional.of(new StepFailure(BROKEN, true));
        }
        Standing standing = new Standing(run.id, List.of(), 0, List.of());
        try {
            standing = run.standing();
        } catch (RuntimeException broken) {
            context.getLog().error("{} cannot say what comes next", run.id, broken);
            failure = Optional.of(new StepFailure(BROKEN, true));
        }
        if (failure.filter(StepFailure::runLost).isPresent()) {
            runs.remove(run.id);
            run.close();
        }
        return new RunOutcome(stepping.plan(), standing, chunk, failure);
    }

    private StepFailure describe(Throwable failure) {
        if (OutOfDeviceMemory.in(failure).isPresent()) {
            return new StepFailure("not enough memory on " + device.name() + "; the session's state was freed", true);
        }
        return failure instanceof ParameterRejected rejected
                ? new StepFailure(String.valueOf(rejected.getMessage()), false)
                : new StepFailure("a step of the pipeline failed", false);
    }

    private Behavior<Command> stick(StepOverdue overdue) {
        Flight flight = flights.get(overdue.number());
        if (flight == null) {
            return Behaviors.same();
        }
        context.getLog()
                .error("device {}: a step on lane {} takes longer than {}", device.name(), flight.lane(), watchdog);
        List<RunId> lost = List.copyOf(runs.keySet());
        runs.values().forEach(HostedRun::close);
        runs.clear();
        flights.values().forEach(each -> each.work().cancel(true));
        listener.tell(new DeviceStuck(context.getSelf(), lost));
        return stuck();
    }

    private Behavior<Command> recover(BatchEnded ended) {
        Flight flight = land(ended);
        if (flight != null) {
            for (int i = 0; i < flight.batch().size(); i++) {
                HostedRun run = flight.batch().get(i).run();
                Optional<StepResult> result = ended.done().outcomes().get(i).result();
                if (result.isPresent()) {
                    run.commit(flight.lane(), result.get(), 0);
                } else {
                    run.fail(flight.lane());
                }
            }
        }
        if (!flights.isEmpty()) {
            return Behaviors.same();
        }
        context.getLog().warn("device {} responds again", device.name());
        listener.tell(new DeviceRecovered(context.getSelf()));
        return working();
    }

    private @Nullable Flight land(BatchEnded ended) {
        timers.cancel("step " + ended.number());
        return flights.remove(ended.number());
    }

    private Behavior<Command> releaseAll() {
        if (!threads.close(STOP_MILLIS)) {
            context.getLog().error("device {}: a step did not end; its memory is not freed", device.name());
            return Behaviors.same();
        }
        flights.values()
                .forEach(flight -> flight.batch().forEach(each -> each.run().fail(flight.lane())));
        runs.values().forEach(HostedRun::close);
        runs.clear();
        pipelines.retireAll();
        return Behaviors.same();
    }
}
