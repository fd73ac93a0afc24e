package io.github.tachyscope.schedule;

import java.util.ArrayList;
import java.util.List;

/** The newest steps of all devices, for people who want to see what ran when. Thread-safe, bounded. */
public final class Timeline {
    private final StepSpan[] ring;
    private long next;

    /** @param capacity spans kept; older ones are forgotten */
    public Timeline(int capacity) {
        if (capacity < 1) {
            throw new IllegalArgumentException("timeline of " + capacity + " spans");
        }
        this.ring = new StepSpan[capacity];
    }

    /** Adds a span; its sequence is given here. */
    public synchronized void add(StepSpan span) {
        ring[(int) (next % ring.length)] = span.numbered(next);
        next++;
    }

    /** At most {@code max} spans from {@code sequence} on that are still kept, oldest first. */
    public synchronized List<StepSpan> since(long sequence, int max) {
        long from = Math.max(Math.max(0, sequence), next - ring.length);
        List<StepSpan> spans = new ArrayList<>();
        for (long at = from; at < next && spans.size() < max; at++) {
            spans.add(ring[(int) (at % ring.length)]);
        }
        return spans;
    }

    /** The sequence that the next span will get. */
    public synchronized long nextSequence() {
        return next;
    }
}
