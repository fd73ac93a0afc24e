package io.github.tachyscope.flow;

/** Events per second over the last two seconds, in ten slots. Thread-safe. */
final class RateWindow {
    private static final int SLOTS = 10;
    private static final long SLOT_MICROS = 200_000;

    private final int[] counts = new int[SLOTS];
    private final long[] slotNumbers = new long[SLOTS];
    private long firstMicros = Long.MIN_VALUE;

    synchronized void mark(long nowMicros) {
        if (firstMicros == Long.MIN_VALUE) {
            firstMicros = nowMicros;
        }
        long number = Math.floorDiv(nowMicros, SLOT_MICROS);
        int slot = (int) Math.floorMod(number, (long) SLOTS);
        if (slotNumbers[slot] != number) {
            slotNumbers[slot] = number;
            counts[slot] = 0;
        }
        counts[slot]++;
    }

    synchronized double perSecond(long nowMicros) {
        if (firstMicros == Long.MIN_VALUE) {
            return 0;
        }
        long newest = Math.floorDiv(nowMicros, SLOT_MICROS);
        int sum = 0;
        for (int slot = 0; slot < SLOTS; slot++) {
            if (slotNumbers[slot] > newest - SLOTS && slotNumbers[slot] <= newest) {
                sum += counts[slot];
            }
        }
        // The newest slot is still filling and the oldest may lie before the first event.
        long windowStart = Math.max((newest - SLOTS + 1) * SLOT_MICROS, firstMicros);
        long span = nowMicros - windowStart;
        return span < SLOT_MICROS ? 0 : sum * 1e6 / span;
    }
}
