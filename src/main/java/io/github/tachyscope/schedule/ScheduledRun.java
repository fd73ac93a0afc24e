package io.github.tachyscope.schedule;

import io.github.tachyscope.diffusion.Lane;
import io.github.tachyscope.diffusion.NextStep.StepPlan;
import io.github.tachyscope.diffusion.Parameters;
import io.github.tachyscope.diffusion.PipelineSpec;
import io.github.tachyscope.exec.Executor;
import io.github.tachyscope.frame.VideoFrame;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.pekko.actor.typed.ActorRef;
import org.jspecify.annotations.Nullable;

/**
 * What the scheduler knows of one run.
 *
 * <pre>
 *   opening --Opened--> idle --Produce--> asked (plans unknown) --Standing--> ready --Run--> stepping --BatchDone--> ready or idle
 * </pre>
 */
final class ScheduledRun {
    final Scheduler.OpenRun request;
    final long order;
    final ActorRef<Executor.Command> executor;
    final PipelineSpec spec;
    boolean opened;
    boolean suspended;
    boolean stepping;
    /** Standing reports that are on their way; plans are only good when there are none. */
    int awaited;

    long servedMicros;
    long readyMicros;
    long producedMicros;
    private Scheduler.@Nullable Produce produce;
    private boolean feedWaits;
    private List<StepPlan> plans = List.of();
    private Parameters pending = Parameters.none();
    private final List<String> notes = new ArrayList<>();

    ScheduledRun(Scheduler.OpenRun request, long order, ActorRef<Executor.Command> executor, PipelineSpec spec) {
        this.request = request;
        this.order = order;
        this.executor = executor;
        this.spec = spec;
    }

    Optional<Scheduler.Produce> produce() {
        return Optional.ofNullable(produce);
    }

    void ask(Scheduler.Produce asked, long nowMicros) {
        produce = asked;
        producedMicros = nowMicros;
    }

    /** Sends the demand and the input on; waits while a step of a chunk that was given up is under way. */
    void feed() {
        feedWaits = stepping;
        if (produce != null && !stepping) {
            flush();
            awaited++;
            executor.tell(new Executor.Feed(request.runId(), produce.input()));
        }
    }

    boolean feedWaits() {
        return feedWaits;
    }

    void answer(Scheduler.ChunkReply reply) {
        Scheduler.Produce asked = produce;
        produce = null;
        if (asked != null && feedWaits) {
            feedWaits = false;
            asked.input().forEach(VideoFrame::release);
        }
        if (asked != null) {
            asked.replyTo().tell(reply);
        }
    }

    void merge(Parameters patch) {
        pending = pending.merge(patch);
    }

    /** Sends what is pending, unless a step is under way: then it waits for the boundary. */
    void flush() {
        if (!pending.isEmpty() && opened && !stepping && awaited == 0) {
            Parameters patch = pending;
            pending = Parameters.none();
            awaited++;
            executor.tell(new Executor.Patch(request.runId(), patch));
        }
    }

    void stands(Executor.Standing standing, long nowMicros) {
        plans = standing.plans();
        readyMicros = nowMicros;
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

    boolean starved() {
        return produce != null && !feedWaits && !stepping && awaited == 0 && plans.isEmpty();
    }

    /** Whether one of its plans may run now. */
    boolean ready() {
        return produce != null && !suspended && !stepping && awaited == 0;
    }

    List<StepPlan> plans() {
        return plans;
    }

    Optional<StepPlan> planOn(Lane lane) {
        return plans.stream().filter(plan -> plan.key().kind().lane() == lane).findFirst();
    }
}
