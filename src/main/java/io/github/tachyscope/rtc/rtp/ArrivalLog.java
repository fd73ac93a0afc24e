package io.github.tachyscope.rtc.rtp;

import io.github.tachyscope.rtc.rtcp.RtcpPacket;
import io.github.tachyscope.rtc.rtcp.TransportFeedback;
import java.util.Arrays;
import java.util.function.Consumer;

/** Notes when which transport-wide sequence number arrived, and reports it every 50 ms. */
final class ArrivalLog {
    static final long INTERVAL_MICROS = 50_000;
    private static final long REMAINDER_MICROS = 1_000;

    /** Sequence numbers held; at 20 Mb/s about two seconds, far more than a report interval. */
    private static final int CAPACITY = 4096;

    /** Most packets in one message, so that it stays below a path MTU. */
    private static final int MAX_PER_MESSAGE = 400;

    private static final long REFERENCE_MICROS =
            (long) TransportFeedback.TICK_MICROS * TransportFeedback.TICKS_PER_REFERENCE;

    private final Unwrapper unwrapper = new Unwrapper(16);
    private final long[] arrivals = new long[CAPACITY];
    private final long[] sequences = new long[CAPACITY];
    private long from = -1;
    private long highest = -1;
    private int number;
    private long dueMicros = Long.MAX_VALUE;

    void arrived(int sequence, long nowMicros) {
        long index = unwrapper.unwrap(sequence);
        if (from < 0 || index - from >= CAPACITY) {
            from = index;
        }
        if (index <= highest - CAPACITY) {
            return;
        }
        from = Math.min(from, index);
        highest = Math.max(highest, index);
        sequences[(int) (index % CAPACITY)] = index;
        arrivals[(int) (index % CAPACITY)] = nowMicros;
        if (dueMicros == Long.MAX_VALUE) {
            dueMicros = nowMicros + INTERVAL_MICROS;
        }
    }

    long nextDeadlineMicros() {
        return dueMicros;
    }

    /** Reports what came since the last report; what does not fit into one message follows a moment later. */
    void report(long sender, long media, long nowMicros, Consumer<RtcpPacket> out) {
        if (nowMicros < dueMicros) {
            return;
        }
        from = Math.max(from, highest - CAPACITY + 1);
        out.accept(message(sender, media));
        dueMicros = from <= highest ? nowMicros + REMAINDER_MICROS : Long.MAX_VALUE;
    }

    private TransportFeedback message(long sender, long media) {
        long start = from;
        int count = (int) Math.min(MAX_PER_MESSAGE, highest - start + 1);
        int[] ticks = new int[count];
        Arrays.fill(ticks, TransportFeedback.LOST);
        long reference = -1;
        long previous = 0;
        int i = 0;
        for (; i < count; i++) {
            int slot = (int) ((start + i) % CAPACITY);
            if (sequences[slot] != start + i) {
                continue;
            }
            if (reference < 0) {
                reference = arrivals[slot] / REFERENCE_MICROS;
            }
            long tick = (arrivals[slot] - reference * REFERENCE_MICROS) / TransportFeedback.TICK_MICROS;
            if (Math.abs(tick - previous) > Short.MAX_VALUE) {
                break;
            }
            ticks[i] = (int) tick;
            previous = tick;
        }
        from = start + i;
        return new TransportFeedback(
                sender,
                media,
                (int) (start & 0xFFFF),
                (int) (Math.max(0, reference) << 8) >> 8,
                number++ & 0xFF,
                i == count ? ticks : Arrays.copyOf(ticks, i));
    }
}
