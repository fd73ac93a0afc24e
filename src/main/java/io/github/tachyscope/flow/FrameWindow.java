package io.github.tachyscope.flow;

import io.github.tachyscope.frame.VideoFrame;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * The newest input frames, waiting to become a chunk. Bounded: a new frame pushes the oldest out.
 *
 * <p>A chunk samples the whole window uniformly and empties it, so that a model slower than the camera sees time
 * compressed instead of falling behind; a chunk of one frame is the newest.
 */
final class FrameWindow {
    /** Least capacity: half a second and more of camera, so that a chunk of any size spans what was just filmed. */
    static final int MIN_CAPACITY = 30;

    private final Deque<VideoFrame> frames = new ArrayDeque<>();

    int size() {
        return frames.size();
    }

    /**
     * Adds a frame.
     *
     * @param chunkSize frames that the next chunk takes; the window holds twice that, at least {@link #MIN_CAPACITY},
     *     and only one for chunks of one
     * @return how many frames were dropped
     */
    int add(VideoFrame frame, int chunkSize) {
        frames.addLast(frame);
        int capacity = chunkSize == 1 ? 1 : Math.max(MIN_CAPACITY, 2 * chunkSize);
        int dropped = 0;
        while (frames.size() > capacity) {
            frames.removeFirst().release();
            dropped++;
        }
        return dropped;
    }

    boolean has(int chunkSize) {
        return frames.size() >= chunkSize;
    }

    /** {@code chunkSize} frames spread evenly over the window, ending with the newest; the rest is released. */
    List<VideoFrame> take(int chunkSize) {
        if (!has(chunkSize)) {
            throw new IllegalStateException("a chunk of " + chunkSize + " of " + frames.size() + " frames");
        }
        List<VideoFrame> all = new ArrayList<>(frames);
        frames.clear();
        List<VideoFrame> chunk = new ArrayList<>(chunkSize);
        int next = 0;
        for (int i = 1; i <= chunkSize; i++) {
            int last = (int) ((long) i * all.size() / chunkSize) - 1;
            while (next < last) {
                all.get(next++).release();
            }
            chunk.add(all.get(next++));
        }
        return chunk;
    }

    void clear() {
        frames.forEach(VideoFrame::release);
        frames.clear();
    }
}
