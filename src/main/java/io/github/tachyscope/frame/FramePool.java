package io.github.tachyscope.frame;

import java.util.concurrent.ArrayBlockingQueue;

/**
 * A bounded store of picture buffers for one stream, so that a steady stream allocates next to nothing.
 *
 * <p>It keeps buffers of one size only, that of the newest request: a change of resolution empties it. Thread-safe.
 */
public final class FramePool {
    private final int capacity;
    private volatile ArrayBlockingQueue<byte[]> free;
    private volatile int size;

    /** @param capacity most buffers kept; a returned buffer beyond it is left to the garbage collector */
    public FramePool(int capacity) {
        this.capacity = capacity;
        this.free = new ArrayBlockingQueue<>(capacity);
    }

    /** A frame with a buffer of exactly the needed size and undefined content, to be filled before it is handed on. */
    public VideoFrame take(PixelFormat format, int width, int height, long ptsMicros) {
        int bytes = format.bytes(width, height);
        if (bytes != size) {
            resize(bytes);
        }
        byte[] buffer = free.poll();
        if (buffer == null || buffer.length != bytes) {
            buffer = new byte[bytes];
        }
        return VideoFrame.pooled(format, width, height, buffer, ptsMicros, this);
    }

    private synchronized void resize(int bytes) {
        if (bytes != size) {
            free = new ArrayBlockingQueue<>(capacity);
            size = bytes;
        }
    }

    void giveBack(byte[] buffer) {
        if (buffer.length == size) {
            free.offer(buffer);
        }
    }
}
