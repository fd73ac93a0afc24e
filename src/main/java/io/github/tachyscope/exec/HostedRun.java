package io.github.tachyscope.exec;

import io.github.tachyscope.diffusion.Generation;
import io.github.tachyscope.diffusion.Lane;
import io.github.tachyscope.diffusion.NextStep;
import io.github.tachyscope.diffusion.ParameterRejected;
import io.github.tachyscope.diffusion.ParameterSchema;
import io.github.tachyscope.diffusion.Parameters;
import io.github.tachyscope.diffusion.StepResult;
import io.github.tachyscope.frame.VideoFrame;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One generation with the mail that waits for its step boundary. Touched by the executor's thread only.
 *
 * <pre>
 *   resting --begin--> stepping --commit or fail--> resting
 *   any --close--> closed, at once when resting, else at the boundary
 * </pre>
 */
final class HostedRun {
    private static final Logger log = LoggerFactory.getLogger(HostedRun.class);

    /** Most notes kept between two reports; protects memory against a client that sends only nonsense. */
    private static final int MAX_NOTES = 32;

    final RunId id;
    final String pipelineKey;
    final HostedPipeline host;
    final Generation generation;
    private final List<String> notes = new ArrayList<>();
    private Parameters waitingPatch = Parameters.none();
    private boolean waitingDrop;
    private boolean waitingClose;
    private boolean stepping;
    private boolean closed;
    private int steps;
    private long chunkMicros;
    private long chunkIndex;

    HostedRun(RunId id, String pipelineKey, HostedPipeline host, Generation generation) {
        this.id = id;
        this.pipelineKey = pipelineKey;
        this.host = host;
        this.generation = generation;
        host.use();
    }

    boolean canStep(Lane lane) {
        if (stepping || closed || !(generation.next(lane) instanceof NextStep.StepPlan plan)) {
            return false;
        }
        chunkIndex = plan.chunkIndex();
        return true;
    }

    void begin() {
        stepping = true;
    }

    void patch(Parameters incoming) {
        ParameterSchema.Checked checked = host.pipeline.spec().parameters().checkRuntime(incoming);
        checked.refused().forEach(refusal -> note(refusal.message()));
        waitingPatch = waitingPatch.merge(checked.accepted());
        if (!stepping) {
            boundary();
        }
    }

    void feed(List<VideoFrame> frames) {
        if (!frames.isEmpty()) {
            generation.feed(frames);
        }
        generation.demand();
    }

    void drop() {
        waitingDrop = true;
        if (!stepping) {
            boundary();
        }
    }

    void close() {
        waitingClose = true;
        if (!stepping) {
            boundary();
        }
    }

    /** Ends the step under way with its result; a finished chunk if it was the last one. */
    Optional<Chunk> commit(StepResult result, long shareMicros) {
        stepping = false;
        if (waitingClose || waitingDrop) {
            result.discard();
            boundary();
            return Optional.empty();
        }
        steps++;
        chunkMicros += shareMicros;
        List<VideoFrame> frames = List.copyOf(result.frames());
        generation.commit(result);
        Optional<Chunk> chunk = Optional.empty();
        if (!frames.isEmpty()) {
            chunk = Optional.of(new Chunk(chunkIndex, frames, steps, chunkMicros));
            steps = 0;
            chunkMicros = 0;
        }
        boundary();
        return chunk;
    }

    /** Ends the step under way without a result; the chunk is given up. */
    void fail() {
        stepping = false;
        waitingDrop = true;
        boundary();
    }

    private void boundary() {
        if (closed) {
            return;
        }
        if (waitingDrop) {
            waitingDrop = false;
            steps = 0;
            chunkMicros = 0;
            generation.dropChunk();
        }
        if (waitingClose) {
            closed = true;
            try {
                generation.close();
            } catch (RuntimeException broken) {
                log.error("{}: closing failed", id, broken);
            }
            host.unuse();
        } else if (!waitingPatch.isEmpty()) {
            Parameters patch = waitingPatch;
            waitingPatch = Parameters.none();
            apply(patch);
        }
    }

    private void apply(Parameters patch) {
        try {
            generation.patch(patch);
        } catch (ParameterRejected rejected) {
            note(rejected.getMessage());
            Parameters rest = patch.without(rejected.parameter());
            if (rest.values().size() < patch.values().size() && !rest.isEmpty()) {
                apply(rest);
            }
        } catch (RuntimeException broken) {
            log.error("{}: parameters could not be applied", id, broken);
            note("the parameters could not be applied");
        }
    }

    private void note(String text) {
        if (notes.size() < MAX_NOTES) {
            notes.add(text);
        }
    }

    /** What can run now; hands out the notes. */
    Executor.Standing standing() {
        List<NextStep.StepPlan> plans = new ArrayList<>();
        int needed = 0;
        if (!closed) {
            for (Lane lane : Lane.values()) {
                NextStep next = generation.next(lane);
                if (next instanceof NextStep.StepPlan plan) {
                    plans.add(plan);
                } else if (next instanceof NextStep.NeedsInput input) {
                    needed = Math.max(needed, input.frames());
                }
            }
        }
        List<String> told = List.copyOf(notes);
        notes.clear();
        return new Executor.Standing(id, plans, needed, told);
    }
}
