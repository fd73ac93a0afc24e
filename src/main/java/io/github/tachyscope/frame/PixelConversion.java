package io.github.tachyscope.frame;

/**
 * Between the layouts of {@link PixelFormat}: BT.601, limited range on the I420 side and full range on the RGB side.
 *
 * <pre>
 *   Y =  16 + ( 65.481 R + 128.553 G +  24.966 B) / 255
 *   U = 128 + (-37.797 R -  74.203 G + 112.000 B) / 255
 *   V = 128 + (112.000 R -  93.786 G -  18.214 B) / 255
 * </pre>
 *
 * <p>Chroma is the average of its two by two pixels on the way in and repeated for them on the way out. The loops work
 * in 16.16 fixed point and allocate nothing. <a href="https://www.itu.int/rec/R-REC-BT.601">ITU-R BT.601</a>.
 */
public final class PixelConversion {
    private static final int HALF = 1 << 15;
    private static final int Y_OFFSET = (16 << 16) + HALF;
    /** Chroma is computed from the sum of four pixels, hence two bits more. */
    private static final int C_OFFSET_OF_FOUR = (128 << 18) + (1 << 17);

    private static final int Y_R = 16829;
    private static final int Y_G = 33039;
    private static final int Y_B = 6416;
    // Each chroma row sums to zero, so that grey stays exactly grey.
    private static final int U_R = -9714;
    private static final int U_G = -19070;
    private static final int U_B = 28784;
    private static final int V_R = 28784;
    private static final int V_G = -24103;
    private static final int V_B = -4681;

    private static final int RGB_Y = 76309;
    private static final int R_V = 104597;
    private static final int G_U = -25675;
    private static final int G_V = -53279;
    private static final int B_U = 132201;

    private PixelConversion() {}

    /**
     * The picture as RGB24, in a buffer of {@code pool}. A frame that is RGB24 already comes back itself with one more
     * owner; in both cases the caller releases the result and still owns {@code frame}.
     */
    public static VideoFrame toRgb24(VideoFrame frame, FramePool pool) {
        if (frame.format() == PixelFormat.RGB24) {
            return frame.retain();
        }
        VideoFrame rgb = pool.take(PixelFormat.RGB24, frame.width(), frame.height(), frame.ptsMicros());
        i420ToRgb24(frame.data(), frame.width(), frame.height(), rgb.data());
        return rgb;
    }

    /** The picture as I420; ownership as with {@link #toRgb24}. */
    public static VideoFrame toI420(VideoFrame frame, FramePool pool) {
        if (frame.format() == PixelFormat.I420) {
            return frame.retain();
        }
        VideoFrame i420 = pool.take(PixelFormat.I420, frame.width(), frame.height(), frame.ptsMicros());
        rgb24ToI420(frame.data(), frame.width(), frame.height(), i420.data());
        return i420;
    }

    /** Fills {@code rgb} from {@code i420}; both must hold a picture of {@code width} x {@code height}. */
    public static void i420ToRgb24(byte[] i420, int width, int height, byte[] rgb) {
        int chromaWidth = (width + 1) / 2;
        int uPlane = width * height;
        int vPlane = uPlane + chromaWidth * ((height + 1) / 2);
        int out = 0;
        for (int y = 0; y < height; y++) {
            int luma = y * width;
            int chroma = (y / 2) * chromaWidth;
            for (int x = 0; x < width; x += 2) {
                int u = (i420[uPlane + chroma] & 0xff) - 128;
                int v = (i420[vPlane + chroma] & 0xff) - 128;
                chroma++;
                int r = R_V * v + HALF;
                int g = G_U * u + G_V * v + HALF;
                int b = B_U * u + HALF;
                int l = ((i420[luma + x] & 0xff) - 16) * RGB_Y;
                rgb[out] = clamp((l + r) >> 16);
                rgb[out + 1] = clamp((l + g) >> 16);
                rgb[out + 2] = clamp((l + b) >> 16);
                out += 3;
                if (x + 1 < width) {
                    l = ((i420[luma + x + 1] & 0xff) - 16) * RGB_Y;
                    rgb[out] = clamp((l + r) >> 16);
                    rgb[out + 1] = clamp((l + g) >> 16);
                    rgb[out + 2] = clamp((l + b) >> 16);
                    out += 3;
                }
            }
        }
    }

    /** Fills {@code i420} from {@code rgb}; both must hold a picture of {@code width} x {@code height}. */
    public static void rgb24ToI420(byte[] rgb, int width, int height, byte[] i420) {
        luma(rgb, width * height, i420);
        int chromaWidth = (width + 1) / 2;
        int u = width * height;
        int v = u + chromaWidth * ((height + 1) / 2);
        for (int y = 0; y < height; y += 2) {
            int top = 3 * y * width;
            // The last row and column of an odd picture stand in for their missing neighbours.
            int down = y + 1 < height ? 3 * width : 0;
            for (int x = 0; x < width; x += 2) {
                int p = top + 3 * x;
                int right = x + 1 < width ? 3 : 0;
                int r = sumOfFour(rgb, p, right, down);
                int g = sumOfFour(rgb, p + 1, right, down);
                int b = sumOfFour(rgb, p + 2, right, down);
                // Within 16..240 by construction: no clamp.
                i420[u++] = (byte) ((U_R * r + U_G * g + U_B * b + C_OFFSET_OF_FOUR) >> 18);
                i420[v++] = (byte) ((V_R * r + V_G * g + V_B * b + C_OFFSET_OF_FOUR) >> 18);
            }
        }
    }

    private static void luma(byte[] rgb, int pixels, byte[] i420) {
        for (int i = 0, p = 0; i < pixels; i++, p += 3) {
            int r = rgb[p] & 0xff;
            int g = rgb[p + 1] & 0xff;
            int b = rgb[p + 2] & 0xff;
            i420[i] = (byte) ((Y_R * r + Y_G * g + Y_B * b + Y_OFFSET) >> 16);
        }
    }

    private static int sumOfFour(byte[] rgb, int p, int right, int down) {
        return (rgb[p] & 0xff) + (rgb[p + right] & 0xff) + (rgb[p + down] & 0xff) + (rgb[p + right + down] & 0xff);
    }

    private static byte clamp(int value) {
        return (byte) Math.max(0, Math.min(255, value));
    }
}
