package io.github.tachyscope.config;

import java.time.Duration;
import java.util.List;

/**
 * Scheduler and executors; see {@code tachyscope.engine} in {@code reference.conf}.
 *
 * @param maxRuns most runs at a time over all devices
 * @param maxBatch most steps in one batch, below the pipeline's own limit
 * @param lanes threads of each device
 * @param laneThreads threads that the operations of one lane use together; 0 shares the processors out
 * @param precision of models: {@code auto}, {@code fp32}, {@code bf16} or {@code fp16}
 * @param watchdog a step that takes longer marks its device as stuck
 * @param previewShare time that the previews of a job may take, as a share of that of its other steps; 0 for none
 * @param warmUp longest warm-up of a freshly loaded pipeline; nothing for none
 * @param timelineSpans step spans kept for the timeline
 */
public record EngineSettings(
        int maxRuns,
        int maxBatch,
        int lanes,
        int laneThreads,
        String precision,
        Duration watchdog,
        Duration chunkTimeout,
        Duration warmUp,
        double previewShare,
        int timelineSpans) {
    /** The device's own choice. */
    public static final String AUTO = "auto";

    /** Guards against a slip of the keyboard; far above what one device can carry. */
    private static final int MOST = 10_000;

    /** About 100 bytes each: 100 MB of heap. */
    private static final int MOST_SPANS = 1_000_000;

    /** More than the largest machines have processors. */
    private static final int MOST_THREADS = 1024;

    private static final double USUAL_PREVIEW_SHARE = 0.05;

    /** A job that shows itself for longer than it works is a slip of the keyboard. */
    private static final double MOST_PREVIEW_SHARE = 1;

    /** Without a warm-up. */
    public EngineSettings(
            int maxRuns,
            int maxBatch,
            int lanes,
            int laneThreads,
            String precision,
            Duration watchdog,
            Duration chunkTimeout,
            int timelineSpans) {
        this(
                maxRuns,
                maxBatch,
                lanes,
                laneThreads,
                precision,
                watchdog,
                chunkTimeout,
                Duration.ZERO,
                USUAL_PREVIEW_SHARE,
                timelineSpans);
    }

    static EngineSettings from(Section section) {
        return new EngineSettings(
                section.whole("max-runs", 1, MOST),
                section.whole("max-batch", 1, MOST),
                section.whole("lanes", 1, 3),
                section.whole("lane-threads", 0, MOST_THREADS),
                section.oneOf("precision", List.of(AUTO, "fp32", "bf16", "fp16")),
                section.duration("watchdog"),
                section.duration("chunk-timeout"),
                section.duration("warm-up", Duration.ZERO),
                section.number("preview-share", 0, MOST_PREVIEW_SHARE),
                section.whole("timeline-spans", 1, MOST_SPANS));
    }
}
