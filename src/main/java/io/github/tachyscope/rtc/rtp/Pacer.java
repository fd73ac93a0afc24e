package io.github.tachyscope.rtc.rtp;

import java.util.ArrayDeque;
import java.util.function.Consumer;

/**
 * Spreads large frames over time: a key frame that left as one burst would overflow the queue of a slow link. A frame
 * of ordinary size leaves at once.
 */
final class Pacer {
    /** Rate of leaving against the target rate. */
    static final double FACTOR = 2.5;

    /** What may leave at once, as time at the target rate: a frame at 25 per second. */
    private static final long BURST_MICROS = 40_000;

    private static final int MIN_BURST = 6_000;
    private static final int MAX_BURST = 48_000;

    /** Longest queue, as time at the pacing rate. A frame that does not fit is refused, counted, by its line. */
    private static final double MAX_QUEUE_SECONDS = 0.8;

    /** A queue of this size always fits, so that a large key frame can pass at a low rate. */
    private static final int MIN_QUEUE = 500_000;

    /** A timer finer than this cannot be kept. */
    private static final long TICK_MICROS = 1_000;

    /** A plain packet with room for its tag. */
    record Paced(OutboundVideo line, byte[] bytes) {}

    private final ArrayDeque<Paced> queue = new ArrayDeque<>();
    private final TokenBucket bucket = new TokenBucket();
    private int queuedBytes;
    private long dueMicros = Long.MAX_VALUE;

    boolean hasRoom(int bytes, int targetBitrate) {
        return queuedBytes + bytes <= Math.max(MIN_QUEUE, bytesPerSecond(targetBitrate) * MAX_QUEUE_SECONDS);
    }

    void add(OutboundVideo line, byte[] packet) {
        queue.add(new Paced(line, packet));
        queuedBytes += packet.length;
    }

    void release(int targetBitrate, long nowMicros, Consumer<Paced> out) {
        double rate = bytesPerSecond(targetBitrate);
        long burst = targetBitrate / 8L * BURST_MICROS / 1_000_000;
        bucket.refill(rate, (int) Math.max(MIN_BURST, Math.min(MAX_BURST, burst)), nowMicros);
        while (!queue.isEmpty() && bucket.open()) {
            Paced paced = queue.remove();
            queuedBytes -= paced.bytes().length;
            bucket.take(paced.bytes().length);
            out.accept(paced);
        }
        dueMicros = queue.isEmpty() ? Long.MAX_VALUE : nowMicros + Math.max(TICK_MICROS, bucket.waitMicros(rate));
    }

    long nextDeadlineMicros() {
        return dueMicros;
    }

    private static double bytesPerSecond(int targetBitrate) {
        return targetBitrate / 8.0 * FACTOR;
    }
}
