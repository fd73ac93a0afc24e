package io.github.tachyscope.media;

import static org.bytedeco.ffmpeg.global.avutil.AVCOL_SPC_SMPTE170M;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_RGB24;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUV420P;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_free;

import io.github.tachyscope.frame.FramePool;
import io.github.tachyscope.frame.PictureScaler;
import io.github.tachyscope.frame.PixelFormat;
import io.github.tachyscope.frame.VideoFrame;
import org.bytedeco.ffmpeg.avutil.AVFrame;

/** A frame in small, averaged over the pixels that it leaves out. Keeps no state; thread-safe. */
public final class Thumbnail {
    private static final int JPEG_QUALITY = 85;

    private Thumbnail() {}

    /** As a JPEG file, not larger than {@code maxSide} either way, in the shape of the frame, and never enlarged. */
    public static byte[] jpeg(VideoFrame frame, int maxSide) {
        double factor = Math.min(1, (double) maxSide / Math.max(frame.width(), frame.height()));
        int width = (int) Math.max(1, Math.round(frame.width() * factor));
        int height = (int) Math.max(1, Math.round(frame.height() * factor));
        return JpegEncoder.encode(of(frame, width, height), JPEG_QUALITY);
    }

    /**
     * As a JPEG file whose longer side is {@code side}, in the shape of the frame; smaller frames are enlarged, bilinear.
     *
     * @param quality 1 to 100
     */
    public static byte[] fitted(VideoFrame frame, int side, int quality) {
        double factor = (double) side / Math.max(frame.width(), frame.height());
        int width = (int) Math.max(1, Math.round(frame.width() * factor));
        int height = (int) Math.max(1, Math.round(frame.height() * factor));
        if (factor < 1) {
            return JpegEncoder.encode(of(frame, width, height), quality);
        }
        VideoFrame large = PictureScaler.scale(frame, width, height, new FramePool(1));
        try {
            return JpegEncoder.encode(large, quality);
        } finally {
            large.release();
        }
    }

    /** As RGB24 of exactly this size; the frame stays the caller's. */
    public static VideoFrame of(VideoFrame frame, int width, int height) {
        boolean rgb = frame.format() == PixelFormat.RGB24;
        AVFrame source = Scaler.picture(
                rgb ? AV_PIX_FMT_RGB24 : AV_PIX_FMT_YUV420P, even(rgb, frame.width()), even(rgb, frame.height()));
        try (NativePictures pictures = new NativePictures(new FramePool(1))) {
            if (rgb) {
                Planes.writePacked(frame.data(), frame.width(), frame.height(), 3, source);
            } else {
                Planes.write(frame.data(), frame.width(), frame.height(), source);
            }
            source.colorspace(AVCOL_SPC_SMPTE170M).width(frame.width()).height(frame.height());
            return pictures.frame(source, width, height, frame.ptsMicros());
        } finally {
            av_frame_free(source);
        }
    }

    /** An odd I420 picture is written with one more column and row. */
    private static int even(boolean rgb, int size) {
        return rgb ? size : VideoEncoder.even(size);
    }
}
