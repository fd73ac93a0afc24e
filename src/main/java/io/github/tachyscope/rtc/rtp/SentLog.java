package io.github.tachyscope.rtc.rtp;

import io.github.tachyscope.rtc.rtcp.TransportFeedback;

/**
 * Gives transport-wide sequence numbers and learns from the feedback which packets were lost. Queueing delay is the
 * change of arrival time less sending time against the lowest seen.
 */
final class SentLog {
    private static final int CAPACITY = 4096;

    /** Added to the lowest delay with each feedback: 200 ppm at 20 a second, more than clocks drift apart. */
    private static final long DRIFT_MICROS = 10;

    /** What one feedback says about packets not reported on before. */
    record Outcome(int arrived, int lost, long queueMicros) {}

    private final long[] sentMicros = new long[CAPACITY];
    private final Unwrapper references = new Unwrapper(24);
    private final Unwrapper reported = new Unwrapper(16);
    private int next;
    private long judgedTo = -1;
    private long lowestTransit = Long.MAX_VALUE;

    int stamp(long nowMicros) {
        int sequence = next;
        next = next + 1 & 0xFFFF;
        sentMicros[sequence % CAPACITY] = nowMicros;
        return sequence;
    }

    Outcome feedback(TransportFeedback feedback) {
        long reference =
                references.unwrap(feedback.referenceTime() & 0xFF_FFFF) * TransportFeedback.TICKS_PER_REFERENCE;
        int arrived = 0;
        int lost = 0;
        long transitSum = 0;
        lowestTransit = lowestTransit == Long.MAX_VALUE ? lowestTransit : lowestTransit + DRIFT_MICROS;
        for (int i = 0; i < feedback.arrivals().length; i++) {
            int sequence = feedback.baseSequence() + i & 0xFFFF;
            int behind = next - sequence & 0xFFFF;
            long index = reported.unwrap(sequence);
            if (behind == 0 || behind > CAPACITY || index <= judgedTo) {
                continue;
            }
            judgedTo = index;
            long sent = sentMicros[sequence % CAPACITY];
            int ticks = feedback.arrivals()[i];
            if (ticks == TransportFeedback.LOST) {
                lost++;
            } else {
                arrived++;
                long transit = (reference + ticks) * TransportFeedback.TICK_MICROS - sent;
                lowestTransit = Math.min(lowestTransit, transit);
                transitSum += transit;
            }
        }
        return new Outcome(arrived, lost, arrived == 0 ? 0 : transitSum / arrived - lowestTransit);
    }
}
