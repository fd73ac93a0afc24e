package io.github.tachyscope.media;

import static io.github.tachyscope.media.Ffmpeg.allocated;
import static io.github.tachyscope.media.Ffmpeg.check;
import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_FLAG_GLOBAL_HEADER;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_alloc;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_free;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_rescale_ts;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_unref;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_alloc_context3;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_find_encoder_by_name;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_free_context;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_open2;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_parameters_from_context;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_receive_packet;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_send_frame;
import static org.bytedeco.ffmpeg.global.avformat.AVIO_FLAG_WRITE;
import static org.bytedeco.ffmpeg.global.avformat.av_write_frame;
import static org.bytedeco.ffmpeg.global.avformat.av_write_trailer;
import static org.bytedeco.ffmpeg.global.avformat.avformat_alloc_output_context2;
import static org.bytedeco.ffmpeg.global.avformat.avformat_free_context;
import static org.bytedeco.ffmpeg.global.avformat.avformat_new_stream;
import static org.bytedeco.ffmpeg.global.avformat.avformat_write_header;
import static org.bytedeco.ffmpeg.global.avformat.avio_close;
import static org.bytedeco.ffmpeg.global.avformat.avio_flush;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_PRI_BT709;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_RANGE_MPEG;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_SPC_BT709;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_TRC_BT709;
import static org.bytedeco.ffmpeg.global.avutil.AVERROR_EOF;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUV420P;
import static org.bytedeco.ffmpeg.global.avutil.av_d2q;
import static org.bytedeco.ffmpeg.global.avutil.av_dict_free;
import static org.bytedeco.ffmpeg.global.avutil.av_dict_set;

import io.github.tachyscope.frame.VideoFrame;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avformat.AVFormatContext;
import org.bytedeco.ffmpeg.avformat.AVIOContext;
import org.bytedeco.ffmpeg.avformat.AVOutputFormat;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.avutil.AVRational;

/**
 * A WebM file at a constant quality and rate. Frames go through the encoder to the file; those in its look-ahead are in
 * memory. Used by one thread at a time; the file is complete after {@link #finish()}.
 */
public final class WebmWriter implements FrameFile {
    public static final double MIN_FPS = 0.01;
    public static final double MAX_FPS = 1000;
    /** Worst quality that can be asked for. */
    public static final double MAX_CRF = 63;

    /** Of a rate as a fraction; exact to the third decimal place. */
    private static final int LARGEST_TERM = 1_000_000;

    /** A jump to any place decodes so many frames at most. */
    private static final int FRAMES_BETWEEN_KEYS = 240;

    /** Pictures that an encoder looks ahead; bounds its memory. */
    private static final String LOOK_AHEAD = "16";

    /** One file must not take the processors from the live sessions. */
    private static final int THREADS = 2;

    /** How the video is coded. */
    public enum Codec {
        VP9(new Encoder(
                "libvpx-vp9", Map.of("deadline", "good", "cpu-used", "4", "row-mt", "1", "lag-in-frames", LOOK_AHEAD))),
        AV1(
                new Encoder(
                        "libsvtav1",
                        Map.of("preset", "8", "svtav1-params", "lookahead=" + LOOK_AHEAD + ":lp=" + THREADS)),
                new Encoder("libaom-av1", Map.of("cpu-used", "6", "row-mt", "1", "lag-in-frames", LOOK_AHEAD)));

        /** Best first. */
        private final List<Encoder> encoders;

        Codec(Encoder... encoders) {
            this.encoders = List.of(encoders);
        }
    }

    /** An encoder by FFmpeg's name, and what it is told. */
    private record Encoder(String name, Map<String, String> options) {}

    /**
     * How a video is encoded.
     *
     * @param fps {@link #MIN_FPS} to {@link #MAX_FPS}
     * @param crf 0 (best) to {@link #MAX_CRF}
     */
    public record Settings(Codec codec, double fps, double crf) {
        public Settings {
            if (!(fps >= MIN_FPS && fps <= MAX_FPS) || !(crf >= 0 && crf <= MAX_CRF)) {
                throw new IllegalArgumentException(fps + " fps at crf " + crf + "; allowed are " + MIN_FPS + " to "
                        + MAX_FPS + " and 0 to " + MAX_CRF);
            }
        }
    }

    private final AVCodecContext encoder;
    private final AVFormatContext muxer = new AVFormatContext(null);
    private final AVPacket packet;
    private final AVIOContext file;
    private final AVStream stream;
    private final RgbPicture input;
    private long frames;
    private boolean closed;

    private WebmWriter(AVIOContext file, int width, int height, AVCodecContext encoder) {
        this.encoder = encoder;
        this.packet = allocated(av_packet_alloc());
        AVFrame picture = Scaler.picture(AV_PIX_FMT_YUV420P, encoder.width(), encoder.height());
        picture.color_range(AVCOL_RANGE_MPEG).colorspace(AVCOL_SPC_BT709);
        this.input = new RgbPicture(width, height, picture);
        check(avformat_alloc_output_context2(muxer, (AVOutputFormat) null, "webm", null), "opening a WebM muxer");
        this.stream = allocated(avformat_new_stream(muxer, (AVCodec) null));
        this.file = file;
        muxer.pb(file);
        muxer.flags(muxer.flags() | AVFormatContext.AVFMT_FLAG_BITEXACT);
    }

    /**
     * Begins the file anew. An odd width or height is stretched by one.
     *
     * @throws CodecFailure if this build of the native library has no encoder for it, or none that takes this size
     */
    public static WebmWriter open(Path target, int width, int height, Settings settings) {
        StringBuilder reasons = new StringBuilder();
        for (Encoder candidate : settings.codec().encoders) {
            AVCodec codec = avcodec_find_encoder_by_name(candidate.name());
            if (codec == null || codec.isNull()) {
                reasons.append("; ").append(candidate.name()).append(" is absent");
                continue;
            }
            try {
                return begun(target, width, height, encoder(codec, candidate, width, height, settings));
            } catch (CodecFailure failure) {
                reasons.append("; ").append(failure.getMessage());
            }
        }
        throw new CodecFailure("no encoder for " + settings.codec() + reasons);
    }

    private static AVCodecContext encoder(AVCodec codec, Encoder encoder, int width, int height, Settings settings) {
        AVCodecContext context = allocated(avcodec_alloc_context3(codec));
        AVRational rate = av_d2q(settings.fps(), LARGEST_TERM);
        context.width(VideoEncoder.even(width))
                .height(VideoEncoder.even(height))
                .pix_fmt(AV_PIX_FMT_YUV420P);
        context.time_base().num(rate.den()).den(rate.num());
        context.framerate(rate);
        context.sample_aspect_ratio().num(1).den(1);
        context.bit_rate(0);
        context.gop_size(FRAMES_BETWEEN_KEYS);
        context.thread_count(THREADS);
        context.flags(context.flags() | AV_CODEC_FLAG_GLOBAL_HEADER);
        context.color_range(AVCOL_RANGE_MPEG).colorspace(AVCOL_SPC_BT709);
        context.color_primaries(AVCOL_PRI_BT709).color_trc(AVCOL_TRC_BT709);
        AVDictionary options = new AVDictionary(null);
        // Some of the encoders take whole numbers only.
        av_dict_set(options, "crf", Long.toString(Math.round(settings.crf())), 0);
        encoder.options().forEach((key, value) -> av_dict_set(options, key, value, 0));
        int opened = avcodec_open2(context, codec, options);
        av_dict_free(options);
        if (opened < 0) {
            avcodec_free_context(context);
            check(opened, "opening " + encoder.name());
        }
        return context;
    }

    private static WebmWriter begun(Path target, int width, int height, AVCodecContext encoder) {
        AVIOContext file;
        try {
            file = LocalFile.open(target, AVIO_FLAG_WRITE);
        } catch (CodecFailure failure) {
            avcodec_free_context(encoder);
            throw failure;
        }
        WebmWriter writer = new WebmWriter(file, width, height, encoder);
        try {
            check(avcodec_parameters_from_context(writer.stream.codecpar(), encoder), "describing a WebM track");
            writer.stream.time_base(encoder.time_base());
            writer.stream.avg_frame_rate(encoder.framerate());
            check(avformat_write_header(writer.muxer, (AVDictionary) null), "writing a WebM header");
            return writer;
        } catch (CodecFailure failure) {
            writer.close();
            throw failure;
        }
    }

    @Override
    public void add(VideoFrame frame) {
        if (closed) {
            throw new IllegalStateException("writer is closed");
        }
        AVFrame picture = input.of(frame);
        picture.pts(frames++);
        picture.duration(1);
        check(avcodec_send_frame(encoder, picture), "encoding WebM");
        writeEncoded();
    }

    private void writeEncoded() {
        int received = avcodec_receive_packet(encoder, packet);
        while (received >= 0) {
            try {
                // VP9 leaves it out, and the last frame would have no length.
                packet.duration(1);
                packet.stream_index(stream.index());
                av_packet_rescale_ts(packet, encoder.time_base(), stream.time_base());
                check(av_write_frame(muxer, packet), "writing a WebM file");
            } finally {
                av_packet_unref(packet);
            }
            received = avcodec_receive_packet(encoder, packet);
        }
        if (received != Ffmpeg.AGAIN && received != AVERROR_EOF()) {
            check(received, "encoding WebM");
        }
    }

    @Override
    public void finish() {
        if (frames == 0 || closed) {
            throw new IllegalStateException("nothing to finish");
        }
        try {
            check(avcodec_send_frame(encoder, null), "encoding WebM");
            writeEncoded();
            check(av_write_trailer(muxer), "ending a WebM file");
            avio_flush(muxer.pb());
            check(muxer.pb().error(), "writing a WebM file");
        } finally {
            close();
        }
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        avio_close(file);
        avformat_free_context(muxer);
        input.close();
        av_packet_free(packet);
        avcodec_free_context(encoder);
    }
}
