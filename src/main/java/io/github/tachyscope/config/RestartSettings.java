package io.github.tachyscope.config;

import java.time.Duration;

/**
 * How an executor comes back after a failure; see {@code tachyscope.engine.restart} in {@code reference.conf}.
 *
 * @param grace what a step that was told to end gets until its thread is abandoned
 * @param minBackoff wait before the first restart; doubles with each further one
 * @param maxBackoff longest wait before a restart
 * @param limit restarts in a row; after one failure more the device is given up
 * @param calmAfter a device that has worked for so long counts its restarts from 0 again
 * @param abandonedThreads most threads of a device that may hang for good; with one more it is given up
 */
public record RestartSettings(
        Duration grace, Duration minBackoff, Duration maxBackoff, int limit, Duration calmAfter, int abandonedThreads) {
    /** No restart: the first failure is the last. For measurements, which a restart would spoil. */
    public static final RestartSettings NEVER = new RestartSettings(
            Duration.ofMinutes(1), Duration.ofSeconds(1), Duration.ofSeconds(1), 0, Duration.ofSeconds(1), 0);

    /** Guards against a slip of the keyboard. */
    private static final int MOST = 1_000;

    static RestartSettings from(Section section) {
        return new RestartSettings(
                section.duration("grace", Duration.ZERO),
                section.duration("min-backoff"),
                section.duration("max-backoff"),
                section.whole("limit", 0, MOST),
                section.duration("calm-after"),
                section.whole("abandoned-threads", 0, MOST));
    }
}
