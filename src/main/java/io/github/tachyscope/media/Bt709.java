package io.github.tachyscope.media;

import static org.bytedeco.ffmpeg.global.avutil.AVCOL_RANGE_MPEG;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_SPC_SMPTE170M;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_RGB24;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUV420P;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_free;

import io.github.tachyscope.frame.PixelFormat;
import io.github.tachyscope.frame.VideoFrame;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.jspecify.annotations.Nullable;

/**
 * Brings frames, whose I420 is BT.601 everywhere else here, into the BT.709 that players of files expect. Sizes are
 * even. Used by one thread at a time.
 */
final class Bt709 implements AutoCloseable {
    private final Scaler scaler = new Scaler();
    private @Nullable AVFrame source;
    private @Nullable PixelFormat format;

    /** @param to of the size of the frame, with its colours set */
    void write(VideoFrame frame, AVFrame to) {
        AVFrame from = sourceFor(frame);
        if (frame.format() == PixelFormat.RGB24) {
            Planes.writePacked(frame.data(), frame.width(), frame.height(), 3, from);
        } else {
            Planes.write(frame.data(), frame.width(), frame.height(), from);
        }
        scaler.convert(from, to);
    }

    private AVFrame sourceFor(VideoFrame frame) {
        if (source == null || format != frame.format()) {
            free();
            boolean rgb = frame.format() == PixelFormat.RGB24;
            source = Scaler.picture(rgb ? AV_PIX_FMT_RGB24 : AV_PIX_FMT_YUV420P, frame.width(), frame.height());
            source.colorspace(AVCOL_SPC_SMPTE170M).color_range(AVCOL_RANGE_MPEG);
            format = frame.format();
        }
        return source;
    }

    private void free() {
        if (source != null) {
            av_frame_free(source);
            source = null;
        }
    }

    @Override
    public void close() {
        free();
        scaler.close();
    }
}
