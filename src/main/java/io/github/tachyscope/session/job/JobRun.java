package io.github.tachyscope.session.job;

import io.github.tachyscope.diffusion.Capability;
import io.github.tachyscope.diffusion.CommonParameters;
import io.github.tachyscope.diffusion.GenerationRequest;
import io.github.tachyscope.diffusion.Parameters;
import io.github.tachyscope.diffusion.PipelineSpec;
import io.github.tachyscope.diffusion.PreviewMethod;
import io.github.tachyscope.exec.Chunk;
import io.github.tachyscope.exec.RunId;
import io.github.tachyscope.flow.JobFlow;
import io.github.tachyscope.flow.RunHandle;
import io.github.tachyscope.frame.VideoFrame;
import io.github.tachyscope.media.MediaRefused;
import io.github.tachyscope.schedule.Scheduler;
import io.github.tachyscope.session.LoadedPipeline;
import io.github.tachyscope.session.PipelineRegistry;
import io.github.tachyscope.session.Problem;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.pekko.NotUsed;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.BehaviorBuilder;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.apache.pekko.stream.KillSwitches;
import org.apache.pekko.stream.SharedKillSwitch;
import org.apache.pekko.stream.javadsl.Source;

/**
 * Makes the chunks of one plan, once, as fast as they are asked for.
 *
 * <pre>
 * resolving --loaded--> opening --run open--> open --chunks were run--> making --all made, cancelled, failed--> stopped
 *     |                    |                    +-- nobody runs them --> stopped
 *     +---- refused -------+--> stopped
 * </pre>
 *
 * <p>The run in the scheduler lives as long as this actor. {@link Ended} is the last event, and comes exactly once.
 */
public final class JobRun {

    public sealed interface Command {}

    /** Ends it within the step under way; {@link Ended} follows. May come at any time. */
    public enum Cancel implements Command {
        INSTANCE
    }

    private record PipelineResolved(PipelineRegistry.ResolveReply reply) implements Command {}

    private record RunAnswered(Scheduler.OpenReply reply) implements Command {}

    private record Step(Scheduler.StepNews news) implements Command {}

    private record Finished(VideoFrame frame) implements Command {}

    private record ChunksEnded(Optional<Throwable> fault) implements Command {}

    private enum Begun implements Command {
        INSTANCE
    }

    private enum NobodyCame implements Command {
        INSTANCE
    }

    /** What the listener is told. */
    public sealed interface Event {}

    /**
     * The run is open.
     *
     * @param chunks to be run once, within {@value #LONGEST_WAIT_SECONDS} seconds; nothing is made that is not asked
     *     for. Each frame is owned by who gets it. Fails with {@link JobFlow.ChunkLost} when a chunk is lost
     * @param total how many chunks there will be
     */
    public record Opened(PipelineSpec spec, Source<Chunk, NotUsed> chunks, long total) implements Event {}

    /** A step has run. */
    public record Stepped(Scheduler.StepDone step) implements Event {}

    /**
     * The estimate of what a chunk will be, or a finished frame; only if the plan wants previews.
     *
     * @param frames the first picture of the chunk first; owned by who gets them
     */
    public record Previewed(List<VideoFrame> frames) implements Event {}

    /**
     * Nothing more comes.
     *
     * @param problem why not all was made; empty if it was, or it was cancelled
     * @param runLost whether the device failed, so that another attempt makes sense
     */
    public record Ended(Optional<Problem> problem, boolean runLost) implements Event {}

    /** Within which the chunks of an opened run must be run; an open run holds memory. */
    static final int LONGEST_WAIT_SECONDS = 30;

    private final ActorContext<Command> context;
    private final TimerScheduler<Command> timers;
    private final JobParts parts;
    private final String owner;
    private final JobPlan plan;
    private final ChunkParameters changes;
    private final ActorRef<Event> listener;
    private final RunId runId;
    private final SharedKillSwitch killSwitch = KillSwitches.shared("job");
    private final PreviewChoice previews;
    private boolean ended;

    private JobRun(
            ActorContext<Command> context,
            TimerScheduler<Command> timers,
            JobParts parts,
            String owner,
            JobPlan plan,
            ChunkParameters changes,
            ActorRef<Event> listener) {
        this.context = context;
        this.timers = timers;
        this.parts = parts;
        this.owner = owner;
        this.plan = plan;
        this.changes = changes;
        this.listener = listener;
        this.runId = parts.nextRunId();
        this.previews = new PreviewChoice(
                plan.previews().map(Previews::method).orElse(PreviewMethod.NONE.wireName()),
                parts.settings().engine().previewShare());
    }

    /**
     * A run of its own.
     *
     * @param owner name of the job, for metrics and the timeline
     * @param changes parameters by chunk; {@code plan.schedule()::at} unless a client changes them meanwhile
     * @param listener is told what happens
     */
    public static Behavior<Command> create(
            JobParts parts, String owner, JobPlan plan, ChunkParameters changes, ActorRef<Event> listener) {
        return Behaviors.setup(context -> Behaviors.withTimers(
                timers -> new JobRun(context, timers, parts, owner, plan, changes, listener).resolving()));
    }

    private Behavior<Command> resolving() {
        context.ask(
                PipelineRegistry.ResolveReply.class,
                parts.pipelines(),
                askTimeout(),
                replyTo -> new PipelineRegistry.Resolve(List.of(plan.pipeline()), replyTo),
                (reply, fault) -> new PipelineResolved(
                        reply != null ? reply : new PipelineRegistry.Unresolved(Problem.internal("no answer"))));
        return any().onMessage(
                        PipelineResolved.class,
                        resolved -> resolved.reply() instanceof PipelineRegistry.Resolved found
                                ? opening(found.chain().get(0))
                                : ended(Optional.of(((PipelineRegistry.Unresolved) resolved.reply()).problem()), false))
                .build();
    }

    private Behavior<Command> opening(LoadedPipeline pipeline) {
        PipelineSpec spec = pipeline.spec();
        if (!spec.modes().containsKey(plan.mode())) {
            return ended(
                    Optional.of(Problem.badRequest(
                            "pipeline '" + spec.id() + "' has no " + plan.mode().wireName() + " mode")),
                    false);
        }
        Parameters checked = spec.parameters().checkRuntime(changes.at(0)).accepted();
        Parameters first = spec.capabilities().contains(Capability.PREVIEWS)
                ? previews.method().in(checked)
                : checked;
        ActorRef<Scheduler.StepNews> steps = context.messageAdapter(Scheduler.StepNews.class, Step::new);
        context.ask(
                Scheduler.OpenReply.class,
                parts.scheduler(),
                askTimeout(),
                replyTo -> new Scheduler.OpenRun(
                        runId,
                        owner,
                        pipeline.key(),
                        new GenerationRequest(plan.mode(), first, plan.size()),
                        Scheduler.Urgency.BATCH,
                        1,
                        Optional.of(steps),
                        replyTo),
                (reply, fault) -> new RunAnswered(
                        reply != null
                                ? reply
                                : new Scheduler.RunRefused(runId, "the device does not answer", true, retryAfter())));
        return any().onMessage(RunAnswered.class, answer -> answered(spec, answer.reply()))
                .build();
    }

    private Behavior<Command> answered(PipelineSpec spec, Scheduler.OpenReply reply) {
        if (reply instanceof Scheduler.RunRefused refused) {
            return ended(
                    Optional.of(
                            refused.busy()
                                    ? Problem.busy(refused.message(), refused.retryAfter())
                                    : Problem.badRequest(refused.message())),
                    false);
        }
        RunHandle run =
                new RunHandle(runId, plan.mode(), spec.modes().get(plan.mode()).geometry(), parts.scheduler());
        long total = JobPlan.chunks(plan.frames(), run.geometry());
        ActorRef<Command> self = context.getSelf();
        Source<Chunk, NotUsed> chunks = JobFlow.chunks(new JobFlow.Parts(
                        run,
                        plan.footage().map(footage -> FootageReader.source(plan, run.geometry(), parts.limits())),
                        JobPlan.group(run.geometry()),
                        chunk -> chunk == 0 ? Parameters.none() : accepted(spec, chunk),
                        plan.frames(),
                        glance(),
                        parts.clock()))
                .via(killSwitch.flow())
                .watchTermination((none, done) -> {
                    self.tell(Begun.INSTANCE);
                    done.whenComplete((end, fault) -> self.tell(new ChunksEnded(Optional.ofNullable(fault))));
                    return NotUsed.getInstance();
                });
        timers.startSingleTimer(NobodyCame.INSTANCE, Duration.ofSeconds(LONGEST_WAIT_SECONDS));
        listener.tell(new Opened(spec, chunks, total));
        return making();
    }

    private Parameters accepted(PipelineSpec spec, long chunk) {
        Parameters asked = changes.at(chunk);
        return asked.isEmpty()
                ? asked
                : spec.parameters().checkRuntime(asked).accepted().without(CommonParameters.PREVIEW_METHOD);
    }

    private Consumer<Chunk> glance() {
        if (previews.method() == PreviewMethod.NONE) {
            return chunk -> {};
        }
        ActorRef<Command> self = context.getSelf();
        return new FrameGlance(parts.clock(), frame -> self.tell(new Finished(frame)));
    }

    private Behavior<Command> making() {
        return any().onMessage(Begun.class, begun -> {
                    timers.cancel(NobodyCame.INSTANCE);
                    return Behaviors.same();
                })
                .onMessage(
                        NobodyCame.class, late -> ended(Optional.of(Problem.internal("nobody took the chunks")), false))
                .onMessage(Step.class, step -> stepped(step.news()))
                .onMessage(Finished.class, finished -> {
                    listener.tell(new Previewed(List.of(finished.frame())));
                    return Behaviors.same();
                })
                .onMessage(
                        ChunksEnded.class,
                        end -> end.fault().isEmpty()
                                ? ended(Optional.empty(), false)
                                : failed(end.fault().get()))
                .build();
    }

    private Behavior<Command> stepped(Scheduler.StepNews news) {
        Optional<PreviewMethod> next = Optional.empty();
        if (news instanceof Scheduler.StepDone done) {
            next = previews.stepped(done.plan(), done.runMicros());
            listener.tell(new Stepped(done));
        } else if (news instanceof Scheduler.Previewed seen) {
            next = previews.previewed(seen.runMicros());
            listener.tell(new Previewed(seen.frames()));
        }
        next.ifPresent(method -> parts.scheduler().tell(new Scheduler.Patch(runId, method.in(Parameters.none()))));
        return Behaviors.same();
    }

    private Behavior<Command> failed(Throwable fault) {
        if (fault instanceof JobFlow.ChunkLost lost) {
            return ended(Optional.of(Problem.internal(lost.getMessage())), lost.runLost());
        }
        if (fault instanceof MediaRefused refused) {
            return ended(
                    Optional.of(Problem.invalid("the input cannot be used: " + refused.getMessage(), List.of())),
                    false);
        }
        context.getLog().warn("the chunks of {} failed", owner, fault);
        return ended(Optional.of(Problem.internal("the video path failed")), false);
    }

    private Behavior<Command> ended(Optional<Problem> problem, boolean runLost) {
        end(problem, runLost);
        return Behaviors.stopped();
    }

    private void end(Optional<Problem> problem, boolean runLost) {
        if (!ended) {
            ended = true;
            killSwitch.shutdown();
            parts.scheduler().tell(new Scheduler.CloseRun(runId));
            listener.tell(new Ended(problem, runLost));
        }
    }

    private BehaviorBuilder<Command> any() {
        return Behaviors.receive(Command.class)
                .onMessage(Cancel.class, cancel -> ended(Optional.empty(), false))
                .onSignal(PostStop.class, stop -> {
                    end(Optional.empty(), false);
                    return Behaviors.same();
                });
    }

    private Duration askTimeout() {
        return parts.settings().session().askTimeout();
    }

    private Duration retryAfter() {
        return parts.settings().session().retryAfter();
    }
}
