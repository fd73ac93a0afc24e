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
import static org.bytedeco.ffmpeg.global.avutil.AVMEDIA_TYPE_VIDEO;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUV420P;
import static org.bytedeco.ffmpeg.global.avutil.av_dict_free;
import static org.bytedeco.ffmpeg.global.avutil.av_dict_set;
import static org.bytedeco.ffmpeg.global.avutil.av_free;
import static org.bytedeco.ffmpeg.global.avutil.av_mallocz;
import static org.bytedeco.ffmpeg.global.avutil.av_opt_set;

import io.github.tachyscope.frame.EncodedFrame;
import io.github.tachyscope.frame.VideoCodec;
import java.util.Arrays;
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
 * A live H.264 stream as fragmented MP4 (ISO/IEC 14496-12), one fragment per frame, as Media Source Extensions play it.
 *
 * <pre>
 *   init      ftyp moov
 *   fragment  moof mdat      for every frame, the key frame of {@link #startingAt} first
 * </pre>
 *
 * <p>Time begins at zero with that key frame. The native library writes into a memory buffer of its own and never calls
 * back into Java: a callback that outlives its object, or throws, would abort the process. Used by one thread at a
 * time; frees its native memory on {@link #close()} only.
 */
public final class Fmp4Muxer implements AutoCloseable {
    private static final int TICKS_PER_SECOND = 90_000;
    /** Two, because every frame but the first is announced one tick earlier. */
    private static final int MIN_STEP_TICKS = 2;
    /** {@code frag_custom}: we say when a fragment ends. {@code skip_trailer}: no index that grows with the stream. */
    private static final String FLAGS = "empty_moov+default_base_moof+frag_custom+skip_trailer";

    private final byte[] parameterSets;
    private final long startMicros;
    private final AVFormatContext context;
    private final AVPacket packet;
    private final PointerPointer<BytePointer> written = new PointerPointer<>(1);
    private final byte[] init;
    private BytePointer input = new BytePointer(64 << 10);
    private long lastTick = -MIN_STEP_TICKS;
    private boolean closed;

    private Fmp4Muxer(EncodedFrame keyFrame, byte[] parameterSets, int width, int height) {
        this.parameterSets = parameterSets;
        this.startMicros = keyFrame.ptsMicros();
        this.context = new AVFormatContext(null);
        check(avformat_alloc_output_context2(context, (AVOutputFormat) null, "mp4", null), "opening an MP4 muxer");
        this.packet = allocated(av_packet_alloc());
        try {
            openBuffer();
            describe(width, height);
            this.init = header();
        } catch (CodecFailure failure) {
            close();
            throw failure;
        }
    }

    /**
     * A muxer whose first fragment will be {@code keyFrame}, which describes the stream but is not written yet.
     *
     * @throws CodecFailure if it is not an H.264 key frame with its parameter sets
     */
    public static Fmp4Muxer startingAt(EncodedFrame keyFrame, int width, int height) {
        if (keyFrame.codec() != VideoCodec.H264 || !keyFrame.keyFrame()) {
            throw new CodecFailure("fragmented MP4 starts with a key frame of H264");
        }
        byte[] parameterSets = AnnexB.parameterSets(keyFrame.data())
                .orElseThrow(() -> new CodecFailure("key frame without parameter sets"));
        return new Fmp4Muxer(keyFrame, parameterSets, width, height);
    }

    private void describe(int width, int height) {
        context.flags(context.flags() | AVFormatContext.AVFMT_FLAG_BITEXACT);
        AVStream stream = allocated(avformat_new_stream(context, (AVCodec) null));
        stream.time_base().num(1).den(TICKS_PER_SECOND);
        AVCodecParameters parameters = stream.codecpar();
        parameters.codec_type(AVMEDIA_TYPE_VIDEO).codec_id(AV_CODEC_ID_H264);
        parameters.width(width).height(height).format(AV_PIX_FMT_YUV420P);
        BytePointer extra =
                new BytePointer(allocated(av_mallocz(parameterSets.length + (long) AV_INPUT_BUFFER_PADDING_SIZE)));
        extra.put(parameterSets, 0, parameterSets.length);
        parameters.extradata(extra).extradata_size(parameterSets.length);
    }

    private byte[] header() {
        AVDictionary options = new AVDictionary(null);
        av_dict_set(options, "movflags", FLAGS, 0);
        int result = avformat_write_header(context, options);
        av_dict_free(options);
        check(result, "writing an MP4 header");
        return takeWritten();
    }

    /** The initialisation segment; the same bytes for every viewer. */
    public byte[] init() {
        return init.clone();
    }

    /** The type of the stream for {@code video/mp4; codecs="..."}, such as {@code avc1.42C01F}. */
    public String codecs() {
        return AnnexB.codecs(parameterSets);
    }

    /** Whether the frame fits the initialisation segment; false at a change of picture size: start a new muxer there. */
    public boolean continues(EncodedFrame frame) {
        return frame.codec() == VideoCodec.H264
                && (!frame.keyFrame()
                        || AnnexB.parameterSets(frame.data())
                                .map(sets -> Arrays.equals(sets, parameterSets))
                                .orElse(true));
    }

    /** The media segment with this frame. Times that do not grow are moved on by the smallest step. */
    public byte[] fragment(EncodedFrame frame, long durationMicros) {
        if (closed) {
            throw new IllegalStateException("muxer is closed");
        }
        int bytes = frame.data().length;
        if (input.capacity() < bytes + (long) AV_INPUT_BUFFER_PADDING_SIZE) {
            input.close();
            input = new BytePointer(2L * (bytes + AV_INPUT_BUFFER_PADDING_SIZE));
        }
        input.put(frame.data(), 0, bytes);
        long tick = Math.max(lastTick + MIN_STEP_TICKS, ticks(frame.ptsMicros() - startMicros));
        try {
            if (lastTick >= 0) {
                announce(tick);
            }
            lastTick = tick;
            packet.data(input).size(bytes).pts(tick).dts(tick);
            packet.duration(Math.max(1, ticks(durationMicros)));
            packet.flags(frame.keyFrame() ? AV_PKT_FLAG_KEY : 0);
            check(av_write_frame(context, packet), "writing an MP4 fragment");
            check(av_write_frame(context, null), "ending an MP4 fragment");
            return takeWritten();
        } finally {
            packet.data(null).size(0);
        }
    }

    /**
     * Tells the native muxer that the next frame begins at its own time. Otherwise it begins where the announced
     * duration of the one before ended, and a stream whose pace is not exactly as announced drifts away from its true
     * time. The flag takes effect behind an empty packet only, which writes nothing.
     */
    private void announce(long tick) {
        check(av_opt_set(context.priv_data(), "movflags", "+frag_discont", 0), "dating an MP4 fragment");
        packet.data(null).size(0).pts(tick - 1).dts(tick - 1);
        check(av_write_frame(context, packet), "dating an MP4 fragment");
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

    private static long ticks(long micros) {
        return Math.round(micros * (TICKS_PER_SECOND / 1e6));
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
