package io.github.tachyscope.api.video.stream;

import io.github.tachyscope.api.video.Pace;

/**
 * When the chunks of a stream may leave, so that a change made now is seen now and not behind seconds of video that the
 * client already has.
 *
 * <pre>
 *   due = time of the first release + frames released / fps - lead
 * </pre>
 *
 * <p>The first chunk is never held. One that is later than the largest lag moves the line so that it is on time.
 */
final class Pacer {
    private final Pace pace;
    private final int fps;
    private boolean begun;
    private long originMicros;
    private long frames;

    Pacer(Pace pace, int fps) {
        this.pace = pace;
        this.fps = fps;
    }

    /** When the next chunk may leave; not after {@code nowMicros} if it may do so at once. */
    long due(long nowMicros) {
        return pace.kept() && begun ? planned() : nowMicros;
    }

    private long planned() {
        return originMicros + Math.round((frames / (double) fps - pace.leadSeconds()) * 1e6);
    }

    /** A chunk leaves now. */
    void released(int chunkFrames, long nowMicros) {
        if (!begun) {
            begun = true;
            originMicros = nowMicros;
        } else {
            long lag = nowMicros - planned();
            if (pace.maxLagSeconds().isPresent() && lag > pace.maxLagSeconds().getAsDouble() * 1e6) {
                originMicros += lag;
            }
        }
        frames += chunkFrames;
    }
}
