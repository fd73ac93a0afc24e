package io.github.tachyscope.schedule;

import io.github.tachyscope.diffusion.GenerationRequest;
import io.github.tachyscope.diffusion.Parameters;
import io.github.tachyscope.exec.Chunk;
import io.github.tachyscope.exec.RunId;
import io.github.tachyscope.frame.VideoFrame;
import java.time.Duration;
import java.util.List;
import org.apache.pekko.actor.typed.ActorRef;

/** Decides which steps run next on which device. */
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
     * Asks for one chunk. At most one request per run is under way.
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

    /** Frees the run within the step under way; a pending {@link Produce} is answered with {@link ChunkFailed}. */
    public record CloseRun(RunId runId) implements Command {}

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
     * The chunk is lost; the run is as it was before it unless {@code runLost}.
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

    private Scheduler() {}
}
