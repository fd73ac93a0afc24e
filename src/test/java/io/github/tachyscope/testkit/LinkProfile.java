package io.github.tachyscope.testkit;

/**
 * How one direction of the emulated network behaves. Start from {@link #perfect()} and bend what the test is about.
 *
 * @param loss probability of losing a datagram in the good state
 * @param burstStart probability per datagram of entering the bad state (Gilbert-Elliott)
 * @param burstEnd probability per datagram of leaving the bad state
 * @param burstLoss probability of losing a datagram in the bad state
 * @param delayMicros fixed one-way delay
 * @param jitterMicros added delay, uniform between zero and this
 * @param keepsOrder whether jitter may overtake (false) or only stretch (true)
 * @param duplication probability of delivering a datagram twice
 * @param bitsPerSecond rate of the bottleneck, zero for none
 * @param queueBytes what fits in front of the bottleneck; a datagram that does not fit is lost
 */
public record LinkProfile(
        double loss,
        double burstStart,
        double burstEnd,
        double burstLoss,
        long delayMicros,
        long jitterMicros,
        boolean keepsOrder,
        double duplication,
        long bitsPerSecond,
        int queueBytes) {

    public LinkProfile {
        probability(loss);
        probability(burstStart);
        probability(burstEnd);
        probability(burstLoss);
        probability(duplication);
        if (delayMicros < 0 || jitterMicros < 0 || bitsPerSecond < 0 || queueBytes < 0) {
            throw new IllegalArgumentException("delays, rate and queue are not negative");
        }
    }

    /** Loses, delays and reorders nothing. */
    public static LinkProfile perfect() {
        return new LinkProfile(0, 0, 1, 0, 0, 0, true, 0, 0, 0);
    }

    public LinkProfile withLoss(double probability) {
        return new LinkProfile(
                probability,
                burstStart,
                burstEnd,
                burstLoss,
                delayMicros,
                jitterMicros,
                keepsOrder,
                duplication,
                bitsPerSecond,
                queueBytes);
    }

    /** Bursts that start with {@code start} per datagram and last {@code meanDatagrams} in which all is lost. */
    public LinkProfile withBursts(double start, double meanDatagrams) {
        return new LinkProfile(
                loss,
                start,
                1 / Math.max(1, meanDatagrams),
                1,
                delayMicros,
                jitterMicros,
                keepsOrder,
                duplication,
                bitsPerSecond,
                queueBytes);
    }

    public LinkProfile withDelayMillis(long millis) {
        return new LinkProfile(
                loss,
                burstStart,
                burstEnd,
                burstLoss,
                millis * 1000,
                jitterMicros,
                keepsOrder,
                duplication,
                bitsPerSecond,
                queueBytes);
    }

    /** Delay that varies but never lets one datagram overtake another. */
    public LinkProfile withJitterMillis(long millis) {
        return withJitter(millis * 1000, true);
    }

    /** Delay that varies and lets datagrams overtake each other. */
    public LinkProfile withReorderMillis(long millis) {
        return withJitter(millis * 1000, false);
    }

    public LinkProfile withDuplication(double probability) {
        return new LinkProfile(
                loss,
                burstStart,
                burstEnd,
                burstLoss,
                delayMicros,
                jitterMicros,
                keepsOrder,
                probability,
                bitsPerSecond,
                queueBytes);
    }

    public LinkProfile withRate(long rateBitsPerSecond, int bottleneckQueueBytes) {
        return new LinkProfile(
                loss,
                burstStart,
                burstEnd,
                burstLoss,
                delayMicros,
                jitterMicros,
                keepsOrder,
                duplication,
                rateBitsPerSecond,
                bottleneckQueueBytes);
    }

    private LinkProfile withJitter(long micros, boolean inOrder) {
        return new LinkProfile(
                loss,
                burstStart,
                burstEnd,
                burstLoss,
                delayMicros,
                micros,
                inOrder,
                duplication,
                bitsPerSecond,
                queueBytes);
    }

    private static void probability(double value) {
        if (!(value >= 0 && value <= 1)) {
            throw new IllegalArgumentException(value + " is not a probability");
        }
    }
}
