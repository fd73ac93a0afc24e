package io.github.tachyscope.schedule;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Whoever has waited longest, one step at a time, without deadlines and batches. Here to be measured against. */
public final class RoundRobin implements StepPolicy {
    @Override
    public List<Candidate> choose(Queue queue) {
        @Nullable Candidate first = null;
        for (Candidate candidate : queue.waiting()) {
            boolean longer = first == null
                    || candidate.readyMicros() < first.readyMicros()
                    || candidate.readyMicros() == first.readyMicros() && candidate.order() < first.order();
            if (longer) {
                first = candidate;
            }
        }
        return first == null ? List.of() : List.of(first);
    }
}
