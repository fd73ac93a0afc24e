package io.github.tachyscope.api.video.stream;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;

/** How one stream went: counted while it runs, told when it ends. */
final class StreamFigures {
    /** Latest intervals between chunks that percentiles are taken of; protects memory in long streams. */
    private static final int INTERVALS = 4096;

    private final long startMicros;
    private final int fps;
    private final long[] intervals = new long[INTERVALS];
    private long made;
    private long lastMadeMicros;
    private OptionalLong firstByteMicros = OptionalLong.empty();
    private long chunks;
    private long frames;
    private long bytes;
    private long late;
    private int queuePeak;

    /** @param nowMicros when the first message was accepted */
    StreamFigures(int fps, long nowMicros) {
        this.fps = fps;
        this.startMicros = nowMicros;
        this.lastMadeMicros = nowMicros;
    }

    /**
     * A chunk has come from the encoder.
     *
     * @param waiting chunks, with this one
     * @return microseconds since the one before
     */
    long made(int waiting, long nowMicros) {
        long interval = nowMicros - lastMadeMicros;
        intervals[(int) (made++ % INTERVALS)] = interval;
        lastMadeMicros = nowMicros;
        queuePeak = Math.max(queuePeak, waiting);
        return interval;
    }

    /** A chunk is on its way to the socket. */
    void leaves(Media media) {
        chunks++;
        frames += media.mp4().frames();
        bytes += media.mp4().bytes().length;
    }

    /**
     * The socket has taken a chunk.
     *
     * @return whether it should have been shown before
     */
    boolean written(Media media, long nowMicros) {
        if (firstByteMicros.isEmpty()) {
            firstByteMicros = OptionalLong.of(nowMicros);
        }
        boolean isLate = nowMicros > firstByteMicros.getAsLong() + media.mp4().startMicros();
        late += isLate ? 1 : 0;
        return isLate;
    }

    long frames() {
        return frames;
    }

    long bytes() {
        return bytes;
    }

    int queuePeak() {
        return queuePeak;
    }

    /** From the accepted start to the first media byte. */
    Optional<Double> ttfcMillis() {
        return firstByteMicros.isPresent()
                ? Optional.of((firstByteMicros.getAsLong() - startMicros) / 1e3)
                : Optional.empty();
    }

    /** Seconds that it took for each second of video; empty without video. */
    Optional<Double> realTimeFactor(long nowMicros) {
        return frames == 0 ? Optional.empty() : Optional.of((nowMicros - startMicros) / 1e6 * fps / frames);
    }

    StreamProtocol.Sent sent(long nowMicros) {
        return new StreamProtocol.Sent(
                chunks, frames, (double) frames / fps, ttfcMillis(), (nowMicros - startMicros) / 1e3);
    }

    double percentileMillis(double share) {
        int count = (int) Math.min(made, INTERVALS);
        if (count == 0) {
            return 0;
        }
        long[] sorted = Arrays.copyOf(intervals, count);
        Arrays.sort(sorted);
        return sorted[(int) Math.min(count - 1, Math.round(share * (count - 1)))] / 1e3;
    }

    /** For the log. */
    String line(long nowMicros) {
        return String.format(
                Locale.ROOT,
                "ttfc_ms=%.1f chunk_ms_p50=%.1f chunk_ms_p95=%.1f late_chunks=%d rtf=%.3f frames=%d bytes=%d queue_peak=%d",
                ttfcMillis().orElse(-1.0),
                percentileMillis(0.5),
                percentileMillis(0.95),
                late,
                realTimeFactor(nowMicros).orElse(0.0),
                frames,
                bytes,
                queuePeak);
    }
}
