package io.github.tachyscope.media;

import static io.github.tachyscope.media.Ffmpeg.allocated;
import static io.github.tachyscope.media.Ffmpeg.check;
import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_H264;
import static org.bytedeco.ffmpeg.global.avcodec.AV_INPUT_BUFFER_PADDING_SIZE;
import static org.bytedeco.ffmpeg.global.avcodec.AV_PKT_FLAG_KEY;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_alloc;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_free;
import static org.bytedeco.ffmpeg.global.avformat.av_write_frame;
import static org.bytedeco.ffmpeg.global.avformat.avformat_alloc_output_context2;
import static org.bytedeco.ffmpeg.global.avformat.avformat_free_context;
import static org.bytedeco.ffmpeg.global.avformat.avformat_new_stream;
import static org.bytedeco.ffmpeg.global.avformat.avformat_write_header;
import static org.bytedeco.ffmpeg.global.avformat.avio_close_dyn_buf;
import static org.bytedeco.ffmpeg.global.avformat.avio_flush;
import static org.bytedeco.ffmpeg.global.avformat.avio_open_dyn_buf;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_PRI_BT709;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_RANGE_MPEG;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_SPC_BT709;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_TRC_BT709;
import static org.bytedeco.ffmpeg.global.avutil.AVMEDIA_TYPE_VIDEO;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUV420P;
import static org.bytedeco.ffmpeg.global.avutil.av_dict_free;
import static org.bytedeco.ffmpeg.global.avutil.av_dict_set;
import static org.bytedeco.ffmpeg.global.avutil.av_free;
import static org.bytedeco.ffmpeg.global.avutil.av_mallocz;
import static org.bytedeco.ffmpeg.global.avutil.av_opt_set;

import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecParameters;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avformat.AVFormatContext;
import org.bytedeco.ffmpeg.avformat.AVIOContext;
import org.bytedeco.ffmpeg.avformat.AVOutputFormat;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerPointer;

/**
 * The native side of fragmented MP4 (ISO/IEC 14496-12) with one H.264 track: takes samples, gives the bytes of
 * fragments, whose ends the caller chooses.
 *
 * <p>The native library writes into a memory buffer of its own and never calls back into Java: a callback that outlives
 * its object, or throws, would abort the process. Used by one thread at a time; frees its native memory on
 * {@link #close()} only.
 */
final class FragmentWriter implements AutoCloseable {
    /** {@code frag_custom}: we say when a fragment ends. {@code skip_trailer}: no index that grows with the stream. */
    private static final String FLAGS = "empty_moov+default_base_moof+frag_custom+skip_trailer";

    private final AVFormatContext context;
    private final AVPacket packet;
    private final PointerPointer<BytePointer> written = new PointerPointer<>(1);
    private final byte[] init;
    private BytePointer input = new BytePointer(64 << 10);
    private boolean begun;
    private boolean closed;

    /**
     * @param header the parameter sets of the stream
     * @param ticksPerSecond of all times; the same in the file
     * @param bt709 whether to announce square pixels in the colours of BT.709; otherwise the stream speaks for itself
     */
    FragmentWriter(byte[] header, int width, int height, int ticksPerSecond, boolean bt709) {
        this.context = new AVFormatContext(null);
        check(avformat_alloc_output_context2(context, (AVOutputFormat) null, "mp4", null), "opening an MP4 muxer");
        this.packet = allocated(av_packet_alloc());
        try {
            openBuffer();
            context.flags(context.flags() | AVFormatContext.AVFMT_FLAG_BITEXACT);
            AVStream stream = allocated(avformat_new_stream(context, (AVCodec) null));
            stream.time_base().num(1).den(ticksPerSecond);
            describe(stream.codecpar(), header, width, height);
            if (bt709) {
                stream.codecpar().sample_aspect_ratio().num(1).den(1);
                stream.sample_aspect_ratio().num(1).den(1);
                stream.codecpar().color_range(AVCOL_RANGE_MPEG).color_space(AVCOL_SPC_BT709);
                stream.codecpar().color_primaries(AVCOL_PRI_BT709).color_trc(AVCOL_TRC_BT709);
            }
            this.init = begin();
            if (stream.time_base().den() != ticksPerSecond) {
                throw new CodecFailure("MP4 muxer changed the time base to 1/"
                        + stream.time_base().den());
            }
        } catch (CodecFailure failure) {
            close();
            throw failure;
        }
    }

    private static void describe(AVCodecParameters parameters, byte[] header, int width, int height) {
        parameters.codec_type(AVMEDIA_TYPE_VIDEO).codec_id(AV_CODEC_ID_H264);
        parameters.width(width).height(height).format(AV_PIX_FMT_YUV420P);
        BytePointer extra = new BytePointer(allocated(av_mallocz(header.length + (long) AV_INPUT_BUFFER_PADDING_SIZE)));
        extra.put(header, 0, header.length);
        parameters.extradata(extra).extradata_size(header.length);
    }

    private byte[] begin() {
        AVDictionary options = new AVDictionary(null);
        av_dict_set(options, "movflags", FLAGS, 0);
        int result = avformat_write_header(context, options);
        av_dict_free(options);
        check(result, "writing an MP4 header");
        return takeWritten();
    }

    /** The initialisation segment. */
    byte[] init() {
        return init.clone();
    }

    /** Adds a sample to the fragment that is being written; {@code tick} grows. */
    void sample(byte[] data, boolean keyFrame, long tick, long durationTicks) {
        if (closed) {
            throw new IllegalStateException("muxer is closed");
        }
        if (input.capacity() < data.length + (long) AV_INPUT_BUFFER_PADDING_SIZE) {
            input.close();
            input = new BytePointer(2L * (data.length + AV_INPUT_BUFFER_PADDING_SIZE));
        }
        input.put(data, 0, data.length);
        try {
            packet.data(input).size(data.length).pts(tick).dts(tick);
            packet.duration(durationTicks);
            packet.flags(keyFrame ? AV_PKT_FLAG_KEY : 0);
            check(av_write_frame(context, packet), "writing an MP4 fragment");
            begun = true;
        } finally {
            packet.data(null).size(0);
        }
    }

    /**
     * Announces that the next fragment begins at {@code tick}. Otherwise it begins where the duration of the sample
     * before ended, and a stream whose pace is not exactly as announced drifts away from its true time. The flag takes
     * effect behind an empty packet only, which writes nothing. The first packet of all says what the times count from: a
     * writer that begins with a jump begins with one at zero.
     */
    void jumpTo(long tick) {
        if (closed) {
            throw new IllegalStateException("muxer is closed");
        }
        check(av_opt_set(context.priv_data(), "movflags", "+frag_discont", 0), "dating an MP4 fragment");
        long before = begun ? tick - 1 : 0;
        packet.data(null).size(0).pts(before).dts(before);
        check(av_write_frame(context, packet), "dating an MP4 fragment");
    }

    /** Ends the fragment: {@code moof mdat} with all samples since the last one. */
    byte[] fragment() {
        check(av_write_frame(context, null), "ending an MP4 fragment");
        return takeWritten();
    }

    /** What was written since the last call, and a fresh buffer for what comes next. */
    private byte[] takeWritten() {
        avio_flush(context.pb());
        byte[] bytes = closeBuffer();
        openBuffer();
        return bytes;
    }

    private void openBuffer() {
        AVIOContext buffer = new AVIOContext(null);
        check(avio_open_dyn_buf(buffer), "allocating an MP4 buffer");
        context.pb(buffer);
    }

    private byte[] closeBuffer() {
        AVIOContext buffer = context.pb();
        context.pb(null);
        if (buffer == null || buffer.isNull()) {
            return new byte[0];
        }
        byte[] bytes = new byte[avio_close_dyn_buf(buffer, written)];
        BytePointer content = written.get(BytePointer.class);
        content.get(bytes);
        av_free(content);
        return bytes;
    }

    /** Frees the native muxer; further calls have no effect. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        closeBuffer();
        avformat_free_context(context);
        av_packet_free(packet);
        input.close();
        written.close();
    }
}
