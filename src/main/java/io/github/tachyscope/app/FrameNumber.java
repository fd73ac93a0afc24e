package io.github.tachyscope.app;

import io.github.tachyscope.frame.PixelFormat;
import io.github.tachyscope.frame.VideoFrame;
import java.util.OptionalInt;

/**
 * A number written into the picture so that it survives a lossy codec: two rows of black and white blocks at the top,
 * the second one the opposite of the first.
 *
 * <pre>
 *   +----+----+-- ... --+----+
 *   | 15 | 14 |         |  0 |   bits
 *   +----+----+-- ... --+----+
 *   | 15 | 14 |         |  0 |   the same, inverted
 *   +----+----+-- ... --+----+
 * </pre>
 */
final class FrameNumber {
    static final int VALUES = 1 << 16;

    private static final int BITS = 16;
    private static final byte BLACK = 16;
    private static final byte WHITE = (byte) 235;

    /** A row takes this share of the height. */
    private static final int ROW_SHARE = 10;

    /** Least difference between a block and its opposite; half of what was written. */
    private static final int CONTRAST = 110;

    private FrameNumber() {}

    /** Writes into the luma plane of an I420 picture. */
    static void write(byte[] luma, int width, int height, int number) {
        int row = height / ROW_SHARE;
        for (int y = 0; y < 2 * row; y++) {
            for (int x = 0; x < width; x++) {
                int bit = BITS - 1 - x * BITS / width;
                boolean white = (number >> bit & 1) == 1 ^ y >= row;
                luma[y * width + x] = white ? WHITE : BLACK;
            }
        }
    }

    /** The number, unless the picture has none. */
    static OptionalInt read(VideoFrame picture) {
        if (picture.format() != PixelFormat.I420) {
            return OptionalInt.empty();
        }
        int row = picture.height() / ROW_SHARE;
        int number = 0;
        for (int bit = BITS - 1; bit >= 0; bit--) {
            int x = (2 * (BITS - 1 - bit) + 1) * picture.width() / (2 * BITS);
            int difference = brightness(picture, x, row / 2) - brightness(picture, x, row + row / 2);
            if (Math.abs(difference) < CONTRAST) {
                return OptionalInt.empty();
            }
            number |= (difference > 0 ? 1 : 0) << bit;
        }
        return OptionalInt.of(number);
    }

    /** Mean of the nine pixels around. */
    private static int brightness(VideoFrame picture, int x, int y) {
        int sum = 0;
        for (int dy = -1; dy <= 1; dy++) {
            for (int dx = -1; dx <= 1; dx++) {
                sum += picture.data()[(y + dy) * picture.width() + x + dx] & 0xFF;
            }
        }
        return sum / 9;
    }
}
