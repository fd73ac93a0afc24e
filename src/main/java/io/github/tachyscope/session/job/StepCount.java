package io.github.tachyscope.session.job;

import io.github.tachyscope.diffusion.NextStep.StepPlan;
import io.github.tachyscope.diffusion.StepKind;
import io.github.tachyscope.schedule.Scheduler.StepDone;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Steps of a job: how many, how many there will be, and what they took. */
final class StepCount {
    private final long chunks;
    private final Map<StepKind, Long> micros = new EnumMap<>(StepKind.class);
    private int done;
    private int texts;
    private int perChunk;

    /** @param chunks that the run of the whole job makes */
    StepCount(long chunks) {
        this.chunks = chunks;
    }

    void add(StepDone step) {
        StepPlan plan = step.plan();
        StepKind kind = plan.key().kind();
        micros.merge(kind, step.runMicros(), Long::sum);
        done++;
        if (kind == StepKind.TEXT_ENCODE) {
            // Only where a prompt changes.
            texts++;
        } else {
            perChunk = Math.max(perChunk, plan.stepIndex() + 1 + plan.stepsLeft());
        }
    }

    int done() {
        return done;
    }

    /** An estimate from the largest chunk so far; 0 before the first. Never below what is done. */
    int total() {
        return perChunk == 0 ? 0 : (int) Math.min(Integer.MAX_VALUE, Math.max(done, texts + chunks * perChunk));
    }

    /** Seconds by stage: {@code text_encode}, {@code vae_encode}, {@code denoise}, {@code vae_decode}. */
    Map<String, Double> seconds() {
        Map<String, Double> seconds = new TreeMap<>();
        micros.forEach((kind, sum) -> seconds.merge(name(kind), sum / 1e6, Double::sum));
        return seconds;
    }

    private static String name(StepKind kind) {
        return switch (kind) {
            case IMAGE_ENCODE -> "vae_encode";
            case DECODE -> "vae_decode";
            case TEXT_ENCODE, DENOISE, CACHE_UPDATE, PREVIEW -> kind.name().toLowerCase(Locale.ROOT);
        };
    }
}
