package io.github.tachyscope.schedule;

import io.github.tachyscope.diffusion.Lane;
import io.github.tachyscope.diffusion.NextStep.StepPlan;
import io.github.tachyscope.diffusion.PipelineSpec;
import io.github.tachyscope.exec.Device;
import io.github.tachyscope.exec.Executor;
import io.github.tachyscope.exec.RunId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.pekko.actor.typed.ActorRef;

/** What the scheduler knows of one device: what is loaded on it and which of its threads are free. */
final class ScheduledDevice {
    final ActorRef<Executor.Command> executor;
    final Device device;
    final Map<String, PipelineSpec> pipelines;
    boolean healthy = true;
    private String trouble = "";
    private final boolean[] busy;

    ScheduledDevice(Executor.Attached attached) {
        this.executor = attached.executor();
        this.device = attached.device();
        this.busy = new boolean[attached.slots()];
        this.pipelines = new LinkedHashMap<>(attached.pipelines());
    }

    /** It takes no runs; {@code why} is fit for the client. */
    void fails(String why) {
        healthy = false;
        trouble = why;
    }

    void recovers() {
        healthy = true;
        freeAll();
    }

    /** Why it takes no runs; empty if it does. */
    Optional<String> trouble() {
        return healthy ? Optional.empty() : Optional.of(trouble);
    }

    void free(Lane lane) {
        busy[slotOf(lane)] = false;
    }

    private void freeAll() {
        Arrays.fill(busy, false);
    }

    private int slotOf(Lane lane) {
        return Executor.slotOf(lane, busy.length);
    }

    /** Gives each free thread its next batch, if any of the runs is ready for it. */
    void dispatch(long nowMicros, Map<RunId, ScheduledRun> runs, int maxBatch, CostModel costs) {
        for (int slot = 0; healthy && slot < busy.length; slot++) {
            if (!busy[slot]) {
                List<StepPolicy.Candidate> batch = StepPolicy.choose(
                        nowMicros, waiting(slot, runs.values(), costs), maxBatch, costs::predictMicros);
                if (!batch.isEmpty()) {
                    busy[slot] = true;
                    Lane lane = batch.get(0).key().kind().lane();
                    List<RunId> ids =
                            batch.stream().map(StepPolicy.Candidate::runId).toList();
                    for (RunId id : ids) {
                        ScheduledRun run = runs.get(id);
                        run.ready(lane::equals).ifPresent(run::begin);
                    }
                    executor.tell(new Executor.Run(lane, ids));
                }
            }
        }
    }

    private List<StepPolicy.Candidate> waiting(int slot, Iterable<ScheduledRun> runs, CostModel costs) {
        List<StepPolicy.Candidate> waiting = new ArrayList<>();
        for (ScheduledRun run : runs) {
            if (run.executor.equals(executor)) {
                run.ready(lane -> slotOf(lane) == slot).ifPresent(plan -> waiting.add(candidate(run, plan, costs)));
            }
        }
        return waiting;
    }

    private static StepPolicy.Candidate candidate(ScheduledRun run, StepPlan plan, CostModel costs) {
        long step = costs.predictMicros(plan.key(), 1);
        return new StepPolicy.Candidate(
                run.request.runId(),
                run.order,
                run.request.urgency(),
                run.request.pipelineKey(),
                plan.key(),
                run.spec.maxBatch(),
                run.deadlineMicros(plan.chunkIndex()),
                run.readyMicros(plan),
                step * (1 + plan.stepsLeft()),
                run.servedMicros);
    }

    /** The step of one run in a batch that has ended, for the timeline. */
    StepSpan span(ScheduledRun run, StepPlan plan, long readyMicros, int batchSize, Executor.BatchDone done) {
        long end = done.startMicros() + done.runMicros();
        return new StepSpan(
                0,
                run.request.owner(),
                run.request.runId(),
                run.spec.id(),
                plan.key().kind(),
                done.lane(),
                device.name(),
                batchSize,
                plan.chunkIndex(),
                plan.stepIndex(),
                Math.max(0, done.startMicros() - readyMicros),
                done.startMicros(),
                done.runMicros(),
                end <= run.deadlineMicros(plan.chunkIndex()));
    }
}
