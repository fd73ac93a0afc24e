package io.github.tachyscope.media;

import io.github.tachyscope.frame.FramePool;
import io.github.tachyscope.frame.PixelFormat;
import io.github.tachyscope.frame.VideoFrame;
import org.bytedeco.javacpp.IntPointer;

/**
 * How a stored picture is turned and mirrored to stand upright: a matrix of 0, 1 and -1, as cameras write it into their
 * files.
 *
 * <pre>
 *   x' = xx x + xy y
 *   y' = yx x + yy y      then moved so that the corner is at 0, 0
 * </pre>
 */
record Orientation(int xx, int xy, int yx, int yy) {
    static final Orientation UPRIGHT = new Orientation(1, 0, 0, 1);
    /** Three by three numbers of four bytes. */
    static final int MATRIX_BYTES = 36;

    /** From a display matrix of the native library; one that is no multiple of a right angle counts as upright. */
    static Orientation of(IntPointer matrix) {
        Orientation orientation = new Orientation(
                Integer.signum(matrix.get(0)),
                Integer.signum(matrix.get(3)),
                Integer.signum(matrix.get(1)),
                Integer.signum(matrix.get(4)));
        return orientation.isRightAngled() ? orientation : UPRIGHT;
    }

    private boolean isRightAngled() {
        boolean straight = xx != 0 && yy != 0 && xy == 0 && yx == 0;
        return straight || swapsSides();
    }

    /** Whether width becomes height. */
    boolean swapsSides() {
        return xx == 0 && yy == 0 && xy != 0 && yx != 0;
    }

    /** The frame upright, in a buffer of the pool; takes the place of {@code frame}, which counts as handed over. */
    VideoFrame turned(VideoFrame frame, FramePool pool) {
        if (equals(UPRIGHT)) {
            return frame;
        }
        int width = frame.width();
        int height = frame.height();
        int turnedWidth = swapsSides() ? height : width;
        int turnedHeight = swapsSides() ? width : height;
        VideoFrame turned = pool.take(PixelFormat.RGB24, turnedWidth, turnedHeight, frame.ptsMicros());
        int left = xx < 0 ? width - 1 : xy < 0 ? height - 1 : 0;
        int top = yy < 0 ? height - 1 : yx < 0 ? width - 1 : 0;
        byte[] from = frame.data();
        byte[] to = turned.data();
        int p = 0;
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                int at = 3 * ((top + yx * x + yy * y) * turnedWidth + left + xx * x + xy * y);
                to[at] = from[p++];
                to[at + 1] = from[p++];
                to[at + 2] = from[p++];
            }
        }
        frame.release();
        return turned;
    }
}
