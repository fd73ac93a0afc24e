package io.github.tachyscope.media;

import static io.github.tachyscope.media.Ffmpeg.allocated;
import static io.github.tachyscope.media.Ffmpeg.check;
import static org.bytedeco.ffmpeg.global.avcodec.AVDISCARD_ALL;
import static org.bytedeco.ffmpeg.global.avcodec.AV_PKT_DATA_DISPLAYMATRIX;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_side_data_get;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_unref;
import static org.bytedeco.ffmpeg.global.avformat.AVIO_FLAG_READ;
import static org.bytedeco.ffmpeg.global.avformat.AV_DISPOSITION_ATTACHED_PIC;
import static org.bytedeco.ffmpeg.global.avformat.av_find_input_format;
import static org.bytedeco.ffmpeg.global.avformat.av_read_frame;
import static org.bytedeco.ffmpeg.global.avformat.avformat_alloc_context;
import static org.bytedeco.ffmpeg.global.avformat.avformat_close_input;
import static org.bytedeco.ffmpeg.global.avformat.avformat_open_input;
import static org.bytedeco.ffmpeg.global.avformat.avio_close;
import static org.bytedeco.ffmpeg.global.avutil.AVMEDIA_TYPE_VIDEO;
import static org.bytedeco.ffmpeg.global.avutil.av_dict_free;
import static org.bytedeco.ffmpeg.global.avutil.av_dict_set;

import java.nio.file.Path;
import java.util.Optional;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avcodec.AVPacketSideData;
import org.bytedeco.ffmpeg.avformat.AVFormatContext;
import org.bytedeco.ffmpeg.avformat.AVIOContext;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.javacpp.IntPointer;

/**
 * The packets of the first video track of one local file.
 *
 * <p>The native library opens this file and no other: its kind is known beforehand, and every protocol is forbidden to
 * whatever the file refers to. Used by one thread at a time; frees its native memory on {@link #close()} only.
 */
final class Demuxer implements AutoCloseable {
    /** No protocol has this name, so that nothing inside the file can open anything. */
    private static final String NO_PROTOCOL = "none";

    private final AVFormatContext context;
    private final AVIOContext input;
    private final AVStream video;
    private final long maxPayload;
    private long payload;
    private boolean closed;

    /** @throws CodecFailure if the file is not of this kind or has no video */
    Demuxer(Path file, Container container, long fileBytes) {
        this(LocalFile.open(file, AVIO_FLAG_READ), container, fileBytes);
    }

    private Demuxer(AVIOContext input, Container container, long fileBytes) {
        this.maxPayload = fileBytes;
        this.input = input;
        AVFormatContext opening = allocated(avformat_alloc_context());
        opening.pb(input);
        AVDictionary options = new AVDictionary(null);
        av_dict_set(options, "protocol_whitelist", NO_PROTOCOL, 0);
        av_dict_set(options, "format_whitelist", container.demuxer(), 0);
        av_dict_set(options, "max_streams", Integer.toString(container.maxTracks()), 0);
        int opened = avformat_open_input(opening, (String) null, av_find_input_format(container.demuxer()), options);
        av_dict_free(options);
        if (opened < 0) {
            // The library freed the context, but the input is ours.
            avio_close(input);
            check(opened, "opening a video");
        }
        this.context = opening;
        try {
            this.video = select();
        } catch (CodecFailure failure) {
            close();
            throw failure;
        }
    }

    /**
     * The same for fragmented MP4, read strictly from front to back, so that one that was cut off in the middle of a
     * header still gives what stands before.
     */
    static Demuxer ofFragments(Path file, long fileBytes) {
        AVIOContext input = LocalFile.open(file, AVIO_FLAG_READ);
        input.seekable(0);
        return new Demuxer(input, Container.MP4, fileBytes);
    }

    private AVStream select() {
        Optional<AVStream> first = Optional.empty();
        for (int i = 0; i < context.nb_streams(); i++) {
            AVStream stream = context.streams(i);
            boolean usable = stream.codecpar().codec_type() == AVMEDIA_TYPE_VIDEO
                    && (stream.disposition() & AV_DISPOSITION_ATTACHED_PIC) == 0;
            if (usable && first.isEmpty()) {
                first = Optional.of(stream);
            } else {
                stream.discard(AVDISCARD_ALL);
            }
        }
        return first.orElseThrow(() -> new CodecFailure("no video track"));
    }

    /** The video track. */
    AVStream video() {
        return video;
    }

    /** How the pictures are to be turned to stand upright. */
    Orientation orientation() {
        AVPacketSideData matrix = av_packet_side_data_get(
                video.codecpar().coded_side_data(), video.codecpar().nb_coded_side_data(), AV_PKT_DATA_DISPLAYMATRIX);
        return matrix == null || matrix.isNull() || matrix.size() < Orientation.MATRIX_BYTES
                ? Orientation.UPRIGHT
                : Orientation.of(new IntPointer(matrix.data()));
    }

    /**
     * Fills {@code packet} with the next one of the video; false at the end of the file, which an unreadable place is
     * too.
     *
     * @throws CodecFailure if the file refers to the same bytes again and again
     */
    boolean read(AVPacket packet) {
        while (av_read_frame(context, packet) >= 0) {
            payload += packet.size();
            if (payload > maxPayload) {
                av_packet_unref(packet);
                throw new CodecFailure("more video than file");
            }
            if (packet.stream_index() == video.index()) {
                return true;
            }
            av_packet_unref(packet);
        }
        return false;
    }

    /** Frees the native demuxer; further calls have no effect. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        avformat_close_input(context);
        avio_close(input);
    }
}
