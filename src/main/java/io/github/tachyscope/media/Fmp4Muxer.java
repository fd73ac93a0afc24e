package io.github.tachyscope.media;

import io.github.tachyscope.frame.EncodedFrame;
import io.github.tachyscope.frame.VideoCodec;
import java.util.Arrays;

/**
 * A live H.264 stream as fragmented MP4, one fragment per frame, as Media Source Extensions play it. Its pace is that
 * of its source; {@link ChunkMp4} writes chunks at a constant rate.
 *
 * <pre>
 *   init      ftyp moov
 *   fragment  moof mdat      for every frame, the key frame of {@link #startingAt} first
 * </pre>
 *
 * <p>Time begins at zero with that key frame. Used by one thread at a time; frees its native memory on {@link #close()}
 * only.
 */
public final class Fmp4Muxer implements AutoCloseable {
    private static final int TICKS_PER_SECOND = 90_000;
    /** Two, because every frame but the first is announced one tick earlier. */
    private static final int MIN_STEP_TICKS = 2;

    private final byte[] parameterSets;
    private final long startMicros;
    private final FragmentWriter writer;
    private long lastTick;

    private Fmp4Muxer(byte[] parameterSets, int width, int height, long startMicros, long lastTick) {
        this.parameterSets = parameterSets;
        this.startMicros = startMicros;
        this.lastTick = lastTick;
        this.writer = new FragmentWriter(parameterSets, width, height, TICKS_PER_SECOND, false);
    }

    /**
     * A muxer whose first fragment will be {@code keyFrame}, which describes the stream but is not written yet.
     *
     * @throws CodecFailure if it is not an H.264 key frame with its parameter sets
     */
    public static Fmp4Muxer startingAt(EncodedFrame keyFrame, int width, int height) {
        return new Fmp4Muxer(parameterSets(keyFrame), width, height, keyFrame.ptsMicros(), -MIN_STEP_TICKS);
    }

    /**
     * A muxer for what comes after a change of picture size, {@code keyFrame} first. Its time goes on where this one's
     * ended: players put each fragment at its time, and one that began at zero again would never be shown.
     *
     * @throws CodecFailure if it is not an H.264 key frame with its parameter sets
     */
    public Fmp4Muxer continuedBy(EncodedFrame keyFrame, int width, int height) {
        return new Fmp4Muxer(parameterSets(keyFrame), width, height, startMicros, lastTick);
    }

    private static byte[] parameterSets(EncodedFrame keyFrame) {
        if (keyFrame.codec() != VideoCodec.H264 || !keyFrame.keyFrame()) {
            throw new CodecFailure("fragmented MP4 starts with a key frame of H264");
        }
        return AnnexB.parameterSets(keyFrame.data())
                .orElseThrow(() -> new CodecFailure("key frame without parameter sets"));
    }

    /** The initialisation segment; the same bytes for every viewer. */
    public byte[] init() {
        return writer.init();
    }

    /** The type of the stream for {@code video/mp4; codecs="..."}, such as {@code avc1.42C01F}. */
    public String codecs() {
        return AnnexB.codecs(parameterSets);
    }

    /** Whether the frame fits the initialisation segment; false at a change of picture size, see {@link #continuedBy}. */
    public boolean continues(EncodedFrame frame) {
        return frame.codec() == VideoCodec.H264
                && (!frame.keyFrame()
                        || AnnexB.parameterSets(frame.data())
                                .map(sets -> Arrays.equals(sets, parameterSets))
                                .orElse(true));
    }

    /** The media segment with this frame. Times that do not grow are moved on by the smallest step. */
    public byte[] fragment(EncodedFrame frame, long durationMicros) {
        long tick = Math.max(lastTick + MIN_STEP_TICKS, ticks(frame.ptsMicros() - startMicros));
        if (lastTick >= 0) {
            writer.jumpTo(tick);
        }
        writer.sample(frame.data(), frame.keyFrame(), tick, Math.max(1, ticks(durationMicros)));
        lastTick = tick;
        return writer.fragment();
    }

    private static long ticks(long micros) {
        return Math.round(micros * (TICKS_PER_SECOND / 1e6));
    }

    /** Frees the native muxer; further calls have no effect. */
    @Override
    public void close() {
        writer.close();
    }
}
