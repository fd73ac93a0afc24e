package io.github.tachyscope.exec;

import io.github.tachyscope.config.RestartSettings;
import io.github.tachyscope.diffusion.Economy;
import io.github.tachyscope.diffusion.GenerationRequest;
import io.github.tachyscope.diffusion.Lane;
import io.github.tachyscope.diffusion.NextStep.StepPlan;
import io.github.tachyscope.diffusion.Parameters;
import io.github.tachyscope.diffusion.Pipeline;
import io.github.tachyscope.diffusion.PipelineProvider;
import io.github.tachyscope.diffusion.PipelineSpec;
import io.github.tachyscope.frame.MediaClock;
import io.github.tachyscope.frame.VideoFrame;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.DispatcherSelector;

/**
 * Runs the steps of one device and owns its pipelines and generations: the protocol. {@link DeviceHost} is what stands
 * behind it; it outlives failures of the device, so its address stays the same.
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

    record BatchEnded(long number, StepBatch.Done done) implements Command {}

    record StepOverdue(long number) implements Command {}

    /** Steps that were told to end have had their time. */
    enum GraceOver implements Command {
        INSTANCE
    }

    /** The wait before a restart is over. */
    enum BackoffOver implements Command {
        INSTANCE
    }

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
     * @param previews what a preview saw; empty for other steps, and for a preview that failed
     * @param failure there if the step failed; a preview never fails for those above
     */
    public record RunOutcome(
            StepPlan plan,
            Standing standing,
            Optional<Chunk> chunk,
            List<VideoFrame> previews,
            Optional<StepFailure> failure) {}

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

    /**
     * The device has failed; these runs are lost. {@link Attached} follows when it works again.
     *
     * @param reason for people
     * @param givenUp whether it stays so
     */
    public record DeviceDown(ActorRef<Command> executor, List<RunId> lost, String reason, boolean givenUp)
            implements Event {}

    private Executor() {}

    /** An executor whose first failure is its last. */
    public static Behavior<Command> create(Device device, int slots, Duration watchdog, MediaClock clock) {
        return create(device, slots, watchdog, RestartSettings.NEVER, clock);
    }

    /** @param slots threads of the device, 1 to 3 */
    public static Behavior<Command> create(
            Device device, int slots, Duration watchdog, RestartSettings restart, MediaClock clock) {
        return DeviceHost.create(new DeviceHost.Setup(device, slots, watchdog, restart, clock));
    }

    /** The dispatcher to spawn it on: a thread of its own. */
    public static DispatcherSelector dispatcher() {
        return DispatcherSelector.fromConfig("tachyscope-executor-dispatcher");
    }

    /** Which slot a lane belongs to. */
    public static int slotOf(Lane lane, int slots) {
        return LaneThreads.slotOf(lane, slots);
    }
}
