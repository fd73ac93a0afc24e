package io.github.tachyscope.download;

import java.util.ArrayDeque;
import java.util.Deque;

/** Bytes per second over the last ten seconds: steady enough to tell a time of arrival, quick enough to see a stall. */
final class TransferRate {
    private static final long WINDOW_NANOS = 10_000_000_000L;

    /** Samples closer together than this are joined; bounds how many there are. */
    private static final long SAMPLE_NANOS = 250_000_000L;

    private record Sample(long nanos, long bytes) {}

    private final Deque<Sample> samples = new ArrayDeque<>();
    private long bytes;

    TransferRate(long nowNanos) {
        samples.add(new Sample(nowNanos, 0));
    }

    void moved(long more, long nowNanos) {
        bytes += more;
        if (nowNanos - samples.getLast().nanos() >= SAMPLE_NANOS) {
            samples.addLast(new Sample(nowNanos, bytes));
        }
        forget(nowNanos);
    }

    private void forget(long nowNanos) {
        while (samples.size() > 1 && nowNanos - samples.getFirst().nanos() > WINDOW_NANOS) {
            samples.removeFirst();
        }
    }

    double bytesPerSecond(long nowNanos) {
        forget(nowNanos);
        Sample oldest = samples.getFirst();
        long nanos = Math.max(nowNanos - oldest.nanos(), SAMPLE_NANOS);
        return (bytes - oldest.bytes()) * 1e9 / nanos;
    }
}
