package io.github.tachyscope.media;

import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_FLAG_ALPHA;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_PAL8;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_RGB24;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_RGBA;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_free;
import static org.bytedeco.ffmpeg.global.avutil.av_pix_fmt_desc_get;

import io.github.tachyscope.frame.FramePool;
import io.github.tachyscope.frame.PixelFormat;
import io.github.tachyscope.frame.VideoFrame;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.avutil.AVPixFmtDescriptor;
import org.jspecify.annotations.Nullable;

/**
 * Decoded native pictures of any layout as RGB24 frames. What is transparent becomes white, the colour of the page that
 * such pictures are made for. Used by one thread at a time.
 */
final class NativePictures implements AutoCloseable {
    private static final int WHITE = 255;

    private final FramePool pool;
    private final Scaler scaler = new Scaler();
    private @Nullable AVFrame target;

    NativePictures(FramePool pool) {
        this.pool = pool;
    }

    /**
     * The picture in this size, in a buffer of the pool and owned by the caller.
     *
     * @throws CodecFailure if its layout is not supported
     */
    VideoFrame frame(AVFrame picture, int width, int height, long ptsMicros) {
        boolean alpha = hasAlpha(picture.format());
        AVFrame converted = targetFor(alpha ? AV_PIX_FMT_RGBA : AV_PIX_FMT_RGB24, width, height);
        scaler.convert(picture, converted);
        VideoFrame frame = pool.take(PixelFormat.RGB24, width, height, ptsMicros);
        if (alpha) {
            byte[] rgba = new byte[4 * width * height];
            Planes.readPacked(converted, width, height, 4, rgba);
            overWhite(rgba, frame.data());
        } else {
            Planes.readPacked(converted, width, height, 3, frame.data());
        }
        return frame;
    }

    private static boolean hasAlpha(int format) {
        AVPixFmtDescriptor layout = av_pix_fmt_desc_get(format);
        // Palettes have room for it, whether they are said to or not.
        return layout != null && (layout.flags() & AV_PIX_FMT_FLAG_ALPHA) != 0 || format == AV_PIX_FMT_PAL8;
    }

    private static void overWhite(byte[] rgba, byte[] rgb) {
        int to = 0;
        for (int at = 0; at < rgba.length; at += 4) {
            int alpha = rgba[at + 3] & 0xff;
            for (int c = 0; c < 3; c++) {
                int mixed = (rgba[at + c] & 0xff) * alpha + WHITE * (WHITE - alpha);
                rgb[to++] = (byte) ((mixed + WHITE / 2) / WHITE);
            }
        }
    }

    private AVFrame targetFor(int format, int width, int height) {
        if (target == null || target.format() != format || target.width() != width || target.height() != height) {
            free();
            target = Scaler.picture(format, width, height);
        }
        return target;
    }

    private void free() {
        if (target != null) {
            av_frame_free(target);
            target = null;
        }
    }

    @Override
    public void close() {
        free();
        scaler.close();
    }
}
