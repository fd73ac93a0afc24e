package io.github.tachyscope.frame;

/**
 * Bilinear resize of both layouts of {@link PixelFormat}.
 *
 * <p>Sample positions are aligned at pixel centres and clamped at the border; weights have 8 bits. Strong reductions
 * alias, as bilinear does. The only allocation per picture is one table per plane of one entry for each column.
 */
public final class PictureScaler {
    private PictureScaler() {}

    /**
     * The picture stretched to {@code width} x {@code height}, in a buffer of {@code pool}. A frame of that size
     * already comes back itself with one more owner; in both cases the caller releases the result and still owns
     * {@code frame}.
     */
    public static VideoFrame scale(VideoFrame frame, int width, int height, FramePool pool) {
        if (frame.width() == width && frame.height() == height) {
            return frame.retain();
        }
        VideoFrame scaled = pool.take(frame.format(), width, height, frame.ptsMicros());
        if (frame.format() == PixelFormat.RGB24) {
            plane(frame.data(), 0, frame.width(), frame.height(), scaled.data(), 0, width, height, 3);
            return scaled;
        }
        int fromLuma = frame.width() * frame.height();
        int toLuma = width * height;
        int fromWidth = (frame.width() + 1) / 2;
        int fromHeight = (frame.height() + 1) / 2;
        int toWidth = (width + 1) / 2;
        int toHeight = (height + 1) / 2;
        plane(frame.data(), 0, frame.width(), frame.height(), scaled.data(), 0, width, height, 1);
        int from = fromLuma;
        int to = toLuma;
        for (int chroma = 0; chroma < 2; chroma++) {
            plane(frame.data(), from, fromWidth, fromHeight, scaled.data(), to, toWidth, toHeight, 1);
            from += fromWidth * fromHeight;
            to += toWidth * toHeight;
        }
        return scaled;
    }

    private static void plane(
            byte[] from, int fromAt, int fromWidth, int fromHeight, byte[] to, int toAt, int width, int height, int n) {
        int[] columns = positions(fromWidth, width);
        int out = toAt;
        for (int y = 0; y < height; y++) {
            int position = position(y, fromHeight, height);
            int weight = position & 0xff;
            int upper = fromAt + (position >> 8) * fromWidth * n;
            int lower = weight == 0 ? upper : upper + fromWidth * n;
            for (int x = 0; x < width; x++) {
                int column = columns[x];
                int wx = column & 0xff;
                int left = (column >> 8) * n;
                int right = wx == 0 ? left : left + n;
                for (int c = 0; c < n; c++) {
                    int above = (from[upper + left + c] & 0xff) * (256 - wx) + (from[upper + right + c] & 0xff) * wx;
                    int below = (from[lower + left + c] & 0xff) * (256 - wx) + (from[lower + right + c] & 0xff) * wx;
                    to[out++] = (byte) ((above * (256 - weight) + below * weight + (1 << 15)) >> 16);
                }
            }
        }
    }

    private static int[] positions(int from, int to) {
        int[] positions = new int[to];
        for (int i = 0; i < to; i++) {
            positions[i] = position(i, from, to);
        }
        return positions;
    }

    /** Where target sample {@code i} lies in the source, in 24.8 fixed point, within the first and last sample. */
    private static int position(int i, int from, int to) {
        long centre = ((2L * i + 1) * from * 256 / to - 256) / 2;
        return (int) Math.max(0, Math.min((from - 1) * 256L, centre));
    }
}
