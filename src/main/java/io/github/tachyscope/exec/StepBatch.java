package io.github.tachyscope.exec;

import io.github.tachyscope.diffusion.Generation;
import io.github.tachyscope.diffusion.Lane;
import io.github.tachyscope.diffusion.Pipeline;
import io.github.tachyscope.diffusion.StepResult;
import io.github.tachyscope.frame.MediaClock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** One batch on a lane thread: computes, commits nothing. */
record StepBatch(Pipeline pipeline, Lane lane, List<Generation> generations) {

    /** What became of one member of the batch; exactly one of the two is there. */
    record Outcome(Optional<StepResult> result, Optional<Throwable> failure) {}

    /** What became of all members, in their order, and when. */
    record Done(List<Outcome> outcomes, long startMicros, long runMicros) {}

    Done run(MediaClock clock) {
        long start = clock.micros();
        List<Outcome> outcomes = runAll();
        return new Done(outcomes, start, clock.micros() - start);
    }

    /** A batch that fails is run again one by one, so that only the guilty one fails. */
    private List<Outcome> runAll() {
        List<Outcome> together = attempt(generations);
        if (generations.size() == 1 || together.get(0).result().isPresent()) {
            return together;
        }
        List<Outcome> alone = new ArrayList<>();
        for (Generation generation : generations) {
            alone.addAll(attempt(List.of(generation)));
        }
        return alone;
    }

    // Throwable: a model's native code reports lack of memory as an Error, and the lane must live on.
    private List<Outcome> attempt(List<Generation> batch) {
        try {
            List<StepResult> results = pipeline.run(lane, batch);
            if (results.size() != batch.size()) {
                results.forEach(StepResult::discard);
                throw new IllegalStateException(results.size() + " results for a batch of " + batch.size());
            }
            return results.stream()
                    .map(result -> new Outcome(Optional.of(result), Optional.empty()))
                    .toList();
        } catch (Throwable failure) {
            return batch.stream()
                    .map(member -> new Outcome(Optional.empty(), Optional.of(failure)))
                    .toList();
        }
    }
}
