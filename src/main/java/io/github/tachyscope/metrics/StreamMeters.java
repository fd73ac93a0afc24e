package io.github.tachyscope.metrics;

import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** The meters of videos that are sent over a socket while they are made. Thread-safe. */
public final class StreamMeters {
    private static final double[] REAL_TIME_BOUNDS = {0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 1, 1.1, 1.5, 2};

    private final MeterRegistry registry;
    private final AtomicInteger open = new AtomicInteger();
    private final AtomicLong waiting = new AtomicLong();

    public StreamMeters(Metrics metrics) {
        this.registry = metrics.registry();
        Gauge.builder("tachyscope_video_streams", open, AtomicInteger::get)
                .description("Sockets that videos are sent over")
                .register(registry);
        Gauge.builder("tachyscope_video_waiting_bytes", waiting, AtomicLong::get)
                .description("Encoded video that sockets have not yet taken")
                .register(registry);
    }

    public void opened() {
        open.incrementAndGet();
    }

    public void closed() {
        open.decrementAndGet();
    }

    /** From the accepted start to the first byte of video. */
    public void firstMedia(long micros) {
        latency("tachyscope_video_ttfc", "Time from session.start to the first byte of video", micros);
    }

    /** From one chunk to the next as they come from the encoder. */
    public void chunk(long micros) {
        latency("tachyscope_video_chunk", "Time between two chunks of a streamed video", micros);
    }

    /** From an update to the first byte of the chunk that starts it. */
    public void controlToPixel(long micros) {
        latency("tachyscope_video_control_to_pixel", "Time from an update to the chunk that starts it", micros);
    }

    /** A chunk was sent after the time at which it should have been shown. */
    public void lateChunk() {
        registry.counter("tachyscope_video_late_chunks").increment();
    }

    /** That many bytes more of encoded video, or less, wait for sockets. */
    public void waiting(long moreBytes) {
        waiting.addAndGet(moreBytes);
    }

    /** Bytes that were sent. */
    public void sent(long frames, long bytes) {
        registry.counter("tachyscope_video_frames").increment(frames);
        registry.counter("tachyscope_video_bytes").increment(bytes);
    }

    /**
     * A stream has ended.
     *
     * @param realTimeFactor seconds that it took for each second of video
     * @param queuePeak most encoded chunks that waited
     */
    public void ended(double realTimeFactor, int queuePeak) {
        DistributionSummary.builder("tachyscope_video_rtf")
                .description("Seconds that a streamed video took for each second of it")
                .serviceLevelObjectives(REAL_TIME_BOUNDS)
                .register(registry)
                .record(realTimeFactor);
        DistributionSummary.builder("tachyscope_video_queue_peak")
                .description("Most encoded chunks of a stream that waited for its client")
                .register(registry)
                .record(queuePeak);
    }

    private void latency(String name, String description, long micros) {
        Timer.builder(name)
                .description(description)
                .publishPercentileHistogram()
                .minimumExpectedValue(Duration.ofMillis(1))
                .maximumExpectedValue(Duration.ofSeconds(60))
                .register(registry)
                .record(Math.max(0, micros), TimeUnit.MICROSECONDS);
    }
}
