package io.github.tachyscope.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/** The meters of the scheduler and the devices over one registry. Thread-safe. */
public final class Metrics {
    /** Histograms of latencies reach from here ... */
    private static final Duration SHORTEST = Duration.ofMillis(1);

    /** ... to here; about 60 buckets between. */
    private static final Duration LONGEST = Duration.ofSeconds(30);

    private static final double[] REAL_TIME_BOUNDS = {0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 1, 1.1, 1.5, 2};

    private record CostKey(String pipeline, String kind, int batch) {}

    private final PrometheusMeterRegistry registry;
    private final LongSupplier nowMicros;
    private final AtomicInteger runs = new AtomicInteger();
    private final Map<String, AtomicLong> gauges = new ConcurrentHashMap<>();
    private final Map<String, AtomicLong> busyMicros = new ConcurrentHashMap<>();
    private final Map<CostKey, AtomicLong> costMicros = new ConcurrentHashMap<>();

    /** @param nowMicros monotonic time, for the busy share of the devices */
    public Metrics(PrometheusMeterRegistry registry, LongSupplier nowMicros) {
        this.registry = registry;
        this.nowMicros = nowMicros;
        Gauge.builder("tachyscope_open_runs", runs, AtomicInteger::get)
                .description("Generations that are open on the devices")
                .register(registry);
    }

    /** With a registry of its own, for whoever measures nothing. */
    public static Metrics unread(LongSupplier nowMicros) {
        return new Metrics(new PrometheusMeterRegistry(PrometheusConfig.DEFAULT), nowMicros);
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
        Counter.builder("tachyscope_steps")
                .description("Steps that have run, each generation of a batch by itself")
                .tags(tags)
                .register(registry)
                .increment(size);
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

    /**
     * How full a batch was.
     *
     * @param most that it could have held
     */
    public void occupancy(String pipeline, String kind, int size, int most) {
        DistributionSummary.builder("tachyscope_batch_occupancy_ratio")
                .description("Generations per batch, of those that it could have held")
                .tags("pipeline", pipeline, "kind", kind)
                .register(registry)
                .record((double) size / Math.max(1, most));
    }

    /** What a step of a batch of this size costs, as learnt so far. */
    public void cost(String pipeline, String kind, int batch, double meanMicros) {
        costMicros
                .computeIfAbsent(new CostKey(pipeline, kind, batch), this::registerCost)
                .set(Math.round(meanMicros));
    }

    private AtomicLong registerCost(CostKey key) {
        AtomicLong micros = new AtomicLong();
        Gauge.builder("tachyscope_step_cost_seconds", micros, value -> value.get() / 1e6)
                .description("Mean time of a batch of this size, of the form that ran last")
                .tags("pipeline", key.pipeline(), "kind", key.kind(), "batch", Integer.toString(key.batch()))
                .register(registry);
        return micros;
    }

    /** One chunk was asked for and is there. */
    public void chunkLatency(String pipeline, String urgency, long micros) {
        latency("tachyscope_chunk_latency", "Time from asking for a chunk to having it")
                .tags("pipeline", pipeline, "urgency", urgency)
                .register(registry)
                .record(Math.max(0, micros), TimeUnit.MICROSECONDS);
    }

    /** A live session has its first chunk, so long after its offer. */
    public void firstChunk(long micros) {
        latency("tachyscope_first_chunk", "Time from the offer of a live session to its first chunk")
                .register(registry)
                .record(Math.max(0, micros), TimeUnit.MICROSECONDS);
    }

    /** A picture made with a new parameter is shown, so long after the message that brought it. */
    public void controlToPixel(long micros) {
        latency("tachyscope_control_to_pixel", "Time from a parameter message to the first picture surely made with it")
                .register(registry)
                .record(Math.max(0, micros), TimeUnit.MICROSECONDS);
    }

    /** Frames that a live session showed for each that it should have, over the last seconds. */
    public void realTime(double factor) {
        DistributionSummary.builder("tachyscope_realtime_factor")
                .description("Frames shown per frame wanted, of each live session each second")
                .serviceLevelObjectives(REAL_TIME_BOUNDS)
                .register(registry)
                .record(factor);
    }

    private static Timer.Builder latency(String name, String description) {
        return Timer.builder(name)
                .description(description)
                .publishPercentileHistogram()
                .minimumExpectedValue(SHORTEST)
                .maximumExpectedValue(LONGEST);
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
