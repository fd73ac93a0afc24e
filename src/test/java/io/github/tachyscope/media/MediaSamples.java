package io.github.tachyscope.media;

import static io.github.tachyscope.media.Ffmpeg.allocated;
import static io.github.tachyscope.media.Ffmpeg.check;
import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_H264;
import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_VP8;
import static org.bytedeco.ffmpeg.global.avcodec.AV_INPUT_BUFFER_PADDING_SIZE;
import static org.bytedeco.ffmpeg.global.avcodec.AV_PKT_FLAG_KEY;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_alloc;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_free;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_alloc_context3;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_find_encoder_by_name;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_free_context;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_open2;
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
import static org.bytedeco.ffmpeg.global.avutil.AVMEDIA_TYPE_VIDEO;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_BGRA;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUV420P;
import static org.bytedeco.ffmpeg.global.avutil.av_dict_free;
import static org.bytedeco.ffmpeg.global.avutil.av_dict_set;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_free;
import static org.bytedeco.ffmpeg.global.avutil.av_mallocz;
import static org.bytedeco.ffmpeg.global.avutil.av_rescale_q;

import io.github.tachyscope.config.MediaSettings;
import io.github.tachyscope.frame.EncodedFrame;
import io.github.tachyscope.frame.VideoCodec;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
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
import org.bytedeco.javacpp.BytePointer;

/** Files as clients send them, made by the native library when a test asks. */
final class MediaSamples {
    static final MediaSettings SETTINGS = new MediaSettings(List.of("libopenh264"), 1, 2048, 2048);

    private MediaSamples() {}

    /** A video of {@link Pictures#i420}, with a key frame every ten. */
    static Path video(Path file, String format, VideoCodec codec, int width, int height, int fps, int frames) {
        List<EncodedFrame> encoded = new ArrayList<>();
        VideoEncoder.Settings settings = new VideoEncoder.Settings(codec, width, height, fps, 1_000_000);
        try (VideoEncoder encoder = VideoEncoder.open(settings, SETTINGS)) {
            for (int i = 0; i < frames; i++) {
                encoded.add(encoder.encode(Pictures.i420(width, height, i, i * 1_000_000L / fps), i % 10 == 0));
            }
        }
        mux(file, format, encoded, width, height, fps);
        return file;
    }

    private static void mux(Path file, String format, List<EncodedFrame> frames, int width, int height, int fps) {
        AVFormatContext context = new AVFormatContext(null);
        check(avformat_alloc_output_context2(context, (AVOutputFormat) null, format, null), "opening " + format);
        AVStream stream = allocated(avformat_new_stream(context, (AVCodec) null));
        boolean h264 = frames.get(0).codec() == VideoCodec.H264;
        stream.codecpar().codec_type(AVMEDIA_TYPE_VIDEO).codec_id(h264 ? AV_CODEC_ID_H264 : AV_CODEC_ID_VP8);
        stream.codecpar().width(width).height(height).format(AV_PIX_FMT_YUV420P);
        stream.time_base().num(1).den(fps);
        stream.avg_frame_rate().num(fps).den(1);
        if (h264) {
            byte[] header = AnnexB.parameterSets(frames.get(0).data()).orElseThrow();
            BytePointer extra =
                    new BytePointer(allocated(av_mallocz(header.length + (long) AV_INPUT_BUFFER_PADDING_SIZE)));
            extra.put(header, 0, header.length);
            stream.codecpar().extradata(extra).extradata_size(header.length);
        }
        AVIOContext out = LocalFile.open(file, AVIO_FLAG_WRITE);
        context.pb(out);
        check(avformat_write_header(context, (AVDictionary) null), "writing a header");
        AVPacket packet = allocated(av_packet_alloc());
        AVRational base = new AVRational().num(1).den(fps);
        for (int i = 0; i < frames.size(); i++) {
            byte[] data = frames.get(i).data();
            try (BytePointer bytes = new BytePointer(data.length + (long) AV_INPUT_BUFFER_PADDING_SIZE)) {
                bytes.put(data, 0, data.length);
                long tick = av_rescale_q(i, base, stream.time_base());
                packet.data(bytes).size(data.length).pts(tick).dts(tick);
                packet.duration(av_rescale_q(1, base, stream.time_base()));
                packet.flags(frames.get(i).keyFrame() ? AV_PKT_FLAG_KEY : 0);
                check(av_write_frame(context, packet), "writing a packet");
                packet.data(null).size(0);
            }
        }
        check(av_write_trailer(context), "writing a trailer");
        avio_close(out);
        av_packet_free(packet);
        avformat_free_context(context);
    }

    /** A lossless WebP of 32 bit pixels. */
    static byte[] webp(BufferedImage image) {
        AVCodec codec = avcodec_find_encoder_by_name("libwebp");
        AVCodecContext context = allocated(avcodec_alloc_context3(codec));
        context.width(image.getWidth()).height(image.getHeight()).pix_fmt(AV_PIX_FMT_BGRA);
        context.time_base().num(1).den(25);
        AVDictionary options = new AVDictionary(null);
        av_dict_set(options, "lossless", "1", 0);
        check(avcodec_open2(context, codec, options), "opening WebP");
        av_dict_free(options);
        AVFrame picture = Scaler.picture(AV_PIX_FMT_BGRA, image.getWidth(), image.getHeight());
        byte[] bgra = new byte[4 * image.getWidth() * image.getHeight()];
        for (int y = 0, at = 0; y < image.getHeight(); y++) {
            for (int x = 0; x < image.getWidth(); x++) {
                int argb = image.getRGB(x, y);
                for (int shift = 0; shift < 32; shift += 8) {
                    bgra[at++] = (byte) (argb >> shift);
                }
            }
        }
        Planes.writePacked(bgra, image.getWidth(), image.getHeight(), 4, picture);
        AVPacket packet = allocated(av_packet_alloc());
        check(avcodec_send_frame(context, picture), "encoding WebP");
        check(avcodec_send_frame(context, null), "encoding WebP");
        check(avcodec_receive_packet(context, packet), "encoding WebP");
        byte[] file = new byte[packet.size()];
        packet.data().get(file);
        av_packet_free(packet);
        av_frame_free(picture);
        avcodec_free_context(context);
        return file;
    }

    static byte[] file(BufferedImage image, String format) {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        try {
            if (!ImageIO.write(image, format, file)) {
                throw new AssertionError("no writer for " + format);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return file.toByteArray();
    }
}
