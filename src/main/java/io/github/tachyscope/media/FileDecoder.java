package io.github.tachyscope.media;

import static io.github.tachyscope.media.Ffmpeg.allocated;
import static io.github.tachyscope.media.Ffmpeg.check;
import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_GIF;
import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_H264;
import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_HEVC;
import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_MJPEG;
import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_MPEG4;
import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_PRORES;
import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_VP8;
import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_VP9;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_alloc_context3;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_find_decoder;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_free_context;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_get_name;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_open2;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_parameters_to_context;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_receive_frame;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_send_packet;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_alloc;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_free;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_unref;

import java.util.Optional;
import java.util.Set;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVCodecParameters;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.jspecify.annotations.Nullable;

/**
 * The native decoder of a file from a client: packets in, pictures out, some packets later. Unlike {@link VideoDecoder}
 * it may hold pictures back, takes them in every layout, and goes on behind damage. Used by one thread at a time; frees
 * its native memory on {@link #close()} only.
 */
final class FileDecoder implements AutoCloseable {
    /**
     * What is decoded in videos. AV1 is left out, because its decoder here allocates pictures before any limit of size
     * is asked.
     */
    private static final Set<Integer> VIDEO = Set.of(
            AV_CODEC_ID_H264,
            AV_CODEC_ID_HEVC,
            AV_CODEC_ID_VP8,
            AV_CODEC_ID_VP9,
            AV_CODEC_ID_MPEG4,
            AV_CODEC_ID_MJPEG,
            AV_CODEC_ID_PRORES,
            AV_CODEC_ID_GIF);

    /** Codecs allocate whole blocks: the limit of pixels is rounded up to them. */
    private static final int BLOCK = 64;

    private final AVCodecContext context;
    private final AVFrame picture;
    private boolean closed;

    private FileDecoder(int codecId, Optional<AVCodecParameters> parameters, InputLimits limits) {
        AVCodec codec = avcodec_find_decoder(codecId);
        if (codec == null || codec.isNull()) {
            throw MediaRefused.unsupported("this server does not decode " + name(codecId));
        }
        this.context = allocated(avcodec_alloc_context3(codec));
        this.picture = allocated(av_frame_alloc());
        try {
            if (parameters.isPresent()) {
                check(avcodec_parameters_to_context(context, parameters.get()), "describing a video");
            }
            context.thread_count(1);
            context.max_pixels(blocks(limits.maxWidth()) * blocks(limits.maxHeight()));
            check(avcodec_open2(context, codec, (AVDictionary) null), "opening the decoder for " + name(codecId));
        } catch (CodecFailure failure) {
            close();
            throw failure;
        }
    }

    /** @throws MediaRefused if the codec is not read here */
    static FileDecoder forVideo(AVCodecParameters parameters, InputLimits limits) {
        int codecId = parameters.codec_id();
        if (!VIDEO.contains(codecId)) {
            throw MediaRefused.unsupported("video in " + name(codecId)
                    + "; read are H.264, HEVC, VP8, VP9, MPEG-4, Motion JPEG, ProRes and GIF");
        }
        return new FileDecoder(codecId, Optional.of(parameters), limits);
    }

    /** For a picture that is one packet. */
    static FileDecoder forPicture(int codecId, InputLimits limits) {
        return new FileDecoder(codecId, Optional.empty(), limits);
    }

    private static String name(int codecId) {
        return avcodec_get_name(codecId).getString();
    }

    private static long blocks(int size) {
        return (size + BLOCK - 1) / BLOCK * (long) BLOCK;
    }

    /** Takes a packet, or the end of the file; false if it is damaged. To be followed by {@link #picture()}. */
    boolean send(@Nullable AVPacket packet) {
        return avcodec_send_packet(context, packet) >= 0;
    }

    /** The next picture, valid until the next call; empty if the decoder wants more or has reached the end. */
    Optional<AVFrame> picture() {
        av_frame_unref(picture);
        return avcodec_receive_frame(context, picture) < 0 ? Optional.empty() : Optional.of(picture);
    }

    /** Frees the native decoder; further calls have no effect. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        av_frame_free(picture);
        avcodec_free_context(context);
    }
}
