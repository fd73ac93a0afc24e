package io.github.tachyscope.schedule;

import io.github.tachyscope.diffusion.BatchKey;
import io.github.tachyscope.exec.RunId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Which steps run next on a free lane: a pure function of what waits.
 *
 * <p>Order: whoever has waited too long; then live runs that can still make their deadline, earliest first; then live
 * runs that are late, earliest first; then batch runs, least device time so far first. Steps with the key of the first
 * one join it while that does not make it miss its deadline.
 */
public final class StepPolicy {
    /** A step that has waited so long goes first, so that nobody starves behind a stream of more urgent ones. */
    static final long AGED_MICROS = 1_000_000;

    /**
     * A step that could run now.
     *
     * @param order position of its run among all runs ever opened; breaks ties
     * @param maxBatch of its pipeline
     * @param chunkMicros predicted time from now to the end of its chunk if it runs alone at once
     * @param servedMicros device time that a batch run has had, its virtual time
     */
    public record Candidate(
            RunId runId,
            long order,
            Scheduler.Urgency urgency,
            String pipelineKey,
            BatchKey key,
            int maxBatch,
            long deadlineMicros,
            long readyMicros,
            long chunkMicros,
            long servedMicros) {}

    /** Predicted time of a batch. */
    @FunctionalInterface
    public interface BatchCost {
        long micros(BatchKey key, int size);
    }

    private StepPolicy() {}

    /** The batch to run: empty only if nothing waits. */
    public static List<Candidate> choose(long nowMicros, List<Candidate> waiting, int maxBatch, BatchCost cost) {
        if (waiting.isEmpty()) {
            return List.of();
        }
        List<Candidate> ranked = new ArrayList<>(waiting);
        ranked.sort(ranking(nowMicros));
        Candidate head = ranked.get(0);
        int most = Math.max(1, Math.min(maxBatch, head.maxBatch()));
        List<Candidate> batch = new ArrayList<>();
        for (Candidate candidate : ranked) {
            boolean joins = candidate == head
                    || candidate.pipelineKey().equals(head.pipelineKey())
                            && candidate.key().equals(head.key())
                            && !delays(nowMicros, head, batch.size() + 1, cost);
            if (joins && batch.size() < most) {
                batch.add(candidate);
            }
        }
        return batch;
    }

    private static boolean delays(long now, Candidate head, int size, BatchCost cost) {
        if (head.urgency() == Scheduler.Urgency.BATCH || !feasible(now, head)) {
            return false;
        }
        long more = cost.micros(head.key(), size) - cost.micros(head.key(), 1);
        return now + head.chunkMicros() + more > head.deadlineMicros();
    }

    private static Comparator<Candidate> ranking(long now) {
        return Comparator.<Candidate>comparingInt(candidate -> tier(now, candidate))
                .thenComparingLong(candidate -> withinTier(now, candidate))
                .thenComparingLong(Candidate::order);
    }

    private static int tier(long now, Candidate candidate) {
        if (now - candidate.readyMicros() >= AGED_MICROS) {
            return 0;
        }
        if (candidate.urgency() == Scheduler.Urgency.BATCH) {
            return 3;
        }
        return feasible(now, candidate) ? 1 : 2;
    }

    private static long withinTier(long now, Candidate candidate) {
        return switch (tier(now, candidate)) {
            case 0 -> candidate.readyMicros();
            case 3 -> candidate.servedMicros();
            default -> candidate.deadlineMicros();
        };
    }

    private static boolean feasible(long now, Candidate candidate) {
        return now + candidate.chunkMicros() <= candidate.deadlineMicros();
    }
}
