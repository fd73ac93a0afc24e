package io.github.tachyscope.media;

import static io.github.tachyscope.media.Ffmpeg.check;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_RGB24;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_free;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_make_writable;

import io.github.tachyscope.frame.FramePool;
import io.github.tachyscope.frame.PixelConversion;
import io.github.tachyscope.frame.VideoFrame;
import org.bytedeco.ffmpeg.avutil.AVFrame;

/**
 * The native picture that an encoder of files takes, filled from frames of one size, whatever their format. Used by one
 * thread at a time; frees its native memory on {@link #close()} only.
 */
final class RgbPicture implements AutoCloseable {
    private final FramePool pool = new FramePool(1);
    private final Scaler scaler = new Scaler();
    private final AVFrame source;
    private final AVFrame picture;

    /**
     * @param width of the frames
     * @param height of the frames
     * @param picture what is to be filled; closed with this
     */
    RgbPicture(int width, int height, AVFrame picture) {
        this.picture = picture;
        this.source = Scaler.picture(AV_PIX_FMT_RGB24, width, height);
    }

    /** The picture with the content of a frame, which stays the caller's; until the next call. */
    AVFrame of(VideoFrame frame) {
        if (frame.width() != source.width() || frame.height() != source.height()) {
            throw new IllegalArgumentException(frame + " among pictures of " + source.width() + "x" + source.height());
        }
        VideoFrame rgb = PixelConversion.toRgb24(frame, pool);
        Planes.writePacked(rgb.data(), rgb.width(), rgb.height(), 3, source);
        rgb.release();
        check(av_frame_make_writable(picture), "allocating a picture");
        scaler.convert(source, picture);
        return picture;
    }

    @Override
    public void close() {
        av_frame_free(source);
        av_frame_free(picture);
        scaler.close();
    }
}
