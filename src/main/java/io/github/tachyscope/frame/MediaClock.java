package io.github.tachyscope.frame;

/**
 * Monotonic time in microseconds since an arbitrary fixed point: the time base of frames, deadlines and protocol
 * engines. Passed in everywhere, so that tests run in virtual time.
 */
@FunctionalInterface
public interface MediaClock {
    long micros();

    /** The process's own monotonic clock. */
    static MediaClock system() {
        return () -> System.nanoTime() / 1000;
    }
}
