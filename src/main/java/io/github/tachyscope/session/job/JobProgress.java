package io.github.tachyscope.session.job;

import io.github.tachyscope.diffusion.ChunkGeometry;
import io.github.tachyscope.schedule.Scheduler.StepDone;
import io.github.tachyscope.store.Job;
import java.util.Map;
import java.util.TreeMap;

/**
 * How far the plans of a job are. What plans will take that have not begun is guessed from those that have, by their
 * frames. A plan that begins anew counts anew.
 */
final class JobProgress {
    private final JobWork work;
    private final Map<Integer, PlanCount> plans = new TreeMap<>();
    private int plan;

    /** Of one plan. */
    private static final class PlanCount {
        final StepCount steps;
        final long chunks;
        int chunksDone;

        PlanCount(StepCount steps, long chunks) {
            this.steps = steps;
            this.chunks = chunks;
        }
    }

    JobProgress(JobWork work) {
        this.work = work;
    }

    /**
     * The run of a plan is open.
     *
     * @param chunks of the job
     * @param pipeline whose chunks may be smaller
     */
    void begin(int begun, long chunks, ChunkGeometry pipeline) {
        plan = begun;
        long pipelineChunks = pipeline.chunks(work.plans().get(begun).frames());
        plans.put(begun, new PlanCount(new StepCount(pipelineChunks), chunks));
    }

    void add(StepDone step) {
        current().steps.add(step);
    }

    /** Another chunk of the plan is there. */
    void chunkMade() {
        current().chunksDone++;
    }

    /** Chunks of the plan under way. */
    long chunks() {
        return current().chunks;
    }

    private PlanCount current() {
        return plans.get(plan);
    }

    int stepsDone() {
        return plans.values().stream().mapToInt(each -> each.steps.done()).sum();
    }

    /** 0 as long as nobody knows it; never below what is done. */
    int stepsTotal() {
        long known =
                plans.values().stream().mapToLong(each -> each.steps.total()).sum();
        boolean unknown = plans.values().stream().anyMatch(each -> each.steps.total() == 0);
        return unknown ? 0 : scaled(known);
    }

    Job.Progress progress() {
        int chunksDone =
                plans.values().stream().mapToInt(each -> each.chunksDone).sum();
        long chunks = plans.values().stream().mapToLong(each -> each.chunks).sum();
        return new Job.Progress(stepsDone(), stepsTotal(), chunksDone, scaled(chunks));
    }

    /** From the plans that have begun to all. */
    private int scaled(long known) {
        long begun = plans.keySet().stream()
                .mapToLong(each -> work.plans().get(each).frames())
                .sum();
        double all = begun == 0 ? 0 : (double) known * work.frames() / begun;
        return (int) Math.min(Integer.MAX_VALUE, Math.round(all));
    }

    /** Seconds by stage, as {@link StepCount#seconds}. */
    Map<String, Double> seconds() {
        Map<String, Double> seconds = new TreeMap<>();
        plans.values()
                .forEach(
                        each -> each.steps.seconds().forEach((stage, took) -> seconds.merge(stage, took, Double::sum)));
        return seconds;
    }
}
