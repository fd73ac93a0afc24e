package io.github.tachyscope.session.job;

import io.github.tachyscope.frame.MediaClock;
import io.github.tachyscope.schedule.Scheduler.StepDone;
import io.github.tachyscope.store.Job;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * How far the plans of a job are. What plans will take that have not begun is guessed from those that have, by their
 * frames. A plan that begins anew counts anew.
 */
final class JobProgress {
    private final JobWork work;
    private final MediaClock clock;
    private final Map<Integer, PlanCount> plans = new TreeMap<>();
    private int plan;
    private long lastChunkMicros;

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

    JobProgress(JobWork work, MediaClock clock) {
        this.work = work;
        this.clock = clock;
    }

    /** The run of a plan is open. */
    JobNews opened(int begun, JobRun.Opened opened) {
        plan = begun;
        JobPlan of = work.plans().get(begun);
        long pipelineChunks = opened.spec().modes().get(of.mode()).geometry().chunks(of.frames());
        plans.put(begun, new PlanCount(new StepCount(pipelineChunks), opened.total()));
        lastChunkMicros = clock.micros();
        return new JobNews.Started(begun, opened.total());
    }

    /** A step of the plan under way has run. */
    JobNews stepped(StepDone step) {
        current().steps.add(step);
        return new JobNews.Stepped(plan, step.plan().key().kind(), stepsDone(), stepsTotal());
    }

    /** Another chunk of the plan under way is in its files. */
    JobNews wrote(JobOutput.Taken taken) {
        current().chunksDone++;
        double seconds = (clock.micros() - lastChunkMicros) / 1e6;
        lastChunkMicros = clock.micros();
        return new JobNews.ChunkMade(
                plan, taken.chunk(), current().chunks, taken.frames(), seconds, Optional.of(taken.previewJpeg()));
    }

    private PlanCount current() {
        return plans.get(plan);
    }

    int stepsDone() {
        return plans.values().stream().mapToInt(each -> each.steps.done()).sum();
    }

    /** 0 as long as nobody knows it; never below what is done. */
    int stepsTotal() {
        long known = 0;
        long frames = 0;
        for (Map.Entry<Integer, PlanCount> each : plans.entrySet()) {
            StepCount steps = each.getValue().steps;
            // What a plan took in the end is better than what was thought.
            int total = each.getKey() < plan ? steps.done() : steps.total();
            if (total > 0) {
                known += total;
                frames += work.plans().get(each.getKey()).frames();
            }
        }
        return Math.max(frames == 0 ? 0 : stepsDone(), scaled(known, frames));
    }

    Job.Progress progress() {
        int chunksDone =
                plans.values().stream().mapToInt(each -> each.chunksDone).sum();
        long chunks = plans.values().stream().mapToLong(each -> each.chunks).sum();
        long frames = plans.keySet().stream()
                .mapToLong(each -> work.plans().get(each).frames())
                .sum();
        return new Job.Progress(stepsDone(), stepsTotal(), chunksDone, scaled(chunks, frames));
    }

    /** From what is known of so many frames to all. */
    private int scaled(long known, long frames) {
        double all = frames == 0 ? 0 : (double) known * work.frames() / frames;
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
