package io.github.tachyscope.diffusion.sd;

import io.github.tachyscope.tensor.TensorScope;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** How long a piece of work takes, again and again. */
final class Timing {
    /** A median of fewer says nothing. */
    private static final int FEWEST = 3;

    private Timing() {}

    /** Median milliseconds of {@code work} in a scope of its own, after one run that does not count. */
    static double median(Duration span, Runnable work) {
        once(work);
        List<Long> nanos = new ArrayList<>();
        long begin = System.nanoTime();
        while (nanos.size() < FEWEST || System.nanoTime() - begin < span.toNanos()) {
            nanos.add(once(work));
        }
        nanos.sort(null);
        return nanos.get(nanos.size() / 2) / 1e6;
    }

    private static long once(Runnable work) {
        long begin = System.nanoTime();
        try (TensorScope scope = TensorScope.inference()) {
            work.run();
        }
        return System.nanoTime() - begin;
    }
}
