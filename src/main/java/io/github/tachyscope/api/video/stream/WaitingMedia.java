package io.github.tachyscope.api.video.stream;

import io.github.tachyscope.metrics.StreamMeters;

/** Chunks of one stream that are encoded and not yet taken by its socket, counted. Thread-safe. */
final class WaitingMedia {
    private final StreamMeters meters;
    private int chunks;
    private long bytes;
    private boolean ended;

    WaitingMedia(StreamMeters meters) {
        this.meters = meters;
    }

    synchronized int chunks() {
        return chunks;
    }

    void encoded(Media media) {
        add(1, media.mp4().bytes().length);
    }

    void taken(Media media) {
        add(-1, -media.mp4().bytes().length);
    }

    private synchronized void add(int more, long moreBytes) {
        // The encoder may come with a last one after the end, which nobody takes.
        if (!ended) {
            chunks += more;
            bytes += moreBytes;
            meters.waiting(moreBytes);
        }
    }

    /** The stream has ended, and what waits with it. */
    synchronized void end() {
        add(-chunks, -bytes);
        ended = true;
    }
}
