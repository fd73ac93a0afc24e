package io.github.tachyscope.config;

import com.typesafe.config.Config;
import java.time.Duration;

/**
 * Scheduler and executors; see {@code tachyscope.engine} in {@code reference.conf}.
 *
 * @param maxRuns most runs at a time over all devices
 * @param maxBatch most steps in one batch, below the pipeline's own limit
 * @param watchdog a step that takes longer marks its device as stuck
 * @param timelineSpans step spans kept for the timeline
 */
public record EngineSettings(int maxRuns, int maxBatch, Duration watchdog, Duration chunkTimeout, int timelineSpans) {
    static EngineSettings from(Config c) {
        return new EngineSettings(
                c.getInt("max-runs"),
                c.getInt("max-batch"),
                c.getDuration("watchdog"),
                c.getDuration("chunk-timeout"),
                c.getInt("timeline-spans"));
    }
}
