package io.github.tachyscope.schedule;

import io.github.tachyscope.diffusion.Lane;
import io.github.tachyscope.diffusion.NextStep.StepPlan;
import io.github.tachyscope.diffusion.Parameters;
import io.github.tachyscope.diffusion.PipelineSpec;
import io.github.tachyscope.exec.Chunk;
import io.github.tachyscope.exec.Executor;
import io.github.tachyscope.frame.VideoFrame;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Predicate;
import org.apache.pekko.actor.typed.ActorRef;

/**
 * What the scheduler knows of one run.
 *
 * <pre>
 *   opening --Opened--> idle --Produce--> asked (plans unknown) --Standing--> ready --Run--> stepping --BatchDone--> ready or idle
 *   stepping --failed--> dropping --last BatchDone--> asked or idle
 * </pre>
 *
 * <p>A run with several chunks in flight steps on several lanes at a time; its requests are answered in their order.
 */
final class ScheduledRun {
    /** A request and the time from which its time limit counts. */
    private record Asked(Scheduler.Produce produce, long sinceMicros) {}

    final Scheduler.OpenRun request;
    final long order;
    final ActorRef<Executor.Command> executor;
    final PipelineSpec spec;
    boolean opened;
    boolean suspended;
    /** Standing reports that are on their way; plans are only good when there are none. */
    int awaited;

    long servedMicros;
    private final int inFlight;
    /** Oldest first; those that the executor knows come before those that wait for the end of a drop. */
    private final Deque<Asked> asked = new ArrayDeque<>();

    private int unfed;
    private boolean dropping;
    /** Lanes with a step under way, each with the time since when that step had waited. */
    private final Map<Lane, Long> stepping = new EnumMap<>(Lane.class);
    /** Its possible next steps, each with the time since when it waits. */
    private Map<StepPlan, Long> plans = Map.of();

    private long nextChunk;
    private Parameters pending = Parameters.none();
    private final List<String> notes = new ArrayList<>();

    ScheduledRun(Scheduler.OpenRun request, long order, ActorRef<Executor.Command> executor, PipelineSpec spec) {
        this.request = request;
        this.order = order;
        this.executor = executor;
        this.spec = spec;
        this.inFlight = Optional.ofNullable(spec.modes().get(request.request().mode()))
                .map(defaults -> defaults.geometry().inFlight())
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
        if (!pending.isEmpty() && opened && awaited == 0 && (inFlight > 1 || stepping.isEmpty())) {
            Parameters patch = pending;
            pending = Parameters.none();
            awaited++;
            executor.tell(new Executor.Patch(request.runId(), patch));
        }
    }

    void stands(Executor.Standing standing, long nowMicros) {
        Map<StepPlan, Long> now = new HashMap<>();
        standing.plans().forEach(plan -> now.put(plan, plans.getOrDefault(plan, nowMicros)));
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
        Map<StepPlan, Long> now = new HashMap<>();
        plans.keySet().forEach(plan -> now.put(plan, nowMicros));
        plans = now;
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

    /** The step to run next among those that may run now on the lanes, of the oldest chunk; empty if there is none. */
    Optional<StepPlan> ready(Predicate<Lane> lanes) {
        boolean may = awaitsChunk() && !suspended && !dropping && awaited == 0;
        if (!may || inFlight == 1 && !stepping.isEmpty()) {
            return Optional.empty();
        }
        return plans.keySet().stream()
                .filter(plan -> lanes.test(plan.key().kind().lane()))
                .filter(plan -> !stepping.containsKey(plan.key().kind().lane()))
                .min(Comparator.comparingLong(StepPlan::chunkIndex).thenComparingInt(StepPlan::stepIndex));
    }

    /** Since when the step waits. */
    long readyMicros(StepPlan plan) {
        return plans.getOrDefault(plan, 0L);
    }

    /** When the chunk should be there. */
    long deadlineMicros(long chunkIndex) {
        return asked.stream()
                .skip(Math.max(0, chunkIndex - nextChunk))
                .findFirst()
                .map(each -> each.produce().deadlineMicros())
                .orElse(Long.MAX_VALUE);
    }

    void begin(StepPlan plan) {
        stepping.put(plan.key().kind().lane(), readyMicros(plan));
    }

    /** Ends the step under way on the lane; the time since when it had waited. */
    OptionalLong end(Lane lane) {
        Long since = stepping.remove(lane);
        return since == null ? OptionalLong.empty() : OptionalLong.of(since);
    }

    void finished(Chunk chunk) {
        nextChunk = chunk.index() + 1;
    }

    /** The chunks under way are given up; what is asked for next waits until their steps have ended. */
    void drop() {
        dropping = !stepping.isEmpty();
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
