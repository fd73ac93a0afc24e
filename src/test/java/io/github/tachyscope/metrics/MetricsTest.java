package io.github.tachyscope.metrics;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class MetricsTest {
    private final Metrics metrics = Metrics.unread(() -> 0);

    private void says(String line) {
        String all = metrics.scrape();
        assertTrue(all.lines().anyMatch(line::equals), () -> line + " is not in\n" + all);
    }

    @Test
    void tellsHowFullBatchesAreAndWhatTheyCost() {
        metrics.batch("tiny", "denoise", "cpu", 3, 40_000);
        metrics.batch("tiny", "denoise", "cpu", 1, 20_000);
        metrics.occupancy("tiny", "denoise", 3, 4);
        metrics.cost("tiny", "denoise", 3, 40_000);
        metrics.cost("tiny", "denoise", 3, 30_000);
        says("tachyscope_steps_total{kind=\"denoise\",pipeline=\"tiny\"} 4.0");
        says("tachyscope_batch_occupancy_ratio_sum{kind=\"denoise\",pipeline=\"tiny\"} 0.75");
        says("tachyscope_step_cost_seconds{batch=\"3\",kind=\"denoise\",pipeline=\"tiny\"} 0.03");
    }

    @Test
    void tellsLatenciesAsHistograms() {
        metrics.chunkLatency("tiny", "live", 50_000);
        metrics.firstChunk(300_000);
        metrics.controlToPixel(120_000);
        metrics.realTime(0.97);
        says("tachyscope_chunk_latency_seconds_count{pipeline=\"tiny\",urgency=\"live\"} 1");
        says("tachyscope_chunk_latency_seconds_sum{pipeline=\"tiny\",urgency=\"live\"} 0.05");
        assertTrue(metrics.scrape().contains("tachyscope_chunk_latency_seconds_bucket"));
        says("tachyscope_first_chunk_seconds_sum 0.3");
        says("tachyscope_control_to_pixel_seconds_sum 0.12");
        says("tachyscope_realtime_factor_bucket{le=\"0.95\"} 0");
        says("tachyscope_realtime_factor_bucket{le=\"1.0\"} 1");
    }
}
