package io.github.tachyscope.media;

import static io.github.tachyscope.media.Ffmpeg.allocated;
import static io.github.tachyscope.media.Ffmpeg.check;
import static org.bytedeco.ffmpeg.global.avcodec.AV_PKT_FLAG_CORRUPT;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_alloc;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_free;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_unref;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_parameters_copy;
import static org.bytedeco.ffmpeg.global.avformat.AVIO_FLAG_WRITE;
import static org.bytedeco.ffmpeg.global.avformat.av_write_frame;
import static org.bytedeco.ffmpeg.global.avformat.av_write_trailer;
import static org.bytedeco.ffmpeg.global.avformat.avformat_alloc_output_context2;
import static org.bytedeco.ffmpeg.global.avformat.avformat_free_context;
import static org.bytedeco.ffmpeg.global.avformat.avformat_new_stream;
import static org.bytedeco.ffmpeg.global.avformat.avformat_write_header;
import static org.bytedeco.ffmpeg.global.avformat.avio_close;
import static org.bytedeco.ffmpeg.global.avformat.avio_flush;
import static org.bytedeco.ffmpeg.global.avutil.av_dict_free;
import static org.bytedeco.ffmpeg.global.avutil.av_dict_set;
import static org.bytedeco.ffmpeg.global.avutil.av_rescale_q;
import static org.bytedeco.ffmpeg.global.avutil.av_strdup;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avformat.AVFormatContext;
import org.bytedeco.ffmpeg.avformat.AVIOContext;
import org.bytedeco.ffmpeg.avformat.AVOutputFormat;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVRational;
import org.bytedeco.javacpp.BytePointer;

/**
 * Makes a file for keeping of the stream of a {@link ChunkMp4}: the same samples, not encoded again, behind an index, so
 * that players know the length and can seek.
 *
 * <pre>
 *   ftyp moov mdat
 * </pre>
 *
 * <p>Works through the file sample by sample; only the index is in memory. A stream that was cut off gives the frames
 * that are whole.
 */
public final class ProgressiveMp4 {
    /**
     * What was written.
     *
     * @param bytes of the file
     */
    public record Result(long frames, long durationMicros, long bytes) {}

    private ProgressiveMp4() {}

    /**
     * Writes {@code target} anew; the caller gives it its final name.
     *
     * @param fragments the chunks of a stream in one file
     * @throws CodecFailure if that is no such stream; what is at {@code target} then is of no use
     * @throws IOException if a file cannot be read or written
     */
    public static Result write(Path fragments, Path target) throws IOException {
        long bytes = Files.size(fragments);
        try (Demuxer demuxer = Demuxer.ofFragments(fragments, bytes);
                Output output = new Output(target, demuxer.video())) {
            output.copy(demuxer);
            return output.result(target);
        }
    }

    /** The same from chunks in memory, by way of a file beside {@code target}. */
    public static Result write(List<byte[]> fragments, Path target) throws IOException {
        Path joined = Files.createTempFile(target.toAbsolutePath().getParent(), "fragments", ".mp4");
        try {
            try (OutputStream out = Files.newOutputStream(joined)) {
                for (byte[] fragment : fragments) {
                    out.write(fragment);
                }
            }
            return write(joined, target);
        } finally {
            Files.deleteIfExists(joined);
        }
    }

    /** The native muxer of one file. */
    private static final class Output implements AutoCloseable {
        private final AVFormatContext context = new AVFormatContext(null);
        private final AVPacket packet;
        private final AVRational from;
        private final AVStream stream;
        private final AVIOContext file;
        private long frames;
        private long endTick;

        Output(Path target, AVStream source) {
            check(avformat_alloc_output_context2(context, (AVOutputFormat) null, "mp4", null), "opening an MP4 muxer");
            this.packet = allocated(av_packet_alloc());
            this.from = source.time_base();
            this.stream = allocated(avformat_new_stream(context, (AVCodec) null));
            this.file = open(target);
            try {
                context.flags(context.flags() | AVFormatContext.AVFMT_FLAG_BITEXACT);
                check(avcodec_parameters_copy(stream.codecpar(), source.codecpar()), "describing an MP4 track");
                stream.codecpar().codec_tag(0);
                stream.time_base(from);
                stream.sample_aspect_ratio(source.codecpar().sample_aspect_ratio());
                begin();
            } catch (CodecFailure failure) {
                close();
                throw failure;
            }
        }

        private AVIOContext open(Path target) {
            try {
                AVIOContext opened = LocalFile.open(target, AVIO_FLAG_WRITE);
                context.pb(opened);
                // The muxer opens the file a second time to move the index in front; it frees this name.
                try (BytePointer url = LocalFile.url(target)) {
                    context.url(allocated(av_strdup(url)));
                }
                return opened;
            } catch (CodecFailure failure) {
                avformat_free_context(context);
                av_packet_free(packet);
                throw failure;
            }
        }

        private void begin() {
            AVDictionary options = new AVDictionary(null);
            av_dict_set(options, "movflags", "faststart", 0);
            // The clock of the stream for track and movie: its durations stay exact.
            String ticksPerSecond = Integer.toString(from.den());
            av_dict_set(options, "video_track_timescale", ticksPerSecond, 0);
            av_dict_set(options, "movie_timescale", ticksPerSecond, 0);
            int result = avformat_write_header(context, options);
            av_dict_free(options);
            check(result, "writing an MP4 header");
        }

        void copy(Demuxer demuxer) {
            while (demuxer.read(packet)) {
                try {
                    if ((packet.flags() & AV_PKT_FLAG_CORRUPT) != 0) {
                        break;
                    }
                    packet.pts(av_rescale_q(packet.pts(), from, stream.time_base()));
                    packet.dts(av_rescale_q(packet.dts(), from, stream.time_base()));
                    packet.duration(av_rescale_q(packet.duration(), from, stream.time_base()));
                    packet.stream_index(0).pos(-1);
                    endTick = packet.pts() + packet.duration();
                    check(av_write_frame(context, packet), "writing an MP4 file");
                    frames++;
                } finally {
                    av_packet_unref(packet);
                }
            }
            if (frames == 0) {
                throw new CodecFailure("the stream has no frames");
            }
            check(av_write_trailer(context), "ending an MP4 file");
            avio_flush(context.pb());
            check(context.pb().error(), "writing an MP4 file");
        }

        Result result(Path target) throws IOException {
            return new Result(
                    frames, Math.round(endTick * 1e6 / stream.time_base().den()), Files.size(target));
        }

        @Override
        public void close() {
            avio_close(file);
            avformat_free_context(context);
            av_packet_free(packet);
        }
    }
}
