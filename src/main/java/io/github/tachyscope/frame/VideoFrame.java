package io.github.tachyscope.frame;

import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * One raw picture on the Java heap, with its presentation time.
 *
 * <p>The content is immutable once the frame was handed on. A frame whose buffer came from a {@link FramePool} is
 * counted: every owner calls {@link #release()} when it is done, an additional owner first calls {@link #retain()}.
 * Releasing late or never is safe (the garbage collector takes the buffer, the pool makes a new one); touching
 * {@link #data()} after the own release is not.
 */
public final class VideoFrame {
    /** Largest width and height that any part of the server accepts; protects against absurd allocations. */
    public static final int MAX_DIMENSION = 4096;

    private final PixelFormat format;
    private final int width;
    private final int height;
    private final byte[] data;
    private final long ptsMicros;
    private final @Nullable FramePool pool;
    private final AtomicInteger owners = new AtomicInteger(1);

    private VideoFrame(
            PixelFormat format, int width, int height, byte[] data, long ptsMicros, @Nullable FramePool pool) {
        if (width < 1 || height < 1 || width > MAX_DIMENSION || height > MAX_DIMENSION) {
            throw new IllegalArgumentException(
                    "frame of " + width + "x" + height + "; allowed are 1 to " + MAX_DIMENSION + " each way");
        }
        if (data.length < format.bytes(width, height)) {
            throw new IllegalArgumentException(
                    "buffer of " + data.length + " bytes is too small for " + width + "x" + height + " " + format);
        }
        this.format = format;
        this.width = width;
        this.height = height;
        this.data = data;
        this.ptsMicros = ptsMicros;
        this.pool = pool;
    }

    /** A frame over a buffer of its own; {@code data} must not be changed afterwards. */
    public static VideoFrame of(PixelFormat format, int width, int height, byte[] data, long ptsMicros) {
        return new VideoFrame(format, width, height, data, ptsMicros, null);
    }

    static VideoFrame pooled(PixelFormat format, int width, int height, byte[] data, long ptsMicros, FramePool pool) {
        return new VideoFrame(format, width, height, data, ptsMicros, pool);
    }

    public PixelFormat format() {
        return format;
    }

    public int width() {
        return width;
    }

    public int height() {
        return height;
    }

    /** The pixels; only the first {@link #bytes()} bytes count, a pooled buffer may be longer. */
    public byte[] data() {
        return data;
    }

    public int bytes() {
        return format.bytes(width, height);
    }

    /** Presentation time in microseconds of the {@link MediaClock} of its source. */
    public long ptsMicros() {
        return ptsMicros;
    }

    /** The same pixels at another time. The copy is the only owner from now on: this frame counts as handed over. */
    public VideoFrame at(long newPtsMicros) {
        return new VideoFrame(format, width, height, data, newPtsMicros, pool);
    }

    /** One more owner. */
    public VideoFrame retain() {
        owners.incrementAndGet();
        return this;
    }

    /** One owner less; the last one returns a pooled buffer. */
    public void release() {
        int left = owners.decrementAndGet();
        if (left < 0) {
            throw new IllegalStateException("frame released more often than owned");
        }
        if (left == 0 && pool != null) {
            pool.giveBack(data);
        }
    }

    @Override
    public String toString() {
        return format + " " + width + "x" + height + " @" + ptsMicros + "us";
    }
}
