package io.github.tachyscope.media;

import static io.github.tachyscope.media.Ffmpeg.allocated;
import static io.github.tachyscope.media.Ffmpeg.check;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_alloc;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_free;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_unref;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_alloc_context3;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_find_encoder_by_name;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_free_context;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_open2;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_receive_packet;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_send_frame;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_BGRA;
import static org.bytedeco.ffmpeg.global.avutil.av_dict_free;
import static org.bytedeco.ffmpeg.global.avutil.av_dict_set;

import io.github.tachyscope.frame.VideoFrame;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVFrame;

/**
 * An animated WebP that loops for ever (<a href="https://www.rfc-editor.org/rfc/rfc9649#section-2.7">RFC 9649,
 * section 2.7</a>).
 *
 * <pre>
 *   RIFF size WEBP | VP8X flags size | ANIM background loops | ANMF place time (ALPH) VP8 or VP8L | ANMF ...
 * </pre>
 *
 * <p>Each picture is encoded on its own and goes to the file at once, so that memory does not grow with the length; the
 * native encoder for animations keeps all of them. Used by one thread at a time; the file is complete after {@link
 * #finish()}.
 */
public final class WebpWriter implements FrameFile {
    public static final double MIN_FPS = 0.01;
    public static final double MAX_FPS = 1000;

    /** Frames last whole milliseconds. */
    private static final int TICKS_PER_SECOND = 1000;

    /** What the sizes of a RIFF file can say; beyond it the file would be damaged. */
    private static final long MAX_BYTES = (1L << 32) - 10;

    private static final int RIFF_HEADER = 12;
    private static final int CHUNK_HEADER = 8;
    private static final int FRAME_HEADER = 16;
    private static final int ANIMATED = 2;
    /** Pictures replace the one before them. */
    private static final byte DO_NOT_BLEND = 2;

    /** How much time is spent on small files. */
    public enum Effort {
        FASTEST(0),
        DEFAULT(4),
        SLOWEST(6);

        private final int level;

        Effort(int level) {
            this.level = level;
        }
    }

    /**
     * How pictures are encoded.
     *
     * @param fps {@link #MIN_FPS} to {@link #MAX_FPS}
     * @param lossless whether every pixel stays as it is
     * @param quality 0 (smallest) to 100 (best); without loss it says how hard to try
     */
    public record Settings(double fps, boolean lossless, int quality, Effort effort) {
        public Settings {
            if (!(fps >= MIN_FPS && fps <= MAX_FPS) || quality < 0 || quality > 100) {
                throw new IllegalArgumentException(fps + " fps at quality " + quality + "; allowed are " + MIN_FPS
                        + " to " + MAX_FPS + " and 0 to 100");
            }
        }
    }

    private final double fps;
    private final AVCodecContext context;
    private final AVPacket packet;
    private final RgbPicture input;
    private final FileChannel out;
    private long frames;
    private boolean closed;

    private WebpWriter(FileChannel out, AVCodecContext context, double fps) {
        this.out = out;
        this.context = context;
        this.fps = fps;
        this.packet = allocated(av_packet_alloc());
        int width = context.width();
        int height = context.height();
        this.input = new RgbPicture(width, height, Scaler.picture(AV_PIX_FMT_BGRA, width, height));
    }

    /**
     * Begins the file anew.
     *
     * @throws CodecFailure if this build of the native library has no encoder
     */
    public static WebpWriter open(Path target, int width, int height, Settings settings) throws IOException {
        AVCodecContext context = encoder(width, height, settings);
        FileChannel out;
        try {
            out = FileChannel.open(
                    target, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING);
        } catch (IOException failure) {
            avcodec_free_context(context);
            throw failure;
        }
        WebpWriter writer = new WebpWriter(out, context, settings.fps());
        try {
            writer.begin(width, height);
        } catch (IOException failure) {
            writer.close();
            throw failure;
        }
        return writer;
    }

    private static AVCodecContext encoder(int width, int height, Settings settings) {
        AVCodec codec = avcodec_find_encoder_by_name("libwebp");
        if (codec == null || codec.isNull()) {
            throw new CodecFailure("no encoder for WebP");
        }
        AVCodecContext context = allocated(avcodec_alloc_context3(codec));
        context.width(width).height(height).pix_fmt(AV_PIX_FMT_BGRA);
        context.time_base().num(1).den(TICKS_PER_SECOND);
        AVDictionary options = new AVDictionary(null);
        av_dict_set(options, "quality", Integer.toString(settings.quality()), 0);
        av_dict_set(options, "lossless", settings.lossless() ? "1" : "0", 0);
        av_dict_set(options, "compression_level", Integer.toString(settings.effort().level), 0);
        int opened = avcodec_open2(context, codec, options);
        av_dict_free(options);
        if (opened < 0) {
            avcodec_free_context(context);
            check(opened, "opening the encoder for WebP");
        }
        return context;
    }

    private void begin(int width, int height) throws IOException {
        ByteBuffer header = buffer(RIFF_HEADER + CHUNK_HEADER + 10 + CHUNK_HEADER + 6);
        tag(header, "RIFF").putInt(0);
        tag(header, "WEBP");
        tag(header, "VP8X").putInt(10).putInt(ANIMATED);
        three(three(header, width - 1), height - 1);
        tag(header, "ANIM").putInt(6).putInt(0).putShort((short) 0);
        write(header.flip());
    }

    @Override
    public void add(VideoFrame frame) throws IOException {
        if (closed) {
            throw new IllegalStateException("writer is closed");
        }
        AVFrame picture = input.of(frame);
        picture.pts(frames);
        check(avcodec_send_frame(context, picture), "encoding WebP");
        check(avcodec_receive_packet(context, packet), "encoding WebP");
        byte[] still = new byte[packet.size()];
        packet.data().get(still);
        av_packet_unref(packet);
        write(animationFrame(ByteBuffer.wrap(still).order(ByteOrder.LITTLE_ENDIAN)));
        frames++;
    }

    /** The picture of a file of its own as a frame of this one. */
    private ByteBuffer animationFrame(ByteBuffer still) throws IOException {
        ByteBuffer frame = buffer(CHUNK_HEADER + FRAME_HEADER + still.capacity());
        tag(frame, "ANMF").putInt(0);
        three(three(frame, 0), 0);
        three(three(frame, context.width() - 1), context.height() - 1);
        three(frame, (int) (tick(frames + 1) - tick(frames))).put(DO_NOT_BLEND);
        int at = RIFF_HEADER;
        while (at + CHUNK_HEADER <= still.capacity()) {
            String type = new String(still.array(), at, 4, StandardCharsets.ISO_8859_1);
            int padded = still.getInt(at + 4) + (still.getInt(at + 4) & 1);
            if (type.equals("ALPH") || type.equals("VP8 ") || type.equals("VP8L")) {
                frame.put(still.array(), at, CHUNK_HEADER + padded);
            }
            at += CHUNK_HEADER + padded;
        }
        frame.putInt(4, frame.position() - CHUNK_HEADER);
        if (out.position() + frame.position() > MAX_BYTES) {
            throw new CodecFailure("the animation is larger than WebP files can be, 4 GiB");
        }
        return frame.flip();
    }

    private long tick(long frame) {
        return Math.round(frame * (double) TICKS_PER_SECOND / fps);
    }

    private static ByteBuffer buffer(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static ByteBuffer tag(ByteBuffer to, String tag) {
        return to.put(tag.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static ByteBuffer three(ByteBuffer to, int value) {
        return to.put((byte) value).put((byte) (value >> 8)).put((byte) (value >> 16));
    }

    private void write(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            out.write(bytes);
        }
    }

    @Override
    public void finish() throws IOException {
        if (frames == 0 || closed) {
            throw new IllegalStateException("nothing to finish");
        }
        try {
            ByteBuffer size =
                    buffer(4).putInt((int) (out.position() - CHUNK_HEADER)).flip();
            while (size.hasRemaining()) {
                out.write(size, 4L + size.position());
            }
        } finally {
            close();
        }
    }

    @Override
    public void close() throws IOException {
        if (closed) {
            return;
        }
        closed = true;
        input.close();
        av_packet_free(packet);
        avcodec_free_context(context);
        out.close();
    }
}
