package io.github.tachyscope.media;

import static io.github.tachyscope.media.Ffmpeg.allocated;
import static io.github.tachyscope.media.Ffmpeg.check;
import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_FLAG_LOW_DELAY;
import static org.bytedeco.ffmpeg.global.avcodec.AV_EF_EXPLODE;
import static org.bytedeco.ffmpeg.global.avcodec.AV_INPUT_BUFFER_PADDING_SIZE;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_alloc;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_free;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_alloc_context3;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_free_context;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_open2;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_receive_frame;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_send_packet;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_RANGE_JPEG;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUV420P;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUVJ420P;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_alloc;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_free;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_unref;

import io.github.tachyscope.config.MediaSettings;
import io.github.tachyscope.frame.EncodedFrame;
import io.github.tachyscope.frame.FramePool;
import io.github.tachyscope.frame.PixelFormat;
import io.github.tachyscope.frame.VideoCodec;
import io.github.tachyscope.frame.VideoFrame;
import java.util.Optional;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.javacpp.BytePointer;

/**
 * Compressed frames of one stream to I420 pictures; one in, at most one out, nothing held back.
 *
 * <pre>
 *   waiting  --key frame decoded--> decoding
 *   decoding --any failure--------> waiting
 * </pre>
 *
 * <p>While it waits it refuses everything but key frames, since pictures built on a damaged one are worse than none.
 * The size of the picture may change at every key frame. Used by one thread at a time; frees its native memory on
 * {@link #close()} only.
 */
public final class VideoDecoder implements AutoCloseable {
    /** Largest compressed frame; protects native memory. A raw 2048 x 2048 picture has 6 MiB. */
    private static final int MAX_FRAME_BYTES = 8 << 20;
    /** Codecs allocate whole blocks: the limit of pixels is rounded up to them. */
    private static final int BLOCK = 16;

    private static final byte[] PADDING = new byte[AV_INPUT_BUFFER_PADDING_SIZE];

    private final VideoCodec codec;
    private final FramePool pool;
    private final int maxWidth;
    private final int maxHeight;
    private final AVPacket packet;
    private final AVFrame picture;
    private BytePointer input = new BytePointer(64 << 10);
    private AVCodecContext context;
    private boolean waiting = true;
    private boolean damaged;
    private boolean closed;

    private VideoDecoder(VideoCodec codec, FramePool pool, MediaSettings settings) {
        this.codec = codec;
        this.pool = pool;
        this.maxWidth = Math.min(settings.maxWidth(), VideoFrame.MAX_DIMENSION);
        this.maxHeight = Math.min(settings.maxHeight(), VideoFrame.MAX_DIMENSION);
        this.context = context(codec, maxWidth, maxHeight);
        this.packet = allocated(av_packet_alloc());
        this.picture = allocated(av_frame_alloc());
    }

    /** @throws CodecFailure if the library has no such decoder */
    public static VideoDecoder open(VideoCodec codec, FramePool pool, MediaSettings settings) {
        return new VideoDecoder(codec, pool, settings);
    }

    private static AVCodecContext context(VideoCodec codec, int maxWidth, int maxHeight) {
        AVCodec decoder = Codecs.decoder(codec).orElseThrow(() -> new CodecFailure("no decoder for " + codec));
        AVCodecContext context = allocated(avcodec_alloc_context3(decoder));
        context.thread_count(1);
        context.flags(context.flags() | AV_CODEC_FLAG_LOW_DELAY);
        context.err_recognition(AV_EF_EXPLODE);
        context.error_concealment(0);
        context.max_pixels((long) wholeBlocks(maxWidth) * wholeBlocks(maxHeight));
        int opened = avcodec_open2(context, decoder, (AVDictionary) null);
        if (opened < 0) {
            avcodec_free_context(context);
            check(opened, "opening the decoder for " + codec);
        }
        return context;
    }

    /**
     * The picture of {@code frame} with its presentation time, in a buffer of the pool and owned by the caller; empty
     * if the frame is valid but shows nothing.
     *
     * @throws CodecFailure if the frame is damaged, too large, or not a key frame where one is needed
     */
    public Optional<VideoFrame> decode(EncodedFrame frame) {
        if (closed) {
            throw new IllegalStateException("decoder is closed");
        }
        if (frame.codec() != codec) {
            throw new CodecFailure(frame.codec() + " frame in a stream of " + codec);
        }
        if (waiting && !frame.keyFrame()) {
            throw new CodecFailure("waiting for a key frame");
        }
        if (damaged) {
            replace();
        }
        try {
            Optional<VideoFrame> decoded = send(frame);
            if (waiting && decoded.isEmpty()) {
                throw new CodecFailure("key frame without a picture");
            }
            waiting = false;
            return decoded;
        } catch (CodecFailure failure) {
            waiting = true;
            damaged = true;
            throw failure;
        } finally {
            av_frame_unref(picture);
        }
    }

    /** Flushing is not enough: hostile headers leave an H.264 decoder with a delay that lasts for its lifetime. */
    private void replace() {
        AVCodecContext fresh = context(codec, maxWidth, maxHeight);
        avcodec_free_context(context);
        context = fresh;
        damaged = false;
    }

    private Optional<VideoFrame> send(EncodedFrame frame) {
        fill(frame);
        int sent = avcodec_send_packet(context, packet);
        packet.data(null).size(0);
        check(sent, "decoding a frame of " + codec);
        Optional<VideoFrame> newest = Optional.empty();
        int received = avcodec_receive_frame(context, picture);
        // More than one picture comes from a broken sender only; the newest is the one to show.
        while (received >= 0) {
            newest.ifPresent(VideoFrame::release);
            newest = Optional.of(copy());
            received = avcodec_receive_frame(context, picture);
        }
        if (received != Ffmpeg.AGAIN) {
            newest.ifPresent(VideoFrame::release);
            check(received, "decoding a frame of " + codec);
        }
        return newest;
    }

    /** Points the packet at a native copy of the frame, with the zeros behind it that decoders may read. */
    private void fill(EncodedFrame frame) {
        int bytes = frame.data().length;
        if (bytes == 0 || bytes > MAX_FRAME_BYTES) {
            throw new CodecFailure("frame of " + bytes + " bytes; allowed are 1 to " + MAX_FRAME_BYTES);
        }
        int needed = bytes + AV_INPUT_BUFFER_PADDING_SIZE;
        if (input.capacity() < needed) {
            input.close();
            input = new BytePointer(2L * needed);
        }
        input.position(0).put(frame.data(), 0, bytes);
        input.position(bytes).put(PADDING, 0, PADDING.length);
        input.position(0);
        packet.data(input).size(bytes).pts(frame.ptsMicros());
    }

    private VideoFrame copy() {
        int width = picture.width();
        int height = picture.height();
        if (picture.decode_error_flags() != 0 || (picture.flags() & AVFrame.AV_FRAME_FLAG_CORRUPT) != 0) {
            throw new CodecFailure("damaged frame of " + codec);
        }
        if (picture.format() != AV_PIX_FMT_YUV420P && picture.format() != AV_PIX_FMT_YUVJ420P) {
            throw new CodecFailure("pixel format " + picture.format() + "; only 8 bit 4:2:0 is supported");
        }
        if (width > maxWidth || height > maxHeight) {
            throw new CodecFailure("picture of " + width + "x" + height + "; allowed are " + maxWidth + "x" + maxHeight
                    + " (tachyscope.media.max-width, max-height)");
        }
        VideoFrame frame = pool.take(PixelFormat.I420, width, height, picture.pts());
        Planes.read(picture, width, height, frame.data());
        if (picture.format() == AV_PIX_FMT_YUVJ420P || picture.color_range() == AVCOL_RANGE_JPEG) {
            FullRange.compress(frame.data(), width * height, frame.bytes());
        }
        return frame;
    }

    private static int wholeBlocks(int size) {
        return (size + BLOCK - 1) / BLOCK * BLOCK;
    }

    /** Frees the native decoder; further calls have no effect. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        av_frame_free(picture);
        av_packet_free(packet);
        avcodec_free_context(context);
        input.close();
    }
}
