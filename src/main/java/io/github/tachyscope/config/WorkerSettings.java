package io.github.tachyscope.config;

import java.time.Duration;

/**
 * How batch jobs run; see {@code tachyscope.jobs} in {@code reference.conf}.
 *
 * @param parallel most jobs that run at a time
 * @param poll how often the log is looked at for jobs that other servers took in
 * @param drainTimeout how long running jobs may go on after the server was asked to stop
 * @param maxInputBytes largest file that a client sends
 * @param maxInputSide largest width and height of a picture that a client sends
 * @param maxInputFrames most frames of a video that a client sends
 * @param maxInputDuration longest video that a client sends
 */
public record WorkerSettings(
        int parallel,
        Duration poll,
        Duration drainTimeout,
        long maxInputBytes,
        int maxInputSide,
        int maxInputFrames,
        Duration maxInputDuration) {
    /** Side of the largest picture that any part of the server takes. */
    private static final int LARGEST_SIDE = 4096;

    static WorkerSettings from(Section section) {
        return new WorkerSettings(
                section.whole("parallel", 1, 256),
                section.duration("poll", Duration.ofMillis(100)),
                section.duration("drain-timeout", Duration.ZERO),
                section.bytes("max-input-size", 1, Long.MAX_VALUE),
                section.whole("max-input-side", 16, LARGEST_SIDE),
                section.whole("max-input-frames", 1, 1_000_000),
                section.duration("max-input-duration", Duration.ofSeconds(1)));
    }
}
