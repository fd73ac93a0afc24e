package io.github.tachyscope.metrics;

import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/** The meters of the scheduler and the devices over one registry. Thread-safe. */
public final class Metrics {
    private final PrometheusMeterRegistry registry;
    private final LongSupplier nowMicros;
    private final AtomicInteger runs = new AtomicInteger();
    private final Map<String, AtomicLong> gauges = new ConcurrentHashMap<>();
    private final Map<String, AtomicLong> busyMicros = new ConcurrentHashMap<>();

    /** @param nowMicros monotonic time, for the busy share of the devices */
    public Metrics(PrometheusMeterRegistry registry, LongSupplier nowMicros) {
        this.registry = registry;
        this.nowMicros = nowMicros;
        Gauge.builder("tachyscope_open_runs", runs, AtomicInteger::get)
                .description("Generations that are open on the devices")
                .register(registry);
    }

    /** For meters of other parts. */
    public PrometheusMeterRegistry registry() {
        return registry;
    }

    /** The text format of Prometheus. */
    public String scrape() {
        return registry.scrape();
    }

    public void runs(int open) {
        runs.set(open);
    }

    /** One finished batch of steps. */
    public void batch(String pipeline, String kind, String device, int size, long runTimeMicros) {
        Tags tags = Tags.of("pipeline", pipeline, "kind", kind);
        Timer.builder("tachyscope_step_duration")
                .description("Time from start to end of one batch of steps")
                .tags(tags)
                .publishPercentileHistogram()
                .register(registry)
                .record(runTimeMicros, TimeUnit.MICROSECONDS);
        DistributionSummary.builder("tachyscope_batch_runs")
                .description("Generations per batch")
                .tags(tags)
                .register(registry)
                .record(size);
        busyMicros.computeIfAbsent(device, this::registerDevice).addAndGet(runTimeMicros);
    }

    /** One step has waited so long from ready to start. */
    public void waited(String pipeline, String kind, long queueMicros) {
        Timer.builder("tachyscope_step_wait")
                .description("Time from ready to start of one step")
                .tags("pipeline", pipeline, "kind", kind)
                .publishPercentileHistogram()
                .register(registry)
                .record(Math.max(0, queueMicros), TimeUnit.MICROSECONDS);
    }

    /** One chunk has ended. */
    public void chunk(String pipeline, boolean finished, boolean onTime) {
        String outcome = !finished ? "failed" : onTime ? "on_time" : "late";
        registry.counter("tachyscope_chunks", "pipeline", pipeline, "outcome", outcome)
                .increment();
    }

    /** A run was not taken on: no device had time and room for it. */
    public void refused() {
        registry.counter("tachyscope_admission_refused").increment();
    }

    /** Share of a device's time that its live sessions take at the rate they should have, as predicted. */
    public void utilisation(String device, double predicted) {
        gauge("tachyscope_utilisation", device).set(Double.doubleToLongBits(predicted));
    }

    /** What live sessions on a device do without; 0 is nothing. */
    public void qualityLevel(String device, int level) {
        gauge("tachyscope_quality_level", device).set(Double.doubleToLongBits(level));
    }

    private AtomicLong gauge(String name, String device) {
        return gauges.computeIfAbsent(name + " " + device, unknown -> {
            AtomicLong bits = new AtomicLong();
            Gauge.builder(name, bits, value -> Double.longBitsToDouble(value.get()))
                    .tags("device", device)
                    .register(registry);
            return bits;
        });
    }

    private AtomicLong registerDevice(String device) {
        AtomicLong busy = new AtomicLong();
        BusyShare share = new BusyShare(busy, nowMicros);
        Gauge.builder("tachyscope_device_busy_ratio", share, BusyShare::sinceLastRead)
                .description(
                        "Busy time of all lanes since the last scrape, per lane-second; above 1 where lanes overlap")
                .tags("device", device)
                .register(registry);
        return busy;
    }

    private static final class BusyShare {
        private final AtomicLong busy;
        private final LongSupplier now;
        private long lastBusy;
        private long lastTime;

        BusyShare(AtomicLong busy, LongSupplier now) {
            this.busy = busy;
            this.now = now;
            this.lastTime = now.getAsLong();
        }

        synchronized double sinceLastRead() {
            long time = now.getAsLong();
            long total = busy.get();
            double share = time > lastTime ? (double) (total - lastBusy) / (time - lastTime) : 0;
            lastBusy = total;
            lastTime = time;
            return share;
        }
    }
}
