package io.github.tachyscope.media;

import io.github.tachyscope.config.MediaSettings;
import io.github.tachyscope.frame.EncodedFrame;
import io.github.tachyscope.frame.MediaClock;
import io.github.tachyscope.frame.VideoCodec;
import io.github.tachyscope.frame.VideoFrame;
import java.util.ArrayList;
import java.util.List;

/**
 * Generated chunks as one fragmented MP4 stream of H.264 at a constant rate, for streaming and for files.
 *
 * <pre>
 *   first chunk   ftyp moov  moof mdat     key frame first
 *   later chunks             moof mdat     key frame first
 * </pre>
 *
 * <p>Frame {@code n} of the stream begins at {@code n x timescale / fps}, whatever the times of the frames; the
 * timescale is a multiple of the rate, so that this is exact. Each chunk can be decoded from its first frame on, no
 * frame refers to a later one. Colours are BT.709 in limited range, pixels square. {@link ProgressiveMp4} makes a
 * seekable file of it. Used by one thread at a time; frees its native memory on {@link #close()} only.
 */
public final class ChunkMp4 implements AutoCloseable {
    public static final int MAX_FPS = 120;
    /** Fine enough for every player; MP4 muxers double the rate until they reach it. */
    private static final int MIN_TIMESCALE = 10_000;

    /** 2.75 Mb/s at 512x512 and 30 fps; more is not seen. */
    private static final double BITS_PER_PIXEL = 0.35;

    /** Below this no encoder makes a picture worth keeping. */
    private static final int MIN_BITS_PER_SECOND = 100_000;
    /** Protects disks; 2048 x 2048 at 24 fps needs less. */
    private static final int MAX_BITS_PER_SECOND = 40_000_000;

    private final VideoEncoder encoder;
    private final FragmentWriter writer;
    private final MediaClock clock;
    private final int fps;
    private final int timescale;
    private final byte[] init;
    private final String codecs;
    private final List<String> notes;
    private long frames;

    /**
     * One chunk, encoded.
     *
     * @param bytes to append to those of the chunks before
     * @param startMicros when its first frame is shown, from the start of the stream
     * @param endMicros when its last frame ends
     */
    public record Chunk(byte[] bytes, int frames, long startMicros, long endMicros, long encodeMicros) {}

    private ChunkMp4(VideoEncoder encoder, List<String> notes, MediaClock clock) {
        VideoEncoder.Settings settings = encoder.settings();
        this.encoder = encoder;
        this.notes = notes;
        this.clock = clock;
        this.fps = settings.fps();
        this.timescale = timescale(fps);
        this.writer = new FragmentWriter(encoder.header(), settings.width(), settings.height(), timescale, true);
        this.init = writer.init();
        this.codecs = AvcConfiguration.codecs(init);
    }

    /**
     * A stream that is ready before its first frame.
     *
     * @param width of all frames, even
     * @param height of all frames, even
     * @param fps 1 to {@link #MAX_FPS}
     * @throws CodecFailure if no encoder opens for this size
     */
    public static ChunkMp4 open(
            int width, int height, int fps, H264Options options, MediaSettings media, MediaClock clock) {
        if (fps > MAX_FPS) {
            throw new IllegalArgumentException(fps + " fps; allowed are 1 to " + MAX_FPS);
        }
        double bits = BITS_PER_PIXEL * width * height * fps;
        int bitsPerSecond = (int) Math.max(MIN_BITS_PER_SECOND, Math.min(MAX_BITS_PER_SECOND, bits));
        VideoEncoder encoder = VideoEncoder.openForFile(
                new VideoEncoder.Settings(VideoCodec.H264, width, height, fps, bitsPerSecond), media, options);
        List<String> notes = new ArrayList<>(options.notes());
        options.values().forEach((name, value) -> {
            if (!EncoderOptions.follows(encoder.name(), name)) {
                notes.add("encoder option " + name + " has no effect with " + encoder.name());
            }
        });
        try {
            return new ChunkMp4(encoder, List.copyOf(notes), clock);
        } catch (CodecFailure failure) {
            encoder.close();
            throw failure;
        }
    }

    /** The smallest of the rate times a power of two that is at least {@link #MIN_TIMESCALE}. */
    private static int timescale(int fps) {
        int timescale = fps;
        while (timescale < MIN_TIMESCALE) {
            timescale *= 2;
        }
        return timescale;
    }

    /** The initialisation segment, which the first chunk begins with. */
    public byte[] init() {
        return init.clone();
    }

    /** The type of the stream for {@code video/mp4; codecs="..."}, such as {@code avc1.42C01F}. */
    public String codecs() {
        return codecs;
    }

    /** Ticks of the track per second. */
    public int timescale() {
        return timescale;
    }

    /** FFmpeg's name of the encoder in use. */
    public String encoder() {
        return encoder.name();
    }

    /** One sentence for each wish that has no effect. */
    public List<String> notes() {
        return notes;
    }

    /** Frames written so far. */
    public long frames() {
        return frames;
    }

    /**
     * The next chunk; the frames stay the caller's, their times do not count.
     *
     * @throws CodecFailure if encoding fails; the stream ends then
     */
    public Chunk write(List<VideoFrame> chunk) {
        if (chunk.isEmpty()) {
            throw new IllegalArgumentException("a chunk has one frame at least");
        }
        chunk.forEach(this::checkSize);
        long begun = clock.micros();
        long first = frames;
        int ticksPerFrame = timescale / fps;
        for (VideoFrame frame : chunk) {
            EncodedFrame encoded = encoder.encode(frame, micros(frames), frames == first);
            if (frames == first && !encoded.keyFrame()) {
                throw new CodecFailure(encoder.name() + " refused to make a key frame");
            }
            writer.sample(encoded.data(), encoded.keyFrame(), frames * ticksPerFrame, ticksPerFrame);
            frames++;
        }
        byte[] fragment = writer.fragment();
        byte[] bytes = first == 0 ? joined(init, fragment) : fragment;
        return new Chunk(bytes, chunk.size(), micros(first), micros(frames), clock.micros() - begun);
    }

    /** Whether the frame has the size of this stream. */
    public boolean takes(VideoFrame frame) {
        VideoEncoder.Settings settings = encoder.settings();
        return frame.width() == settings.width() && frame.height() == settings.height();
    }

    private void checkSize(VideoFrame frame) {
        VideoEncoder.Settings settings = encoder.settings();
        if (!takes(frame)) {
            throw new IllegalArgumentException(frame + " in a stream of " + settings.width() + "x" + settings.height());
        }
    }

    private long micros(long frame) {
        return Math.round(frame * 1e6 / fps);
    }

    private static byte[] joined(byte[] first, byte[] second) {
        byte[] all = new byte[first.length + second.length];
        System.arraycopy(first, 0, all, 0, first.length);
        System.arraycopy(second, 0, all, first.length, second.length);
        return all;
    }

    /** Frees the native encoder and muxer; further calls have no effect. */
    @Override
    public void close() {
        writer.close();
        encoder.close();
    }
}
