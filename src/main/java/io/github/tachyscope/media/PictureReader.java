package io.github.tachyscope.media;

import static io.github.tachyscope.media.Ffmpeg.allocated;
import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_PNG;
import static org.bytedeco.ffmpeg.global.avcodec.AV_INPUT_BUFFER_PADDING_SIZE;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_alloc;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_free;
import static org.bytedeco.ffmpeg.global.avutil.AV_FRAME_DATA_DISPLAYMATRIX;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_get_side_data;

import io.github.tachyscope.frame.FramePool;
import io.github.tachyscope.frame.VideoFrame;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.avutil.AVFrameSideData;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.IntPointer;

/**
 * Still pictures from a client: PNG, JPEG, WebP and the first picture of a GIF, told by content. They come out as RGB24,
 * upright as the camera noted in a JPEG, with white where they are transparent. Keeps no state; thread-safe.
 */
public final class PictureReader {
    private PictureReader() {}

    /**
     * The picture, with time zero.
     *
     * @param limits of which the duration does not count
     * @throws MediaRefused if it cannot be used
     */
    public static VideoFrame read(byte[] file, InputLimits limits) {
        limits.checkBytes(file.length);
        PictureHeader header = PictureHeader.of(file);
        limits.checkSize(header.width(), header.height());
        byte[] data = header.codecId() == AV_CODEC_ID_PNG ? Png.reduced(file) : file;
        try {
            return decode(data, header.codecId(), limits);
        } catch (CodecFailure failure) {
            throw MediaRefused.damaged("the picture cannot be decoded: " + failure.getMessage());
        }
    }

    private static VideoFrame decode(byte[] data, int codecId, InputLimits limits) {
        FramePool pool = new FramePool(1);
        AVPacket packet = allocated(av_packet_alloc());
        try (FileDecoder decoder = FileDecoder.forPicture(codecId, limits);
                NativePictures pictures = new NativePictures(pool);
                BytePointer input = new BytePointer(data.length + (long) AV_INPUT_BUFFER_PADDING_SIZE)) {
            input.put(data, 0, data.length);
            input.position(data.length).put(new byte[AV_INPUT_BUFFER_PADDING_SIZE]);
            input.position(0);
            packet.data(input).size(data.length);
            boolean taken = decoder.send(packet) && decoder.send(null);
            packet.data(null).size(0);
            if (!taken) {
                throw new CodecFailure("its data are damaged");
            }
            AVFrame picture = decoder.picture().orElseThrow(() -> new CodecFailure("it shows nothing"));
            limits.checkSize(picture.width(), picture.height());
            VideoFrame frame = pictures.frame(picture, picture.width(), picture.height(), 0);
            return orientation(picture).turned(frame, pool);
        } finally {
            av_packet_free(packet);
        }
    }

    private static Orientation orientation(AVFrame picture) {
        AVFrameSideData matrix = av_frame_get_side_data(picture, AV_FRAME_DATA_DISPLAYMATRIX);
        return matrix == null || matrix.isNull() || matrix.size() < Orientation.MATRIX_BYTES
                ? Orientation.UPRIGHT
                : Orientation.of(new IntPointer(matrix.data()));
    }
}
