package io.github.tachyscope.media;

import static io.github.tachyscope.media.Ffmpeg.allocated;
import static io.github.tachyscope.media.Ffmpeg.check;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_alloc;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_free;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_alloc_context3;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_find_encoder_by_name;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_free_context;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_open2;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_receive_packet;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_send_frame;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_BGRA;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_RGB24;
import static org.bytedeco.ffmpeg.global.avutil.av_dict_free;
import static org.bytedeco.ffmpeg.global.avutil.av_dict_set;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_free;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_make_writable;

import io.github.tachyscope.frame.FramePool;
import io.github.tachyscope.frame.PixelConversion;
import io.github.tachyscope.frame.VideoFrame;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVFrame;

/**
 * An animated WebP that loops for ever. The encoder keeps all frames, compressed, until the end. Used by one thread at a
 * time; frees its native memory on {@link #close()} only.
 */
public final class WebpWriter implements AutoCloseable {
    public static final int MAX_FPS = 120;
    /** Frames last whole milliseconds. */
    private static final int TICKS_PER_SECOND = 1000;

    private final int fps;
    private final FramePool pool = new FramePool(1);
    private final Scaler scaler = new Scaler();
    private final AVCodecContext context;
    private final AVFrame source;
    private final AVFrame picture;
    private long frames;
    private boolean closed;

    private WebpWriter(int width, int height, int fps, int quality) {
        this.fps = fps;
        AVCodec codec = avcodec_find_encoder_by_name("libwebp_anim");
        if (codec == null || codec.isNull()) {
            throw new CodecFailure("no encoder for animated WebP");
        }
        this.context = allocated(avcodec_alloc_context3(codec));
        context.width(width).height(height).pix_fmt(AV_PIX_FMT_BGRA);
        context.time_base().num(1).den(TICKS_PER_SECOND);
        AVDictionary options = new AVDictionary(null);
        av_dict_set(options, "quality", Integer.toString(quality), 0);
        int opened = avcodec_open2(context, codec, options);
        av_dict_free(options);
        if (opened < 0) {
            avcodec_free_context(context);
            check(opened, "opening the encoder for animated WebP");
        }
        this.source = Scaler.picture(AV_PIX_FMT_RGB24, width, height);
        this.picture = Scaler.picture(AV_PIX_FMT_BGRA, width, height);
    }

    /**
     * @param fps 1 to {@link #MAX_FPS}
     * @param quality 1 (smallest) to 100 (best)
     * @throws CodecFailure if this build of the native library has no encoder
     */
    public static WebpWriter open(int width, int height, int fps, int quality) {
        if (fps < 1 || fps > MAX_FPS || quality < 1 || quality > 100) {
            throw new IllegalArgumentException(
                    fps + " fps at quality " + quality + "; allowed are 1 to " + MAX_FPS + " and 1 to 100");
        }
        return new WebpWriter(width, height, fps, quality);
    }

    /** Adds a frame of the size of the animation, which stays the caller's; its time does not count. */
    public void add(VideoFrame frame) {
        if (closed) {
            throw new IllegalStateException("writer is closed");
        }
        if (frame.width() != context.width() || frame.height() != context.height()) {
            throw new IllegalArgumentException(
                    frame + " in an animation of " + context.width() + "x" + context.height());
        }
        VideoFrame rgb = PixelConversion.toRgb24(frame, pool);
        Planes.writePacked(rgb.data(), rgb.width(), rgb.height(), 3, source);
        rgb.release();
        check(av_frame_make_writable(picture), "allocating a picture");
        scaler.convert(source, picture);
        picture.pts(tick(frames)).duration(tick(frames + 1) - tick(frames));
        frames++;
        check(avcodec_send_frame(context, picture), "encoding animated WebP");
    }

    private long tick(long frame) {
        return Math.round(frame * (double) TICKS_PER_SECOND / fps);
    }

    /** The file; nothing can be added behind it. */
    public byte[] finish() {
        if (frames == 0 || closed) {
            throw new IllegalStateException("nothing to finish");
        }
        AVPacket packet = allocated(av_packet_alloc());
        try {
            check(avcodec_send_frame(context, null), "encoding animated WebP");
            check(avcodec_receive_packet(context, packet), "encoding animated WebP");
            byte[] file = new byte[packet.size()];
            packet.data().get(file);
            return file;
        } finally {
            av_packet_free(packet);
            close();
        }
    }

    /** Frees the native encoder; further calls have no effect. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        avcodec_free_context(context);
        av_frame_free(source);
        av_frame_free(picture);
        scaler.close();
    }
}
