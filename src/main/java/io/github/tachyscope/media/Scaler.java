package io.github.tachyscope.media;

import static io.github.tachyscope.media.Ffmpeg.allocated;
import static io.github.tachyscope.media.Ffmpeg.check;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_RANGE_JPEG;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUVJ411P;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUVJ420P;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUVJ422P;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUVJ440P;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUVJ444P;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_alloc;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_free;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_get_buffer;
import static org.bytedeco.ffmpeg.global.swscale.SWS_ACCURATE_RND;
import static org.bytedeco.ffmpeg.global.swscale.SWS_AREA;
import static org.bytedeco.ffmpeg.global.swscale.SWS_BICUBIC;
import static org.bytedeco.ffmpeg.global.swscale.SWS_FULL_CHR_H_INP;
import static org.bytedeco.ffmpeg.global.swscale.SWS_FULL_CHR_H_INT;
import static org.bytedeco.ffmpeg.global.swscale.sws_freeContext;
import static org.bytedeco.ffmpeg.global.swscale.sws_getCoefficients;
import static org.bytedeco.ffmpeg.global.swscale.sws_getContext;
import static org.bytedeco.ffmpeg.global.swscale.sws_isSupportedInput;
import static org.bytedeco.ffmpeg.global.swscale.sws_scale;
import static org.bytedeco.ffmpeg.global.swscale.sws_setColorspaceDetails;

import java.util.Set;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.swscale.SwsContext;
import org.bytedeco.javacpp.DoublePointer;
import org.jspecify.annotations.Nullable;

/**
 * Between native pictures of any size, layout, matrix and range. What a picture does not say about its colours counts
 * as BT.601 in limited range. Used by one thread at a time.
 */
final class Scaler implements AutoCloseable {
    private static final int EXACT = SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT | SWS_FULL_CHR_H_INP;
    /** No change of brightness; contrast and saturation of one, in 16.16 fixed point. */
    private static final int ONE = 1 << 16;

    private static final Set<Integer> FULL_RANGE = Set.of(
            AV_PIX_FMT_YUVJ420P, AV_PIX_FMT_YUVJ422P, AV_PIX_FMT_YUVJ444P, AV_PIX_FMT_YUVJ440P, AV_PIX_FMT_YUVJ411P);

    private record Side(int width, int height, int format, int matrix, boolean fullRange) {
        static Side of(AVFrame picture) {
            boolean full = picture.color_range() == AVCOL_RANGE_JPEG || FULL_RANGE.contains(picture.format());
            return new Side(picture.width(), picture.height(), picture.format(), picture.colorspace(), full);
        }
    }

    private record Way(Side from, Side to) {}

    private @Nullable SwsContext context;
    private @Nullable Way way;

    /** A picture with a buffer of its own and undefined content; the caller frees it. */
    static AVFrame picture(int format, int width, int height) {
        AVFrame picture = allocated(av_frame_alloc());
        picture.width(width).height(height).format(format);
        int result = av_frame_get_buffer(picture, 0);
        if (result < 0) {
            av_frame_free(picture);
            check(result, "allocating a picture");
        }
        return picture;
    }

    /**
     * Fills {@code to}, which has its size, layout and colours already.
     *
     * @throws CodecFailure if there is no way between the two
     */
    void convert(AVFrame from, AVFrame to) {
        if (sws_isSupportedInput(from.format()) == 0) {
            throw new CodecFailure("pixel format " + from.format() + " is not supported");
        }
        Way wanted = new Way(Side.of(from), Side.of(to));
        if (!wanted.equals(way)) {
            prepare(wanted);
        }
        check(
                sws_scale(context, from.data(), from.linesize(), 0, from.height(), to.data(), to.linesize()),
                "converting a picture");
    }

    private void prepare(Way wanted) {
        close();
        Side from = wanted.from();
        Side to = wanted.to();
        boolean shrinks = to.width() < from.width() || to.height() < from.height();
        context = allocated(sws_getContext(
                from.width(),
                from.height(),
                from.format(),
                to.width(),
                to.height(),
                to.format(),
                (shrinks ? SWS_AREA : SWS_BICUBIC) | EXACT,
                null,
                null,
                (DoublePointer) null));
        sws_setColorspaceDetails(
                context,
                sws_getCoefficients(from.matrix()),
                from.fullRange() ? 1 : 0,
                sws_getCoefficients(to.matrix()),
                to.fullRange() ? 1 : 0,
                0,
                ONE,
                ONE);
        way = wanted;
    }

    @Override
    public void close() {
        sws_freeContext(context);
        context = null;
        way = null;
    }
}
