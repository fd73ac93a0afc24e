package io.github.tachyscope.rtc.rtp;

/** What we tell peers without transport-wide feedback that they may send (REMB), by loss and throughput. */
final class ReceiveEstimate {
    private static final double LITTLE_LOSS = 0.02;
    private static final double MUCH_LOSS = 0.10;

    /** Head room over what arrives, so that a sender can grow without our promising the sky. */
    private static final double HEADROOM = 1.5;

    private final int min;
    private final int max;
    private double rate;
    private long bytes;
    private long sinceMicros = -1;

    ReceiveEstimate(int start, int min, int max) {
        this.min = min;
        this.max = max;
        this.rate = start;
    }

    void received(int datagramBytes) {
        bytes += datagramBytes;
    }

    /** The estimate after an interval with this loss. */
    int update(double loss, long nowMicros) {
        if (sinceMicros >= 0 && nowMicros > sinceMicros) {
            double throughput = bytes * 8e6 / (nowMicros - sinceMicros);
            if (loss > MUCH_LOSS) {
                rate = Math.min(rate, throughput) * (1 - 0.5 * loss);
            } else if (loss < LITTLE_LOSS && throughput * HEADROOM > rate) {
                rate *= 1.08;
            }
            rate = Math.max(min, Math.min(max, rate));
        }
        sinceMicros = nowMicros;
        bytes = 0;
        return (int) rate;
    }
}
