package io.github.tachyscope.rtc.sctp;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Which TSNs have arrived: all up to the cumulative one, and ranges above it. */
final class ReceivedTsns {
    /** How far above the cumulative TSN data is taken; one SACK gap offset reaches 65535. */
    static final int MAX_AHEAD = 16_384;

    /** Ranges kept; a peer that leaves more holes loses the data and sends it again. */
    static final int MAX_RANGES = 512;

    /** Gap blocks in one SACK, so that it fits a packet. */
    private static final int MAX_GAPS_REPORTED = 100;

    /** Duplicates told in one SACK; more are only counted. */
    private static final int MAX_DUPLICATES_REPORTED = 20;

    /** What to do with a TSN. */
    enum Verdict {
        NEW,
        DUPLICATE,
        TOO_FAR
    }

    private final TreeMap<Long, Long> ranges = new TreeMap<>();
    private final List<Integer> duplicates = new ArrayList<>();
    private long cumulative;

    ReceivedTsns(long initialTsn) {
        cumulative = initialTsn - 1;
    }

    long cumulative() {
        return cumulative;
    }

    boolean hasGaps() {
        return !ranges.isEmpty();
    }

    Verdict judge(long tsn) {
        Map.Entry<Long, Long> before = ranges.floorEntry(tsn);
        if (tsn <= cumulative || before != null && tsn <= before.getValue()) {
            if (duplicates.size() < MAX_DUPLICATES_REPORTED) {
                duplicates.add((int) tsn);
            }
            return Verdict.DUPLICATE;
        }
        boolean opensRange = tsn != cumulative + 1 && (before == null || before.getValue() != tsn - 1);
        if (tsn > cumulative + MAX_AHEAD || opensRange && ranges.size() >= MAX_RANGES) {
            return Verdict.TOO_FAR;
        }
        return Verdict.NEW;
    }

    /** Takes a TSN that was judged new. */
    void add(long tsn) {
        long start = tsn;
        long end = tsn;
        Map.Entry<Long, Long> before = ranges.floorEntry(tsn);
        if (before != null && before.getValue() == tsn - 1) {
            start = before.getKey();
        }
        Long following = ranges.remove(tsn + 1);
        if (following != null) {
            end = following;
        }
        ranges.put(start, end);
        absorb();
    }

    /** Counts everything up to here as arrived. */
    void forwardTo(long newCumulative) {
        cumulative = Math.max(cumulative, newCumulative);
        absorb();
    }

    /** The acknowledgement to send; tells each duplicate once. */
    SackChunk sack(long window) {
        List<SackChunk.Gap> gaps = ranges.entrySet().stream()
                .limit(MAX_GAPS_REPORTED)
                .map(range ->
                        new SackChunk.Gap((int) (range.getKey() - cumulative), (int) (range.getValue() - cumulative)))
                .toList();
        SackChunk sack = new SackChunk((int) cumulative, window, gaps, List.copyOf(duplicates));
        duplicates.clear();
        return sack;
    }

    private void absorb() {
        while (!ranges.isEmpty() && ranges.firstKey() <= cumulative + 1) {
            cumulative = Math.max(cumulative, ranges.pollFirstEntry().getValue());
        }
    }
}
