package io.github.tachyscope.rtc.rtp;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.TreeMap;

/**
 * Packets that are missing on one stream, and when to ask for them again.
 *
 * <pre>
 *   gap seen --NACK at once--> asked --again every 40 ms--> asked --arrived--> gone
 *                                                           asked --150 ms after the gap--> given up
 * </pre>
 */
final class LossRecovery {
    static final long REPEAT_MICROS = 40_000;
    static final long GIVE_UP_MICROS = 150_000;

    /** Without NACK only packets that overtook each other can fill a gap. */
    static final long REORDER_MICROS = 40_000;

    /** Most missing packets; a larger hole is an outage that only a key frame cures. */
    static final int MAX_MISSING = 512;

    private static final class Missing {
        private final long sinceMicros;
        private long askAtMicros;

        Missing(long nowMicros) {
            sinceMicros = nowMicros;
            askAtMicros = nowMicros;
        }
    }

    private final boolean asks;
    private final TreeMap<Long, Missing> missing = new TreeMap<>();

    LossRecovery(boolean asks) {
        this.asks = asks;
    }

    /** Notes a hole; false if it is too large, whereupon nothing is missing any more. */
    boolean hole(long from, long until, long nowMicros) {
        if (missing.size() + until - from > MAX_MISSING) {
            missing.clear();
            return false;
        }
        for (long sequence = from; sequence < until; sequence++) {
            missing.put(sequence, new Missing(nowMicros));
        }
        return true;
    }

    /** True if the packet had been missing. */
    boolean arrived(long sequence) {
        return missing.remove(sequence) != null;
    }

    void forgetBelow(long sequence) {
        missing.headMap(sequence).clear();
    }

    /** What to ask for now. */
    List<Integer> due(long nowMicros) {
        if (!asks || missing.isEmpty()) {
            return List.of();
        }
        List<Integer> due = new ArrayList<>();
        missing.forEach((sequence, one) -> {
            if (one.askAtMicros <= nowMicros) {
                due.add((int) (sequence & 0xFFFF));
                one.askAtMicros = nowMicros + REPEAT_MICROS;
            }
        });
        return due;
    }

    /** Forgets the packets that are overdue and returns them. */
    List<Long> givenUp(long nowMicros) {
        if (missing.isEmpty()) {
            return List.of();
        }
        List<Long> overdue = new ArrayList<>();
        for (Iterator<java.util.Map.Entry<Long, Missing>> all =
                        missing.entrySet().iterator();
                all.hasNext(); ) {
            var entry = all.next();
            if (nowMicros - entry.getValue().sinceMicros >= patience()) {
                overdue.add(entry.getKey());
                all.remove();
            }
        }
        return overdue;
    }

    /** {@link Long#MAX_VALUE} while nothing is missing. */
    long nextDeadlineMicros() {
        long next = Long.MAX_VALUE;
        for (Missing one : missing.values()) {
            next = Math.min(next, one.sinceMicros + patience());
            if (asks) {
                next = Math.min(next, one.askAtMicros);
            }
        }
        return next;
    }

    private long patience() {
        return asks ? GIVE_UP_MICROS : REORDER_MICROS;
    }
}
