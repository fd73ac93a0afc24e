package io.github.tachyscope.flow;

import io.github.tachyscope.exec.Chunk;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/** Counters and rates of one flow. Written by its stages, read from anywhere. */
public final class FlowMeter {
    /** What is told when it happens; called on the stream's thread, must not block. */
    public interface Moments {
        Moments IGNORED = new Moments() {};

        /** The first chunk of all is there. */
        default void firstChunk() {}

        /** A picture made with a new parameter is shown, so long after the message that brought it. */
        default void controlShown(long delayMicros) {}
    }

    /** Latencies remembered for the median; four seconds at 30 fps. */
    private static final int LATENCIES = 128;

    private final LongAdder framesIn = new LongAdder();
    private final LongAdder framesDropped = new LongAdder();
    private final LongAdder framesOut = new LongAdder();
    private final LongAdder chunks = new LongAdder();
    private final LongAdder chunksFailed = new LongAdder();
    private final LongAdder steps = new LongAdder();
    private final LongAdder stalls = new LongAdder();
    private final LongAdder made = new LongAdder();
    private final LongAdder runMicros = new LongAdder();
    private final AtomicLong bitrate = new AtomicLong();
    private final long[] latencies = new long[LATENCIES];
    private int latencyCount;
    private final RateWindow rateIn = new RateWindow();
    private final RateWindow rateOut = new RateWindow();
    private final Moments moments;
    private final ControlDelay controls;

    public FlowMeter() {
        this(Moments.IGNORED);
    }

    public FlowMeter(Moments moments) {
        this.moments = moments;
        this.controls = new ControlDelay(moments::controlShown);
    }

    /** Follows parameter messages until they are seen. */
    public ControlDelay controls() {
        return controls;
    }

    void received(long nowMicros) {
        framesIn.increment();
        rateIn.mark(nowMicros);
    }

    void dropped(int frames) {
        framesDropped.add(frames);
    }

    void stalled() {
        stalls.increment();
    }

    void chunk(Chunk chunk) {
        if (chunks.sum() == 0) {
            moments.firstChunk();
        }
        chunks.increment();
        steps.add(chunk.steps());
        made.add(chunk.frames().size());
        runMicros.add(chunk.runMicros());
    }

    void chunkFailed() {
        chunksFailed.increment();
    }

    /** @param latencyMicros from the picture's presentation time to its sending; negative if it has no source */
    void sent(long nowMicros, long latencyMicros) {
        framesOut.increment();
        rateOut.mark(nowMicros);
        if (latencyMicros >= 0) {
            synchronized (latencies) {
                latencies[latencyCount++ % LATENCIES] = latencyMicros;
            }
        }
    }

    void bitrate(int bitsPerSecond) {
        bitrate.set(bitsPerSecond);
    }

    public long framesIn() {
        return framesIn.sum();
    }

    public long framesDropped() {
        return framesDropped.sum();
    }

    public long framesOut() {
        return framesOut.sum();
    }

    public long chunks() {
        return chunks.sum();
    }

    public long chunksFailed() {
        return chunksFailed.sum();
    }

    public long steps() {
        return steps.sum();
    }

    /** How often the viewer ran out of frames. */
    public long stalls() {
        return stalls.sum();
    }

    public int bitrate() {
        return (int) bitrate.get();
    }

    public double fpsIn(long nowMicros) {
        return rateIn.perSecond(nowMicros);
    }

    public double fpsOut(long nowMicros) {
        return rateOut.perSecond(nowMicros);
    }

    /** Frames made per second of device time; 0 before the first chunk. */
    public double pipelineFps() {
        long micros = runMicros.sum();
        return micros == 0 ? 0 : made.sum() * 1e6 / micros;
    }

    /** Median latency over the last pictures in milliseconds; NaN before the first. */
    public double latencyMillis() {
        long[] copy;
        synchronized (latencies) {
            copy = Arrays.copyOf(latencies, Math.min(latencyCount, LATENCIES));
        }
        if (copy.length == 0) {
            return Double.NaN;
        }
        Arrays.sort(copy);
        return copy[copy.length / 2] / 1000.0;
    }
}
