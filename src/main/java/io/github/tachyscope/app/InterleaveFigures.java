package io.github.tachyscope.app;

import io.github.tachyscope.exec.Executor;
import io.github.tachyscope.schedule.StepSpan;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What one combination came to.
 *
 * @param framesPerSecond of all live sessions together
 * @param slowest frames per second of the live session that got least
 * @param fastest frames per second of the live session that got most
 * @param p50Millis from asking for a chunk to having it, live sessions
 * @param onTime share of the live chunks that were there at their deadline
 * @param jobSteps steps per second of the batch jobs
 * @param meanBatch runs per batch
 * @param overhead of each thread of the device: share of the time in which something waited for it and nothing ran
 */
record InterleaveFigures(
        double framesPerSecond,
        double slowest,
        double fastest,
        double p50Millis,
        double p95Millis,
        double onTime,
        double jobSteps,
        double meanBatch,
        List<Double> overhead) {
    InterleaveFigures {
        overhead = List.copyOf(overhead);
    }

    private record Interval(long from, long to) {}

    private record ChunkOf(long run, long chunk) {}

    /** Runs per batch; 0 if nothing ran. */
    static double meanBatch(List<StepSpan> spans) {
        record Batch(String device, Object lane, long startMicros) {}
        Set<Batch> batches = new HashSet<>();
        spans.forEach(span -> batches.add(new Batch(span.device(), span.lane(), span.startMicros())));
        return batches.isEmpty() ? 0 : (double) spans.size() / batches.size();
    }

    /**
     * For each thread of the device, the share of the time from {@code from} to {@code to} in which a step could have run
     * on it and none did. A chunk's first step is ready when the scheduler knows of it; a later one already when the one
     * before it has ended, so that the way from the device to the scheduler and back counts.
     */
    static List<Double> overhead(List<StepSpan> spans, int slots, long from, long to) {
        List<List<Interval>> ready = new ArrayList<>();
        List<List<Interval>> busy = new ArrayList<>();
        for (int slot = 0; slot < slots; slot++) {
            ready.add(new ArrayList<>());
            busy.add(new ArrayList<>());
        }
        Map<ChunkOf, Long> ended = new HashMap<>();
        List<StepSpan> ordered = spans.stream()
                .sorted(Comparator.comparingLong(StepSpan::startMicros))
                .toList();
        for (StepSpan span : ordered) {
            int slot = Executor.slotOf(span.lane(), slots);
            long end = span.startMicros() + span.runMicros();
            long known = span.startMicros() - span.queueMicros();
            Long before = ended.put(new ChunkOf(span.runId().value(), span.chunkIndex()), end);
            long since = before == null ? known : Math.min(known, before);
            ready.get(slot).add(new Interval(Math.max(from, since), Math.min(to, end)));
            busy.get(slot).add(new Interval(Math.max(from, span.startMicros()), Math.min(to, end)));
        }
        List<Double> overhead = new ArrayList<>();
        for (int slot = 0; slot < slots; slot++) {
            overhead.add((double) (length(ready.get(slot)) - length(busy.get(slot))) / Math.max(1, to - from));
        }
        return overhead;
    }

    /** Of the union. */
    private static long length(List<Interval> intervals) {
        intervals.sort(Comparator.comparingLong(Interval::from));
        long sum = 0;
        long covered = Long.MIN_VALUE;
        for (Interval each : intervals) {
            sum += Math.max(0, each.to() - Math.max(each.from(), covered));
            covered = Math.max(covered, each.to());
        }
        return sum;
    }
}
