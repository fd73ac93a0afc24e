package io.github.tachyscope.exec;

import java.util.ArrayList;
import java.util.List;

/**
 * Ended incarnations of a device with steps that have not returned. Nobody can end these; what they hold is freed when
 * they come.
 */
final class LeftBehind {
    private final List<Incarnation> incarnations = new ArrayList<>();

    void add(Incarnation ended) {
        if (!ended.flights.isEmpty() && !incarnations.contains(ended)) {
            incarnations.add(ended);
        }
    }

    /** Threads that hang. */
    int threads() {
        return incarnations.stream().mapToInt(each -> each.flights.size()).sum();
    }

    /** What their weights take. */
    long weightsBytes() {
        return incarnations.stream()
                .mapToLong(each -> each.pipelines.weightsBytes())
                .sum();
    }

    /** A step has returned after all. */
    void discard(long number) {
        incarnations.forEach(each -> each.flights.discard(number));
        incarnations.removeIf(each -> each.flights.isEmpty());
    }

    /** Frees those whose threads have ended; whether all had. */
    boolean close() {
        boolean ended = true;
        for (Incarnation each : incarnations) {
            ended &= each.close(0);
        }
        return ended;
    }
}
