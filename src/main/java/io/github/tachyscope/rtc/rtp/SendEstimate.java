package io.github.tachyscope.rtc.rtp;

/**
 * How much the network takes from us, by what the other side reports.
 *
 * <pre>
 *   loss under 2 %   up by 8 % per second, while what we have is used
 *   2 % to 10 %      stay
 *   above 10 %       down by what is above, at most once per 300 ms
 *   queue too long   down by 15 %, at most once per 300 ms
 *   REMB             never above it
 * </pre>
 */
final class SendEstimate {
    private static final double LITTLE_LOSS = 0.02;
    private static final double MUCH_LOSS = 0.10;
    private static final double GROWTH_PER_SECOND = 0.08;
    private static final long DECREASE_INTERVAL_MICROS = 300_000;

    /** A queue on the path longer than this is ours to drain: live pictures are worth nothing late. */
    private static final long MAX_QUEUE_MICROS = 250_000;

    /** Fewer packets than this say nothing about loss. */
    private static final int MIN_SAMPLE = 20;

    /** Loss is judged over this time at least: less is noise, and noise would only ever push down. */
    private static final long SAMPLE_MICROS = 500_000;

    /** An encoder that uses less than this share of the rate does not prove that the network takes more. */
    private static final double USED_SHARE = 0.4;

    /** A new target is worth telling when it differs by more than this: encoders change rate at a price. */
    private static final double NOTICEABLE = 0.05;

    private final int min;
    private final int max;
    private double rate;
    private long limit = Long.MAX_VALUE;
    private double told;
    private long lastUpdateMicros = -1;
    private long lastDecreaseMicros = Long.MIN_VALUE / 2;
    private int arrived;
    private int lost;
    private long windowStart;
    private long windowBytes;
    private double usedBitrate;

    SendEstimate(int start, int min, int max) {
        this.min = min;
        this.max = max;
        this.rate = start;
        this.told = start;
    }

    void sent(int bytes, long nowMicros) {
        windowBytes += bytes;
        if (nowMicros - windowStart >= 1_000_000) {
            usedBitrate = windowBytes * 8e6 / (nowMicros - windowStart);
            windowBytes = 0;
            windowStart = nowMicros;
        }
    }

    /** Packets by transport-wide feedback. */
    void packets(int arrivedNow, int lostNow, long queueMicros, long nowMicros) {
        arrived += arrivedNow;
        lost += lostNow;
        if (queueMicros > MAX_QUEUE_MICROS) {
            decrease(0.85, nowMicros);
        }
        if (arrived + lost >= MIN_SAMPLE && nowMicros - lastUpdateMicros >= SAMPLE_MICROS) {
            loss((double) lost / (arrived + lost), nowMicros);
            arrived = 0;
            lost = 0;
        }
    }

    /** Loss by receiver report, or by packets. */
    void loss(double fraction, long nowMicros) {
        if (fraction > MUCH_LOSS) {
            decrease(1 - (fraction - MUCH_LOSS), nowMicros);
        } else if (fraction < LITTLE_LOSS && lastUpdateMicros >= 0 && usedBitrate > USED_SHARE * rate) {
            double seconds = Math.min(1, (nowMicros - lastUpdateMicros) / 1e6);
            rate = Math.min(max, rate * (1 + GROWTH_PER_SECOND * seconds));
        }
        lastUpdateMicros = nowMicros;
    }

    void limit(long bitsPerSecond) {
        limit = bitsPerSecond;
    }

    int bitsPerSecond() {
        return (int) Math.max(min, Math.min(rate, Math.min(limit, max)));
    }

    /** True, once, when the target differs noticeably from the one told last. */
    boolean changed() {
        double now = bitsPerSecond();
        if (Math.abs(now - told) <= NOTICEABLE * told) {
            return false;
        }
        told = now;
        return true;
    }

    private void decrease(double factor, long nowMicros) {
        if (nowMicros - lastDecreaseMicros >= DECREASE_INTERVAL_MICROS) {
            rate = Math.max(min, Math.min(rate, Math.min(limit, max)) * factor);
            lastDecreaseMicros = nowMicros;
        }
    }
}
