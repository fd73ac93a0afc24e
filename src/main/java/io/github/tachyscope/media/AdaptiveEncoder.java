package io.github.tachyscope.media;

import io.github.tachyscope.config.MediaSettings;
import io.github.tachyscope.frame.EncodedFrame;
import io.github.tachyscope.frame.VideoCodec;
import io.github.tachyscope.frame.VideoFrame;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * An encoder that follows its source's picture size and its receiver's bandwidth.
 *
 * <p>Encoders cannot change either while they run, so both open a new one, which begins with a key frame. Because a
 * key frame costs a burst of packets, the rate follows only changes of more than 15 %, quickly when the network gets
 * worse and slowly when it gets better. {@link #targetBitrate} and {@link #requestKeyFrame} may be called from any
 * thread, everything else by one thread at a time.
 */
public final class AdaptiveEncoder implements AutoCloseable {
    /** A shortage is answered within this time: packets beyond it would be lost. */
    private static final long DOWN_PAUSE_MICROS = 500_000;
    /** Growth waits this long, so that a wavering estimate does not cost a key frame each time. */
    private static final long UP_PAUSE_MICROS = 2_000_000;

    /** More is not seen: 2.75 Mb/s at 512x512 and 30 fps, 9.7 Mb/s at 1280x720. */
    private static final double BITS_PER_PIXEL = 0.35;

    private static final int TOLERANCE_PERCENT = 15;
    /** Below this no codec makes a picture worth sending. */
    private static final int MIN_BITRATE = 50_000;
    /** Protects the network from an absurd estimate; 2048 x 2048 needs less. */
    private static final int MAX_BITRATE = 20_000_000;

    private final VideoCodec codec;
    private final MediaSettings settings;
    private final int fps;
    private final AtomicBoolean keyFrameWanted = new AtomicBoolean();
    private volatile int target;
    private Optional<VideoEncoder> current = Optional.empty();
    private long openedAtMicros;
    private boolean closed;

    /**
     * @param startBitrate bits per second until {@link #targetBitrate} says otherwise
     * @param fps expected frame rate
     */
    public AdaptiveEncoder(VideoCodec codec, MediaSettings settings, int startBitrate, int fps) {
        this.codec = codec;
        this.settings = settings;
        this.fps = fps;
        this.target = clamp(startBitrate);
    }

    /** What the encoder should use from now on; brought into sensible bounds. */
    public void targetBitrate(int bitsPerSecond) {
        target = clamp(bitsPerSecond);
    }

    /** Makes the next frame a key frame; requests before it count once. */
    public void requestKeyFrame() {
        keyFrameWanted.set(true);
    }

    /**
     * The compressed frame, with the presentation time of {@code frame}, which stays the caller's. Odd sizes are padded
     * to even by repeating the last column and row.
     *
     * @throws CodecFailure if no encoder opens for this size, or encoding fails; the next call starts with a new one
     */
    public EncodedFrame encode(VideoFrame frame, long nowMicros) {
        if (closed) {
            throw new IllegalStateException("encoder is closed");
        }
        boolean forceKeyFrame = keyFrameWanted.getAndSet(false);
        VideoEncoder encoder = encoderFor(frame, nowMicros);
        try {
            return encoder.encode(frame, forceKeyFrame);
        } catch (CodecFailure failure) {
            discard();
            throw failure;
        }
    }

    private VideoEncoder encoderFor(VideoFrame frame, long nowMicros) {
        int width = VideoEncoder.even(frame.width());
        int height = VideoEncoder.even(frame.height());
        int bitrate = Math.min(target, worthwhile(width, height));
        if (current.isPresent() && !outdated(current.get().settings(), width, height, bitrate, nowMicros)) {
            return current.get();
        }
        discard();
        VideoEncoder opened =
                VideoEncoder.open(new VideoEncoder.Settings(codec, width, height, fps, bitrate), settings);
        current = Optional.of(opened);
        openedAtMicros = nowMicros;
        return opened;
    }

    /** What a picture of this size can use; the rest of a fast network would only cost processor time. */
    private int worthwhile(int width, int height) {
        return clamp((int) Math.min(MAX_BITRATE, Math.round(BITS_PER_PIXEL * width * height * fps)));
    }

    private boolean outdated(VideoEncoder.Settings used, int width, int height, int bitrate, long nowMicros) {
        if (used.width() != width || used.height() != height) {
            return true;
        }
        long change = (long) bitrate - used.bitsPerSecond();
        if (Math.abs(change) * 100 <= (long) used.bitsPerSecond() * TOLERANCE_PERCENT) {
            return false;
        }
        return nowMicros - openedAtMicros >= (change < 0 ? DOWN_PAUSE_MICROS : UP_PAUSE_MICROS);
    }

    private void discard() {
        current.ifPresent(VideoEncoder::close);
        current = Optional.empty();
    }

    private static int clamp(int bitsPerSecond) {
        return Math.max(MIN_BITRATE, Math.min(MAX_BITRATE, bitsPerSecond));
    }

    /** Bits per second that the running encoder was opened for, or that the first one will be. */
    public int bitrate() {
        return current.map(encoder -> encoder.settings().bitsPerSecond()).orElse(target);
    }

    /** Frees the native encoder; further calls have no effect. */
    @Override
    public void close() {
        closed = true;
        discard();
    }
}
