package io.github.tachyscope.media;

import static io.github.tachyscope.media.Ffmpeg.TICKS_PER_SECOND;
import static io.github.tachyscope.media.Ffmpeg.allocated;
import static io.github.tachyscope.media.Ffmpeg.check;
import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_FLAG_GLOBAL_HEADER;
import static org.bytedeco.ffmpeg.global.avcodec.AV_PKT_FLAG_KEY;
import static org.bytedeco.ffmpeg.global.avcodec.AV_PROFILE_H264_CONSTRAINED_BASELINE;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_alloc;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_free;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_unref;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_alloc_context3;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_find_encoder_by_name;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_free_context;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_open2;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_receive_packet;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_send_frame;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_PRI_BT709;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_PRI_SMPTE170M;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_RANGE_MPEG;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_SPC_BT709;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_SPC_SMPTE170M;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_TRC_BT709;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_TRC_SMPTE170M;
import static org.bytedeco.ffmpeg.global.avutil.AV_PICTURE_TYPE_I;
import static org.bytedeco.ffmpeg.global.avutil.AV_PICTURE_TYPE_NONE;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUV420P;
import static org.bytedeco.ffmpeg.global.avutil.av_dict_free;
import static org.bytedeco.ffmpeg.global.avutil.av_dict_set;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_alloc;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_free;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_get_buffer;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_make_writable;

import io.github.tachyscope.config.MediaSettings;
import io.github.tachyscope.frame.EncodedFrame;
import io.github.tachyscope.frame.PixelConversion;
import io.github.tachyscope.frame.PixelFormat;
import io.github.tachyscope.frame.VideoCodec;
import io.github.tachyscope.frame.VideoFrame;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVFrame;

/**
 * Pictures of one size to compressed frames at one rate; one in, one out, nothing held back.
 *
 * <p>Size and rate are fixed: the encoders ignore changes at run time, so {@link AdaptiveEncoder} opens a new one.
 * Used by one thread at a time; frees its native memory on {@link #close()} only.
 */
public final class VideoEncoder implements AutoCloseable {
    /** Frames between key frames that nobody asked for: a key frame costs a burst of packets. */
    private static final int FRAMES_BETWEEN_KEYS = 3000;
    /** Longest step between two frames that the rate control is told of; a pause must not buy a burst. */
    private static final long MAX_STEP_MICROS = 1_000_000;

    private static final long MIN_STEP_MICROS = 1_000;

    private final Settings settings;
    private final String name;
    private final AVCodecContext context;
    private final AVFrame picture;
    private final AVPacket packet;
    private final Optional<Bt709> recolour;
    private byte[] converted = new byte[0];
    private long lastPtsMicros;
    private long ticks = -1;
    private boolean closed;

    /**
     * @param width of the coded picture, even
     * @param height of the coded picture, even
     * @param fps expected frame rate; the rate control follows the true presentation times
     */
    public record Settings(VideoCodec codec, int width, int height, int fps, int bitsPerSecond) {
        public Settings {
            if (width < 2 || height < 2 || width % 2 != 0 || height % 2 != 0) {
                throw new IllegalArgumentException("size " + width + "x" + height + "; it must be even");
            }
            if (width > VideoFrame.MAX_DIMENSION || height > VideoFrame.MAX_DIMENSION) {
                throw new IllegalArgumentException(
                        "size " + width + "x" + height + "; allowed are " + VideoFrame.MAX_DIMENSION + " each way");
            }
            if (fps < 1 || bitsPerSecond < 1) {
                throw new IllegalArgumentException(fps + " fps at " + bitsPerSecond + " bit/s; both must be positive");
            }
        }
    }

    private VideoEncoder(Settings settings, String name, AVCodecContext context, Optional<Bt709> recolour) {
        this.settings = settings;
        this.name = name;
        this.context = context;
        this.recolour = recolour;
        this.packet = allocated(av_packet_alloc());
        this.picture = allocated(av_frame_alloc());
        picture.width(settings.width()).height(settings.height()).format(AV_PIX_FMT_YUV420P);
        picture.color_range(AVCOL_RANGE_MPEG).colorspace(context.colorspace());
        check(av_frame_get_buffer(picture, 0), "allocating a picture");
    }

    /**
     * The first encoder for the codec that is present and opens.
     *
     * @throws CodecFailure if there is none
     */
    public static VideoEncoder open(Settings settings, MediaSettings media) {
        return open(settings, media, Optional.empty());
    }

    /**
     * The same for H.264 in a file: the parameter sets are in {@link #header()} and in no frame, colours are BT.709,
     * pixels square.
     */
    static VideoEncoder openForFile(Settings settings, MediaSettings media, H264Options wishes) {
        return open(settings, media, Optional.of(wishes));
    }

    private static VideoEncoder open(Settings settings, MediaSettings media, Optional<H264Options> file) {
        StringBuilder reasons = new StringBuilder();
        for (String name : EncoderOptions.names(settings.codec(), media)) {
            Optional<AVCodec> encoder = Optional.ofNullable(avcodec_find_encoder_by_name(name));
            if (encoder.isEmpty()) {
                reasons.append("; ").append(name).append(" is absent");
                continue;
            }
            try {
                AVCodecContext context = context(settings, encoder.get());
                Map<String, String> options =
                        file.map(wishes -> EncoderOptions.of(name, wishes)).orElseGet(() -> EncoderOptions.of(name));
                file.ifPresent(wishes -> forFile(context));
                start(context, encoder.get(), name, options);
                return new VideoEncoder(settings, name, context, file.map(wishes -> new Bt709()));
            } catch (CodecFailure failure) {
                reasons.append("; ").append(failure.getMessage());
            }
        }
        throw new CodecFailure("no encoder for " + settings.codec() + reasons);
    }

    private static AVCodecContext context(Settings settings, AVCodec encoder) {
        AVCodecContext context = allocated(avcodec_alloc_context3(encoder));
        context.width(settings.width()).height(settings.height()).pix_fmt(AV_PIX_FMT_YUV420P);
        context.time_base().num(1).den(TICKS_PER_SECOND);
        context.framerate().num(settings.fps()).den(1);
        context.bit_rate(settings.bitsPerSecond());
        context.rc_min_rate(settings.bitsPerSecond()).rc_max_rate(settings.bitsPerSecond());
        context.rc_buffer_size(settings.bitsPerSecond());
        context.gop_size(FRAMES_BETWEEN_KEYS).max_b_frames(0);
        context.thread_count(1);
        context.color_range(AVCOL_RANGE_MPEG).colorspace(AVCOL_SPC_SMPTE170M);
        context.color_primaries(AVCOL_PRI_SMPTE170M).color_trc(AVCOL_TRC_SMPTE170M);
        if (settings.codec() == VideoCodec.H264) {
            context.profile(AV_PROFILE_H264_CONSTRAINED_BASELINE);
        }
        return context;
    }

    private static void forFile(AVCodecContext context) {
        context.flags(context.flags() | AV_CODEC_FLAG_GLOBAL_HEADER);
        context.sample_aspect_ratio().num(1).den(1);
        context.colorspace(AVCOL_SPC_BT709).color_primaries(AVCOL_PRI_BT709).color_trc(AVCOL_TRC_BT709);
    }

    private static void start(AVCodecContext context, AVCodec encoder, String name, Map<String, String> values) {
        AVDictionary options = new AVDictionary(null);
        values.forEach((key, value) -> av_dict_set(options, key, value, 0));
        int opened = avcodec_open2(context, encoder, options);
        av_dict_free(options);
        if (opened < 0) {
            avcodec_free_context(context);
            check(opened, "opening " + name);
        }
    }

    /** FFmpeg's name of the encoder in use. */
    public String name() {
        return name;
    }

    public Settings settings() {
        return settings;
    }

    /** The parameter sets in front of all frames, in a form that FFmpeg's muxers take; empty for a live stream. */
    byte[] header() {
        byte[] header = new byte[context.extradata_size()];
        if (header.length > 0) {
            context.extradata().get(header);
        }
        return header;
    }

    /**
     * The compressed frame, with the presentation time of {@code frame}, which stays the caller's.
     *
     * @param frame of the size of the settings, or smaller by one column or row, which is then repeated
     */
    public EncodedFrame encode(VideoFrame frame, boolean forceKeyFrame) {
        return encode(frame, frame.ptsMicros(), forceKeyFrame);
    }

    /** The same with another presentation time. */
    EncodedFrame encode(VideoFrame frame, long ptsMicros, boolean forceKeyFrame) {
        if (closed) {
            throw new IllegalStateException("encoder is closed");
        }
        if (even(frame.width()) != settings.width() || even(frame.height()) != settings.height()) {
            throw new IllegalArgumentException(
                    frame + " does not fit an encoder for " + settings.width() + "x" + settings.height());
        }
        check(av_frame_make_writable(picture), "allocating a picture");
        fill(frame);
        picture.pts(nextTick(ptsMicros));
        picture.pict_type(forceKeyFrame ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_NONE);
        check(avcodec_send_frame(context, picture), "encoding with " + name);
        check(avcodec_receive_packet(context, packet), "encoding with " + name);
        byte[] data = new byte[packet.size()];
        packet.data().get(data);
        boolean keyFrame = (packet.flags() & AV_PKT_FLAG_KEY) != 0;
        av_packet_unref(packet);
        return new EncodedFrame(settings.codec(), data, keyFrame, ptsMicros);
    }

    private void fill(VideoFrame frame) {
        if (recolour.isPresent()) {
            recolour.get().write(frame, picture);
        } else {
            Planes.write(i420(frame), frame.width(), frame.height(), picture);
        }
    }

    private byte[] i420(VideoFrame frame) {
        if (frame.format() == PixelFormat.I420) {
            return frame.data();
        }
        int bytes = PixelFormat.I420.bytes(frame.width(), frame.height());
        if (converted.length < bytes) {
            converted = new byte[bytes];
        }
        PixelConversion.rgb24ToI420(frame.data(), frame.width(), frame.height(), converted);
        return converted;
    }

    /** Encoders need times that grow; sources may repeat, jump or restart theirs. */
    private long nextTick(long ptsMicros) {
        long step = ptsMicros - lastPtsMicros;
        lastPtsMicros = ptsMicros;
        if (ticks < 0) {
            ticks = 0;
        } else {
            long usual = TICKS_PER_SECOND / settings.fps();
            ticks += step < MIN_STEP_MICROS ? usual : Math.min(step, MAX_STEP_MICROS);
        }
        return ticks;
    }

    static int even(int size) {
        return size + size % 2;
    }

    /** Frees the native encoder; further calls have no effect. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        av_frame_free(picture);
        av_packet_free(packet);
        avcodec_free_context(context);
        recolour.ifPresent(Bt709::close);
    }
}
