package io.github.tachyscope.schedule;

/**
 * What the live runs owe to the batch runs that wait on the same thread: a small share of the time that they take, so
 * that jobs go on however many live sessions there are. A deficit counter (Shreedhar and Varghese 1995) between the two
 * classes.
 */
final class BatchCredit {
    /** Share of a busy thread that waiting batch runs get at the least. */
    static final double SHARE = 0.05;

    /** Longest debt; a job that comes after a busy hour has no claim to make up for it. */
    private static final long MOST_MICROS = 2_000_000;

    private double micros;

    /**
     * A batch of steps has run.
     *
     * @param live whether its first step was a live run's
     * @param batchRunsWait whether a batch run waits on the thread
     */
    void ran(boolean live, boolean batchRunsWait, long runMicros) {
        if (live) {
            micros = batchRunsWait ? Math.min(MOST_MICROS, micros + SHARE * runMicros) : 0;
        } else {
            micros = Math.max(0, micros - runMicros);
        }
    }

    long micros() {
        return (long) micros;
    }
}
