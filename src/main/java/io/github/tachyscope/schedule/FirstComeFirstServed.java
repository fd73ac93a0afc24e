package io.github.tachyscope.schedule;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One chunk after the other, each to its end, in the order in which they were asked for, without batches: what servers
 * do whose unit of work is the request. Here to be measured against.
 */
public final class FirstComeFirstServed implements StepPolicy {
    @Override
    public List<Candidate> choose(Queue queue) {
        @Nullable Candidate first = null;
        for (Candidate candidate : queue.waiting()) {
            if (first == null || before(candidate, first)) {
                first = candidate;
            }
        }
        return first == null ? List.of() : List.of(first);
    }

    private static boolean before(Candidate one, Candidate other) {
        boolean begun = one.stepIndex() > 0;
        boolean otherBegun = other.stepIndex() > 0;
        if (begun != otherBegun) {
            return begun;
        }
        return one.askedMicros() == other.askedMicros()
                ? one.order() < other.order()
                : one.askedMicros() < other.askedMicros();
    }
}
