package io.github.tachyscope.exec;

import io.github.tachyscope.diffusion.BatchKey;
import io.github.tachyscope.diffusion.Economy;
import io.github.tachyscope.diffusion.Generation;
import io.github.tachyscope.diffusion.GenerationRequest;
import io.github.tachyscope.diffusion.Lane;
import io.github.tachyscope.diffusion.NextStep;
import io.github.tachyscope.diffusion.NextStep.StepPlan;
import io.github.tachyscope.diffusion.ParameterRejected;
import io.github.tachyscope.diffusion.ParameterSchema;
import io.github.tachyscope.diffusion.Parameters;
import io.github.tachyscope.diffusion.PipelineSpec;
import io.github.tachyscope.diffusion.StepKind;
import io.github.tachyscope.diffusion.StepResult;
import io.github.tachyscope.frame.VideoFrame;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One generation with the mail that waits for its step boundary. Touched by the executor's thread only.
 *
 * <pre>
 *   resting --begin--> stepping --commit or fail--> resting
 *   any --close--> closed, at once when resting, else at the boundary
 * </pre>
 *
 * <p>A generation with several chunks in flight steps on several lanes at once and rests when it steps on none; a drop
 * or a close that waits lets no further step begin. A preview may run beside the other steps of any generation.
 */
final class HostedRun {
    private static final Logger log = LoggerFactory.getLogger(HostedRun.class);

    /** Most notes kept between two reports; protects memory against a client that sends only nonsense. */
    private static final int MAX_NOTES = 32;

    /** What a chunk took so far. */
    private record Bill(int steps, long micros) {
        static final Bill NONE = new Bill(0, 0);

        Bill plus(long more) {
            return new Bill(steps + 1, micros + more);
        }
    }

    /** What a step made for those above. */
    record Made(Optional<Chunk> chunk, List<VideoFrame> previews) {
        static final Made NOTHING = new Made(Optional.empty(), List.of());

        void release() {
            chunk.ifPresent(made -> made.frames().forEach(VideoFrame::release));
            previews.forEach(VideoFrame::release);
        }
    }

    final RunId id;
    final String pipelineKey;
    final HostedPipeline host;
    final Generation generation;
    /** Estimate of what it takes. */
    final long sessionBytes;

    private final boolean overlapping;
    private final List<String> notes = new ArrayList<>();
    private final Map<Lane, StepPlan> stepping = new EnumMap<>(Lane.class);
    /** By chunk; no more than are in flight. */
    private final Map<Long, Bill> bills = new HashMap<>();

    private Parameters waitingPatch = Parameters.none();
    private Optional<Set<Economy>> waitingEconomies = Optional.empty();
    private boolean waitingDrop;
    private boolean waitingClose;
    private boolean closed;
    /** One preview has failed: there are no more. */
    private boolean blind;

    HostedRun(RunId id, String pipelineKey, HostedPipeline host, GenerationRequest request, Generation generation) {
        this.id = id;
        this.pipelineKey = pipelineKey;
        this.host = host;
        this.generation = generation;
        PipelineSpec spec = host.pipeline.spec();
        this.sessionBytes = spec.sessionBytes(request.size());
        this.overlapping = spec.modes().get(request.mode()).geometry().inFlight() > 1;
        host.use();
    }

    /** Begins the next step on the lane if there is one that may run now and fits; empty if not. */
    Optional<StepPlan> begin(Lane lane, Predicate<BatchKey> fits) {
        if (stepping.containsKey(lane) || leaving()) {
            return Optional.empty();
        }
        Optional<StepPlan> next = plan(generation.next(lane))
                .filter(plan -> overlapping || isPreview(plan) || alone())
                .filter(plan -> fits.test(plan.key()));
        if (next.isPresent()) {
            generation.begin(lane);
            stepping.put(lane, next.get());
        }
        return next;
    }

    /** The step that may run, if it is one. */
    private Optional<StepPlan> plan(NextStep next) {
        return next instanceof StepPlan plan && !(blind && isPreview(plan)) ? Optional.of(plan) : Optional.empty();
    }

    private static boolean isPreview(StepPlan plan) {
        return plan.key().kind() == StepKind.PREVIEW;
    }

    /** Whether nothing runs but a preview. */
    private boolean alone() {
        return stepping.values().stream().allMatch(HostedRun::isPreview);
    }

    private boolean leaving() {
        return closed || waitingDrop || waitingClose;
    }

    void patch(Parameters incoming) {
        ParameterSchema.Checked checked = host.pipeline.spec().parameters().checkRuntime(incoming);
        checked.refused().forEach(refusal -> note(refusal.message()));
        waitingPatch = waitingPatch.merge(checked.accepted());
        boundary();
    }

    void economize(Set<Economy> economies) {
        waitingEconomies = Optional.of(economies);
        boundary();
    }

    void feed(List<VideoFrame> frames) {
        if (!frames.isEmpty()) {
            generation.feed(frames);
        }
        generation.demand();
    }

    void drop() {
        waitingDrop = true;
        boundary();
    }

    void close() {
        waitingClose = true;
        boundary();
    }

    /** Ends the step on the lane with its result. */
    Made commit(Lane lane, StepResult result, long shareMicros) {
        StepPlan plan = stepping.remove(lane);
        if (plan == null || leaving()) {
            result.discard();
            boundary();
            return Made.NOTHING;
        }
        if (isPreview(plan)) {
            Made seen = new Made(Optional.empty(), List.copyOf(result.previews()));
            try {
                generation.commit(result);
            } catch (RuntimeException | Error broken) {
                seen.release();
                throw broken;
            }
            boundary();
            return seen;
        }
        Bill bill = bills.getOrDefault(plan.chunkIndex(), Bill.NONE).plus(shareMicros);
        bills.put(plan.chunkIndex(), bill);
        List<VideoFrame> frames = List.copyOf(result.frames());
        try {
            generation.commit(result);
        } catch (RuntimeException | Error broken) {
            // Nobody gets the frames. What else the result holds may be the generation's by now and ends with it.
            try {
                frames.forEach(VideoFrame::release);
            } catch (RuntimeException worse) {
                broken.addSuppressed(worse);
            }
            throw broken;
        }
        Optional<Chunk> chunk = Optional.empty();
        if (!frames.isEmpty()) {
            chunk = Optional.of(new Chunk(plan.chunkIndex(), frames, bill.steps(), bill.micros()));
            bills.remove(plan.chunkIndex());
        }
        boundary();
        return new Made(chunk, List.of());
    }

    /** Ends the step on the lane without a result; the chunks under way are given up, unless it was a preview. */
    void fail(Lane lane) {
        StepPlan plan = stepping.remove(lane);
        if (plan != null && isPreview(plan) && !leaving()) {
            blind = true;
            note("a preview failed; there will be no more");
            generation.previewFailed();
        } else {
            waitingDrop = true;
        }
        boundary();
    }

    /** Does what waited, as far as it may be done now. */
    private void boundary() {
        if (closed) {
            return;
        }
        boolean resting = stepping.isEmpty();
        if (waitingDrop && resting) {
            waitingDrop = false;
            bills.clear();
            generation.dropChunk();
        }
        if (waitingClose && resting) {
            closed = true;
            try {
                generation.close();
            } catch (RuntimeException broken) {
                log.error("{}: closing failed", id, broken);
            } finally {
                host.unuse();
            }
        } else if ((alone() || overlapping) && !leaving()) {
            waitingEconomies.ifPresent(generation::economize);
            waitingEconomies = Optional.empty();
            if (!waitingPatch.isEmpty()) {
                Parameters patch = waitingPatch;
                waitingPatch = Parameters.none();
                apply(patch);
            }
        }
    }

    private void apply(Parameters patch) {
        try {
            generation.patch(patch);
        } catch (ParameterRejected rejected) {
            note(String.valueOf(rejected.getMessage()));
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

    /** What can run now besides the steps that do; hands out the notes. */
    Executor.Standing standing() {
        List<StepPlan> plans = new ArrayList<>();
        int needed = 0;
        if (!leaving()) {
            for (Lane lane : Lane.values()) {
                NextStep next = generation.next(lane);
                if (next instanceof NextStep.NeedsInput input) {
                    needed = Math.max(needed, input.frames());
                } else if (!stepping.containsKey(lane)) {
                    plan(next).ifPresent(plans::add);
                }
            }
        }
        List<String> told = List.copyOf(notes);
        notes.clear();
        return new Executor.Standing(id, plans, needed, told);
    }
}
