package io.github.tachyscope.testkit;

import io.github.tachyscope.frame.FramePool;
import io.github.tachyscope.frame.PixelFormat;
import io.github.tachyscope.frame.VideoFrame;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/** Small frames from a pool that knows whether all of them were released. Thread-safe. */
public final class CountedFrames {
    private static final int CAPACITY = 10_000;
    private final FramePool pool = new FramePool(CAPACITY);
    private final Set<byte[]> buffers = Collections.newSetFromMap(new IdentityHashMap<>());

    public synchronized VideoFrame take() {
        VideoFrame frame = pool.take(PixelFormat.RGB24, 16, 16, 0);
        buffers.add(frame.data());
        return frame;
    }

    /** How many frames were not released. */
    public synchronized int out() {
        List<VideoFrame> taken = new ArrayList<>();
        int back = 0;
        for (int i = 0; i < buffers.size(); i++) {
            VideoFrame frame = pool.take(PixelFormat.RGB24, 16, 16, 0);
            if (!buffers.contains(frame.data())) {
                break;
            }
            taken.add(frame);
            back++;
        }
        taken.forEach(VideoFrame::release);
        return buffers.size() - back;
    }
}
