package io.github.tachyscope.schedule;

import io.github.tachyscope.diffusion.BatchKey;
import io.github.tachyscope.diffusion.StepKind;
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

    /**
     * What was learnt of one kind of step in batches of one size.
     *
     * @param meanMicros of the whole batch, the newest times counting most
     * @param p50Micros of the newest times
     * @param p95Micros of the newest times
     * @param count times measured
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

    private record Key(String pipeline, StepKind kind, String form, int batchSize) {}

    private static final class Entry {
        private final long[] recent = new long[RECENT];
        private double mean;
        private long count;

        void add(long micros) {
            mean = count == 0 ? micros : mean + WEIGHT_OF_NEWEST * (micros - mean);
            recent[(int) (count % RECENT)] = micros;
            count++;
        }

        /** As after so many times like these. */
        static Entry of(Measured measured) {
            Entry entry = new Entry();
            Arrays.fill(entry.recent, measured.p50Micros());
            entry.recent[0] = measured.p95Micros();
            entry.recent[1] = measured.p95Micros();
            entry.mean = measured.meanMicros();
            entry.count = Math.max(RECENT, measured.count());
            return entry;
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

    /** Predicted time of a batch: from its own size, else scaled up from the nearest smaller one; 0 if never seen. */
    public long predictMicros(BatchKey key, int batchSize) {
        for (int size = batchSize; size >= 1; size--) {
            Entry entry = entries.get(keyOf(key, size));
            if (entry != null) {
                return (long) (entry.mean * batchSize / size);
            }
        }
        return 0;
    }

    /** A quantile (0 to 1) of the newest measured times; empty if never seen. */
    public OptionalLong quantileMicros(BatchKey key, int batchSize, double quantile) {
        Entry entry = entries.get(keyOf(key, batchSize));
        return entry == null ? OptionalLong.empty() : OptionalLong.of(entry.quantile(quantile));
    }

    /** Everything that was learnt. */
    public List<Measured> measured() {
        return entries.entrySet().stream()
                .map(each -> new Measured(
                        each.getKey().pipeline(),
                        each.getKey().kind(),
                        each.getKey().form(),
                        each.getKey().batchSize(),
                        Math.round(each.getValue().mean),
                        each.getValue().quantile(0.5),
                        each.getValue().quantile(0.95),
                        each.getValue().count))
                .toList();
    }

    /** Takes over what was learnt earlier; what is known already stays. */
    public void restore(List<Measured> earlier) {
        earlier.forEach(each -> entries.putIfAbsent(
                new Key(each.pipeline(), each.kind(), each.form(), each.batchSize()), Entry.of(each)));
    }

    int size() {
        return entries.size();
    }

    private static Key keyOf(BatchKey key, int batchSize) {
        return new Key(key.pipeline(), key.kind(), key.form(), batchSize);
    }
}
