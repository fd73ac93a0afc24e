package io.github.tachyscope.session.job;

import io.github.tachyscope.exec.Chunk;
import io.github.tachyscope.frame.MediaClock;
import io.github.tachyscope.frame.VideoFrame;
import java.util.List;
import java.util.function.Consumer;

/** Takes the newest finished frame now and then, for those who follow a job. Used by one thread. */
final class FrameGlance implements Consumer<Chunk> {
    /** A viewer of a job sees that it goes on; more pictures a second are a video, and cost as much. */
    static final long PAUSE_MICROS = 200_000;

    private final MediaClock clock;
    private final Consumer<VideoFrame> to;
    private long nextMicros = Long.MIN_VALUE;

    /** @param to owns the frames that it gets */
    FrameGlance(MediaClock clock, Consumer<VideoFrame> to) {
        this.clock = clock;
        this.to = to;
    }

    @Override
    public void accept(Chunk chunk) {
        List<VideoFrame> frames = chunk.frames();
        long now = clock.micros();
        if (!frames.isEmpty() && now >= nextMicros) {
            nextMicros = now + PAUSE_MICROS;
            to.accept(frames.get(frames.size() - 1).retain());
        }
    }
}
