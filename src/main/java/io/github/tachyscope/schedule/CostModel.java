package io.github.tachyscope.schedule;

import io.github.tachyscope.diffusion.BatchKey;
import io.github.tachyscope.diffusion.StepKind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/** What steps cost, learnt from those that ran: per pipeline, kind, form and batch size. */
public final class CostModel {
    /** Most different steps remembered; the least recently used is forgotten. Forms follow what clients ask for. */
    private static final int MAX_ENTRIES = 1_024;

    private static final double WEIGHT_OF_NEWEST = 0.2;
    private static final int RECENT = 32;

    /** Measurements after which a batch size is known. */
    private static final int TRUSTED = 3;

    /** What one more step in a batch is thought to cost, in units of the steps so far. */
    private static final double UNTRIED_SHARE = 0.9;

    /** Larger batches are not looked for; what configuration allows at the most. */
    private static final int LARGEST_BATCH = 64;

    private record Key(String pipeline, StepKind kind, String form, int batchSize) {}

    /**
     * What is known of one sort of batch.
     *
     * @param form shapes, number format and whatever else steps of a batch have in common
     * @param meanMicros of the whole batch, newer ones weighing more
     * @param count batches that were measured
     */
    public record Measured(
            String pipeline,
            StepKind kind,
            String form,
            int batchSize,
            long meanMicros,
            long p50Micros,
            long p95Micros,
            long count) {}

    private static final class Entry {
        private final long[] recent = new long[RECENT];
        private double mean;
        private long median;
        private long count;

        static Entry of(Measured measured) {
            Entry entry = new Entry();
            for (int i = 0; i < TRUSTED; i++) {
                entry.add(measured.p50Micros());
            }
            entry.mean = measured.meanMicros();
            return entry;
        }

        void add(long micros) {
            // The first time of a shape pays for what libraries prepare; a quicker second one takes its place.
            boolean cold = count == 1 && micros < mean;
            mean = count == 0 || cold ? micros : mean + WEIGHT_OF_NEWEST * (micros - mean);
            recent[(int) (count % RECENT)] = micros;
            count++;
            median = quantile(0.5);
        }

        long quantile(double q) {
            long[] sorted = Arrays.copyOf(recent, (int) Math.min(count, RECENT));
            Arrays.sort(sorted);
            return sorted[(int) Math.min(sorted.length - 1, Math.floor(q * sorted.length))];
        }
    }

    private final Map<Key, Entry> entries = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, Entry> eldest) {
            return size() > MAX_ENTRIES;
        }
    };

    void record(BatchKey key, int batchSize, long micros) {
        entries.computeIfAbsent(keyOf(key, batchSize), unknown -> new Entry()).add(micros);
    }

    /**
     * Predicted time of a batch: from its own size, else scaled from the nearest smaller one, else from the nearest
     * larger one; 0 if never seen.
     */
    public long predictMicros(BatchKey key, int batchSize) {
        for (int size = batchSize; size >= 1; size--) {
            Entry entry = entries.get(keyOf(key, size));
            if (entry != null) {
                return (long) (entry.mean * batchSize / size);
            }
        }
        for (int size = batchSize + 1; size <= LARGEST_BATCH; size++) {
            Entry entry = entries.get(keyOf(key, size));
            if (entry != null) {
                return (long) (entry.mean * batchSize / size);
            }
        }
        return 0;
    }

    /**
     * The usual time of a batch, for deciding on its size: outliers do not count, and of a size that was hardly ever
     * tried it is assumed that it gains a little, so that it is tried.
     */
    public long usualMicros(BatchKey key, int batchSize) {
        for (int size = batchSize; size >= 1; size--) {
            Entry entry = entries.get(keyOf(key, size));
            if (entry != null && (entry.count >= TRUSTED || size == 1)) {
                return (long) (entry.median * (1 + UNTRIED_SHARE * (batchSize - size) / size));
            }
        }
        return 0;
    }

    /** All that is known, the least recently used first. */
    public List<Measured> measured() {
        List<Measured> all = new ArrayList<>();
        entries.forEach((key, entry) -> all.add(new Measured(
                key.pipeline(),
                key.kind(),
                key.form(),
                key.batchSize(),
                Math.round(entry.mean),
                entry.quantile(0.5),
                entry.quantile(0.95),
                entry.count)));
        return all;
    }

    /** Takes over what was known earlier, where nothing newer is known. */
    public void restore(List<Measured> earlier) {
        earlier.forEach(measured -> entries.putIfAbsent(
                new Key(measured.pipeline(), measured.kind(), measured.form(), measured.batchSize()),
                Entry.of(measured)));
    }

    /** A quantile (0 to 1) of the newest measured times; empty if never seen. */
    public OptionalLong quantileMicros(BatchKey key, int batchSize, double quantile) {
        Entry entry = entries.get(keyOf(key, batchSize));
        return entry == null ? OptionalLong.empty() : OptionalLong.of(entry.quantile(quantile));
    }

    int size() {
        return entries.size();
    }

    private static Key keyOf(BatchKey key, int batchSize) {
        return new Key(key.pipeline(), key.kind(), key.form(), batchSize);
    }
}
