package io.github.tachyscope.media;

import io.github.tachyscope.frame.VideoFrame;
import java.util.Optional;

/**
 * The frames of a video at a constant rate: some are shown again or left out, so that each is the one nearest to its
 * time. Lasts as long as the video. Used by one thread at a time.
 */
public final class ConstantRate implements AutoCloseable {
    public static final int MAX_FPS = 120;

    private final VideoReader reader;
    private final int fps;
    private final long total;
    private Optional<VideoFrame> shown = Optional.empty();
    private Optional<VideoFrame> upcoming;
    private long produced;

    private ConstantRate(VideoReader reader, int fps) {
        this.reader = reader;
        this.fps = fps;
        this.total = Math.max(1, index(reader.info().durationMicros()));
        this.upcoming = reader.next();
    }

    /**
     * Takes the place of the reader, which stays the caller's to close, and reads its first frame.
     *
     * @param fps 1 to {@link #MAX_FPS}
     * @throws MediaRefused as {@link VideoReader#next}
     */
    public static ConstantRate of(VideoReader reader, int fps) {
        if (fps < 1 || fps > MAX_FPS) {
            throw new IllegalArgumentException(fps + " fps; allowed are 1 to " + MAX_FPS);
        }
        return new ConstantRate(reader, fps);
    }

    /** How many frames there will be; damage may keep some from being shown. */
    public long frames() {
        return total;
    }

    /**
     * The next frame, owned by the caller; empty at the end.
     *
     * @throws MediaRefused as {@link VideoReader#next}
     */
    public Optional<VideoFrame> next() {
        while (upcoming.isPresent() && (shown.isEmpty() || index(upcoming.get().ptsMicros()) <= produced)) {
            shown.ifPresent(VideoFrame::release);
            shown = upcoming;
            upcoming = reader.next();
        }
        if (produced >= total || shown.isEmpty()) {
            close();
            return Optional.empty();
        }
        VideoFrame from = shown.get();
        long micros = Math.round(produced * 1e6 / fps);
        produced++;
        VideoFrame copy = reader.pool().take(from.format(), from.width(), from.height(), micros);
        System.arraycopy(from.data(), 0, copy.data(), 0, from.bytes());
        return Optional.of(copy);
    }

    private long index(long micros) {
        return Math.round(micros * (fps / 1e6));
    }

    /** Gives the frames back that are held; the reader stays open. */
    @Override
    public void close() {
        shown.ifPresent(VideoFrame::release);
        upcoming.ifPresent(VideoFrame::release);
        shown = Optional.empty();
        upcoming = Optional.empty();
    }
}
