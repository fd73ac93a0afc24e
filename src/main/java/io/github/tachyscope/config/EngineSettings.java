package io.github.tachyscope.config;

import java.time.Duration;

/**
 * Scheduler and executors; see {@code tachyscope.engine} in {@code reference.conf}.
 *
 * @param maxRuns most runs at a time over all devices
 * @param maxBatch most steps in one batch, below the pipeline's own limit
 * @param lanes threads of each device
 * @param watchdog a step that takes longer marks its device as stuck
 * @param timelineSpans step spans kept for the timeline
 */
public record EngineSettings(
        int maxRuns, int maxBatch, int lanes, Duration watchdog, Duration chunkTimeout, int timelineSpans) {
    /** Guards against a slip of the keyboard; far above what one device can carry. */
    private static final int MOST = 10_000;

    /** About 100 bytes each: 100 MB of heap. */
    private static final int MOST_SPANS = 1_000_000;

    static EngineSettings from(Section section) {
        return new EngineSettings(
                section.whole("max-runs", 1, MOST),
                section.whole("max-batch", 1, MOST),
                section.whole("lanes", 1, 3),
                section.duration("watchdog"),
                section.duration("chunk-timeout"),
                section.whole("timeline-spans", 1, MOST_SPANS));
    }
}
