package io.github.tachyscope.schedule;

import io.github.tachyscope.config.LoadSettings;
import io.github.tachyscope.diffusion.Lane;
import io.github.tachyscope.diffusion.NextStep.StepPlan;
import io.github.tachyscope.diffusion.PipelineSpec;
import io.github.tachyscope.diffusion.StepKind;
import io.github.tachyscope.exec.Device;
import io.github.tachyscope.exec.Executor;
import io.github.tachyscope.exec.RunId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.apache.pekko.actor.typed.ActorRef;

/** What the scheduler knows of one device: what is loaded on it and which of its threads are free. */
final class ScheduledDevice {
    final ActorRef<Executor.Command> executor;
    final Device device;
    final Map<String, PipelineSpec> pipelines;
    final Pressure pressure;
    boolean healthy = true;
    private String trouble = "";
    private final boolean[] busy;
    private final BatchCredit[] credits;

    /** The policy with what does not change from decision to decision. */
    @FunctionalInterface
    interface Decision {
        List<StepPolicy.Candidate> choose(
                long nowMicros,
                List<StepPolicy.Candidate> waiting,
                long batchCreditMicros,
                List<StepPolicy.Arrival> arrivals);
    }

    ScheduledDevice(Executor.Attached attached, LoadSettings load) {
        this.executor = attached.executor();
        this.device = attached.device();
        this.pressure = new Pressure(load);
        this.busy = new boolean[attached.slots()];
        this.credits = Stream.generate(BatchCredit::new).limit(busy.length).toArray(BatchCredit[]::new);
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

    int slots() {
        return busy.length;
    }

    int slotOf(Lane lane) {
        return Executor.slotOf(lane, busy.length);
    }

    /** Gives each free thread its next batch, if any of the runs is ready for it. */
    void dispatch(long nowMicros, Map<RunId, ScheduledRun> runs, Decision decision) {
        for (int slot = 0; healthy && slot < busy.length; slot++) {
            if (!busy[slot]) {
                List<StepPolicy.Candidate> waiting = waiting(slot, nowMicros, runs.values());
                if (!waiting.isEmpty()) {
                    List<StepPolicy.Candidate> chosen = decision.choose(
                            nowMicros,
                            waiting,
                            credits[slot].micros(),
                            // Where a live step waits, no thread is kept free for another one.
                            waiting.stream().anyMatch(StepPolicy.Candidate::live)
                                    ? List.of()
                                    : arrivals(slot, nowMicros, runs.values()));
                    if (!chosen.isEmpty()) {
                        begin(slot, nowMicros, runs, chosen);
                    }
                }
            }
        }
    }

    private void begin(int slot, long nowMicros, Map<RunId, ScheduledRun> runs, List<StepPolicy.Candidate> batch) {
        List<RunId> ids = new ArrayList<>(batch.size());
        for (StepPolicy.Candidate member : batch) {
            ScheduledRun run = runs.get(member.runId());
            ScheduledRun.Ready ready = member.key().kind() == StepKind.PREVIEW
                    ? run.preview(slot, busy.length)
                    : run.ready(slot, busy.length);
            if (ready != null) {
                run.begin(ready, nowMicros);
                ids.add(member.runId());
            }
        }
        busy[slot] = true;
        executor.tell(new Executor.Run(batch.get(0).key().kind().lane(), ids));
    }

    private List<StepPolicy.Candidate> waiting(int slot, long nowMicros, Iterable<ScheduledRun> runs) {
        List<StepPolicy.Candidate> waiting = new ArrayList<>();
        OptionalLong patience = OptionalLong.empty();
        for (ScheduledRun run : runs) {
            if (run.executor != executor) {
                continue;
            }
            // A run whose turn it is shows what it has before it goes on.
            ScheduledRun.Ready preview = run.preview(slot, busy.length);
            if (preview != null && patience.isEmpty()) {
                patience = OptionalLong.of(patience(slot, nowMicros, runs));
            }
            ScheduledRun.Ready ready = preview != null && preview.stepMicros() <= patience.getAsLong()
                    ? preview
                    : run.ready(slot, busy.length);
            if (ready != null) {
                waiting.add(candidate(run, ready));
            }
        }
        return waiting;
    }

    private List<StepPolicy.Arrival> arrivals(int slot, long nowMicros, Iterable<ScheduledRun> runs) {
        List<StepPolicy.Arrival> arrivals = new ArrayList<>();
        for (ScheduledRun run : runs) {
            if (run.executor == executor && run.live()) {
                run.arrival(slot, busy.length)
                        .ifPresent(at -> arrivals.add(new StepPolicy.Arrival(at, run.spareMicros(nowMicros))));
            }
        }
        return arrivals;
    }

    /** How long previews may hold up the live runs; not at all while one of them has a step for the slot. */
    private long patience(int slot, long nowMicros, Iterable<ScheduledRun> runs) {
        long patience = Long.MAX_VALUE;
        for (ScheduledRun run : runs) {
            if (run.executor == executor && run.live()) {
                boolean waits = run.ready(slot, busy.length) != null;
                patience = Math.min(patience, waits ? -1 : run.spareMicros(nowMicros));
            }
        }
        return patience;
    }

    private static StepPolicy.Candidate candidate(ScheduledRun run, ScheduledRun.Ready ready) {
        StepPlan plan = ready.plan();
        return new StepPolicy.Candidate(
                run.request.runId(),
                run.order,
                run.request.urgency(),
                run.request.pipelineKey(),
                plan.key(),
                run.spec.maxBatch(),
                plan.stepIndex(),
                run.askedMicros(plan.chunkIndex()),
                run.deadlineMicros(plan.chunkIndex()),
                ready.sinceMicros(),
                ready.stepMicros(),
                ready.chunkMicros(),
                run.virtualMicros);
    }

    /** Settles what live runs owe to batch runs, after a batch on the lane. */
    void ran(Lane lane, boolean live, long runMicros, Map<RunId, ScheduledRun> runs) {
        int slot = slotOf(lane);
        boolean wait = false;
        for (ScheduledRun run : runs.values()) {
            wait |= run.executor == executor
                    && run.request.urgency() == Scheduler.Urgency.BATCH
                    && run.ready(slot, busy.length) != null;
        }
        credits[slot].ran(live, wait, runMicros);
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
