package io.github.tachyscope.schedule;

import io.github.tachyscope.diffusion.Economy;
import io.github.tachyscope.diffusion.InputMode;
import io.github.tachyscope.diffusion.Lane;
import io.github.tachyscope.diffusion.NextStep.StepPlan;
import io.github.tachyscope.diffusion.Parameters;
import io.github.tachyscope.diffusion.PipelineSpec;
import io.github.tachyscope.diffusion.StepKind;
import io.github.tachyscope.exec.Chunk;
import io.github.tachyscope.exec.Executor;
import io.github.tachyscope.frame.VideoFrame;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.apache.pekko.actor.typed.ActorRef;
import org.jspecify.annotations.Nullable;

/**
 * What the scheduler knows of one run.
 *
 * <pre>
 *   opening --Opened--> idle --Produce--> asked (plans unknown) --Standing--> ready --Run--> stepping --BatchDone--> ready or idle
 *   stepping --failed--> dropping --last BatchDone--> asked or idle
 * </pre>
 *
 * <p>A run with several chunks in flight steps on several lanes at a time; its requests are answered in their order. A
 * preview may run beside any step, and is no step for anything that is counted here but its own budget and the fair share.
 */
final class ScheduledRun {
    /**
     * A possible next step.
     *
     * @param sinceMicros since when it waits
     * @param stepMicros its predicted time, 0 if unknown
     * @param chunkMicros predicted time from its start to the end of its chunk
     */
    record Ready(StepPlan plan, long sinceMicros, long stepMicros, long chunkMicros) {
        Lane lane() {
            return plan.key().kind().lane();
        }
    }

    /** A request and the time from which its time limit counts. */
    private record Asked(Scheduler.Produce produce, long sinceMicros) {}

    /**
     * A step under way.
     *
     * @param sinceMicros since when it had waited
     * @param endMicros when it should end
     */
    private record Under(StepPlan plan, long sinceMicros, long endMicros) {
        boolean preview() {
            return plan.key().kind() == StepKind.PREVIEW;
        }

        /** The lane of the step that follows, as far as its kind tells. */
        Optional<Lane> next() {
            return switch (plan.key().kind()) {
                case TEXT_ENCODE, IMAGE_ENCODE, CACHE_UPDATE -> Optional.of(Lane.DENOISE);
                case DENOISE -> Optional.of(plan.stepsLeft() == 1 ? Lane.CODEC : Lane.DENOISE);
                case DECODE, PREVIEW -> Optional.empty();
            };
        }
    }

    /** More time than any step takes, in place of sums that overflow. */
    private static final long AGES_MICROS = 3_600_000_000L;

    /** Part of a longer spare time that is believed at once; a shorter one is believed as it is. */
    private static final double TRUST = 0.125;

    final Scheduler.OpenRun request;
    final long order;
    final ActorRef<Executor.Command> executor;
    final PipelineSpec spec;
    boolean opened;
    boolean suspended;
    /** Standing reports that are on their way; plans are only good when there are none. */
    int awaited;

    /** Device time that it has had, divided by its weight. */
    double virtualMicros;

    private final int inFlight;
    /** Oldest first; those that the executor knows come before those that wait for the end of a drop. */
    private final Deque<Asked> asked = new ArrayDeque<>();

    private int unfed;
    private boolean dropping;
    private final Map<Lane, Under> stepping = new EnumMap<>(Lane.class);

    private List<Ready> plans = List.of();
    private @Nullable Ready preview;
    private final PreviewBudget previews;
    /** How long before their deadlines its last chunks were there, at the least. */
    private OptionalLong spareMicros = OptionalLong.empty();

    private final StepCosts steps = new StepCosts();
    private final RunNeeds needs;

    private long nextChunk;
    /** Earlier chunks may have begun under other economies, and say nothing about the present ones. */
    private long countedFrom;

    private Parameters pending = Parameters.none();
    private final List<String> notes = new ArrayList<>();

    /** @param previewShare time that its previews may take, as a share of that of its other steps */
    ScheduledRun(
            Scheduler.OpenRun request,
            long order,
            ActorRef<Executor.Command> executor,
            PipelineSpec spec,
            double previewShare) {
        this.request = request;
        this.order = order;
        this.executor = executor;
        this.spec = spec;
        this.needs = new RunNeeds(spec, request.request().size());
        // Previews are for jobs that somebody follows; a live session sees its frames.
        this.previews = new PreviewBudget(live() || request.steps().isEmpty() ? 0 : previewShare);
        this.inFlight = Optional.ofNullable(spec.modes().get(request.request().mode()))
                .map(defaults -> defaults.geometry().inFlight())
                .orElse(1);
    }

    /** What its chunks take of the lanes. */
    RunNeeds needs() {
        return needs;
    }

    /** Estimate of what it takes of the device. */
    long sessionBytes() {
        return spec.sessionBytes(request.request().size());
    }

    /** What its chunks do without from now on. */
    void economize(Set<Economy> economies) {
        if (!spec.economies().isEmpty()) {
            needs.economize(economies);
            countedFrom = nextChunk + asked.size();
            awaited++;
            executor.tell(new Executor.Economize(request.runId(), economies));
        }
    }

    boolean live() {
        return request.urgency() == Scheduler.Urgency.LIVE;
    }

    /** Frames that a chunk makes. */
    int framesPerChunk() {
        return framesPerChunk(spec, request.request().mode());
    }

    static int framesPerChunk(PipelineSpec spec, InputMode mode) {
        return Optional.ofNullable(spec.modes().get(mode))
                .map(defaults -> defaults.geometry().framesOut())
                .orElse(1);
    }

    boolean producing() {
        return !asked.isEmpty();
    }

    /** Whether as many chunks are asked for as may be under way. */
    boolean full() {
        return asked.size() >= inFlight;
    }

    void ask(Scheduler.Produce produce, long nowMicros) {
        asked.addLast(new Asked(produce, nowMicros));
        unfed++;
    }

    /** Sends demand and input on; waits while steps of chunks that were given up are under way. */
    void feed() {
        if (dropping) {
            return;
        }
        List<Asked> waiting = List.copyOf(asked).subList(asked.size() - unfed, asked.size());
        unfed = 0;
        for (Asked next : waiting) {
            flush();
            awaited++;
            executor.tell(new Executor.Feed(request.runId(), next.produce().input()));
        }
    }

    /** Whether somebody waits for a chunk that the executor knows of. */
    boolean awaitsChunk() {
        return asked.size() > unfed;
    }

    /** How long ago the chunk to come next was asked for. */
    long waitedMicros(long nowMicros) {
        return asked.isEmpty() ? 0 : nowMicros - asked.getFirst().sinceMicros();
    }

    String urgencyName() {
        return request.urgency().name().toLowerCase(Locale.ROOT);
    }

    /** Answers the oldest request with its chunk. */
    void answer(Scheduler.ChunkReady ready) {
        asked.removeFirst().produce().replyTo().tell(ready);
    }

    /** Answers all requests: their chunks are lost. */
    void answerAll(Scheduler.ChunkFailed failed) {
        while (!asked.isEmpty()) {
            Scheduler.Produce produce = asked.removeFirst().produce();
            if (asked.size() < unfed) {
                unfed--;
                produce.input().forEach(VideoFrame::release);
            }
            produce.replyTo().tell(failed);
        }
    }

    void merge(Parameters patch) {
        pending = pending.merge(patch);
    }

    /** Sends what is pending, unless the generation could not take it now: then it waits for the boundary. */
    void flush() {
        if (!pending.isEmpty() && opened && awaited == 0 && (inFlight > 1 || !underWay())) {
            Parameters patch = pending;
            pending = Parameters.none();
            awaited++;
            executor.tell(new Executor.Patch(request.runId(), patch));
        }
    }

    void stands(Executor.Standing standing, long nowMicros, CostModel costs) {
        List<Ready> now = new ArrayList<>(standing.plans().size());
        preview = null;
        for (StepPlan plan : standing.plans()) {
            long alone = costs.predictMicros(plan.key(), 1);
            if (plan.key().kind() == StepKind.PREVIEW) {
                long expected = previews.expectedMicros(plan, alone);
                preview = new Ready(plan, nowMicros, expected, expected);
            } else {
                long rest = steps.remainingMicros(plan.stepIndex(), plan.stepsLeft(), alone);
                now.add(new Ready(plan, since(plan, nowMicros), alone, rest));
            }
        }
        plans = now;
        for (String note : standing.notes()) {
            // As many as one report brings; more are of no use to the client.
            if (notes.size() < 64) {
                notes.add(note);
            }
        }
    }

    List<String> takeNotes() {
        List<String> taken = List.copyOf(notes);
        notes.clear();
        return taken;
    }

    void resume(long nowMicros) {
        suspended = false;
        plans = plans.stream()
                .map(each -> new Ready(each.plan(), nowMicros, each.stepMicros(), each.chunkMicros()))
                .toList();
        List<Asked> waited = List.copyOf(asked);
        asked.clear();
        waited.forEach(each -> asked.addLast(new Asked(each.produce(), nowMicros)));
    }

    /** Whether a request was made before {@code oldestMicros} and is still open. */
    boolean overdue(long oldestMicros) {
        return !suspended && !asked.isEmpty() && asked.getFirst().sinceMicros() < oldestMicros;
    }

    boolean starved() {
        return awaitsChunk() && stepping.isEmpty() && awaited == 0 && plans.isEmpty();
    }

    /** The step to run next on the lanes of a slot, of the oldest chunk; null if there is none. */
    @Nullable
    Ready ready(int slot, int slots) {
        if (plans.isEmpty() || !mayStep()) {
            return null;
        }
        if (inFlight == 1 && underWay()) {
            return null;
        }
        Ready first = null;
        for (Ready each : plans) {
            boolean may = Executor.slotOf(each.lane(), slots) == slot && !stepping.containsKey(each.lane());
            if (may && (first == null || earlier(each.plan(), first.plan()))) {
                first = each;
            }
        }
        return first;
    }

    /** Whether a step runs that is no preview. */
    private boolean underWay() {
        return stepping.values().stream().anyMatch(under -> !under.preview());
    }

    private boolean mayStep() {
        return !suspended && !dropping && awaited == 0 && awaitsChunk();
    }

    /** The preview that could run on a lane of the slot and that the run can afford; null if there is none. */
    @Nullable
    Ready preview(int slot, int slots) {
        Ready next = preview;
        boolean may = next != null
                && Executor.slotOf(next.lane(), slots) == slot
                && !stepping.containsKey(next.lane())
                && mayStep()
                && previews.affords(next.stepMicros());
        return may ? next : null;
    }

    /**
     * For how long others may hold up a live run without a miss of its next deadline; negative if that is missed anyway, 0
     * if nothing is known yet.
     */
    long spareMicros(long nowMicros) {
        if (!live() || suspended) {
            return AGES_MICROS;
        }
        if (!awaitsChunk()) {
            // It may ask at any moment, and then needs as much time as the last times.
            return spareMicros.orElse(0);
        }
        long spare = AGES_MICROS;
        boolean oldest = false;
        for (Ready each : plans) {
            long left = deadlineMicros(each.plan().chunkIndex()) - nowMicros - each.chunkMicros();
            spare = Math.min(spare, each.stepMicros() == 0 ? Math.min(0, left) : left);
            oldest |= each.plan().chunkIndex() == nextChunk;
        }
        if (!oldest) {
            // A step of it is under way; how much of it is left is not known here.
            Need need = needs.present();
            long left = asked.getFirst().produce().deadlineMicros() - nowMicros - need.micros();
            spare = Math.min(spare, need.known() ? left : Math.min(0, left));
        }
        return spare;
    }

    private static boolean earlier(StepPlan one, StepPlan other) {
        return one.chunkIndex() == other.chunkIndex()
                ? one.stepIndex() < other.stepIndex()
                : one.chunkIndex() < other.chunkIndex();
    }

    private long since(StepPlan plan, long fallback) {
        for (Ready each : plans) {
            if (each.plan().equals(plan)) {
                return each.sinceMicros();
            }
        }
        return fallback;
    }

    /** When the chunk was asked for. */
    long askedMicros(long chunkIndex) {
        Asked request = request(chunkIndex);
        return request == null ? Long.MAX_VALUE : request.sinceMicros();
    }

    private @Nullable Asked request(long chunkIndex) {
        long skipped = Math.max(0, chunkIndex - nextChunk);
        for (Asked each : asked) {
            if (skipped-- == 0) {
                return each;
            }
        }
        return null;
    }

    /** When the chunk should be there. */
    long deadlineMicros(long chunkIndex) {
        Asked request = request(chunkIndex);
        return request == null ? Long.MAX_VALUE : request.produce().deadlineMicros();
    }

    void begin(Ready ready, long nowMicros) {
        stepping.put(ready.lane(), new Under(ready.plan(), ready.sinceMicros(), nowMicros + ready.stepMicros()));
    }

    /** When a step that runs on another slot should end after which one waits for that slot; empty if there is none. */
    OptionalLong arrival(int slot, int slots) {
        return suspended || dropping || stepping.isEmpty()
                ? OptionalLong.empty()
                : stepping.entrySet().stream()
                        .filter(under -> Executor.slotOf(under.getKey(), slots) != slot)
                        .filter(under -> under.getValue()
                                .next()
                                .filter(lane -> Executor.slotOf(lane, slots) == slot)
                                .isPresent())
                        .mapToLong(under -> under.getValue().endMicros())
                        .min();
    }

    /** A step has run; its share of the batch's time. */
    void ran(StepPlan plan, long shareMicros) {
        virtualMicros += shareMicros / request.weight();
        previews.ran(plan, shareMicros);
        if (plan.key().kind() == StepKind.PREVIEW) {
            return;
        }
        steps.record(plan.stepIndex(), shareMicros);
        if (plan.chunkIndex() >= countedFrom) {
            needs.present().ran(plan.key().kind().lane(), shareMicros);
        }
    }

    /** Ends the step under way on the lane; the time since when it had waited. */
    OptionalLong end(Lane lane) {
        Under ended = stepping.remove(lane);
        return ended == null ? OptionalLong.empty() : OptionalLong.of(ended.sinceMicros());
    }

    void finished(Chunk chunk, long nowMicros) {
        long left = Math.min(AGES_MICROS, deadlineMicros(chunk.index()) - nowMicros);
        long before = spareMicros.orElse(left);
        spareMicros = OptionalLong.of(Math.min(left, before + (long) (TRUST * (left - before))));
        nextChunk = chunk.index() + 1;
        if (chunk.index() >= countedFrom) {
            needs.present().finished();
        }
    }

    /** The chunks under way are given up; what is asked for next waits until their steps have ended. */
    void drop() {
        dropping = !stepping.isEmpty();
        needs.present().dropped();
    }

    boolean dropping() {
        return dropping;
    }

    /** Ends the drop if no step is under way any more. */
    void settleDrop() {
        if (dropping && stepping.isEmpty()) {
            dropping = false;
            feed();
        }
    }
}
