package io.github.tachyscope.frame;

/** How the bytes of a {@link VideoFrame} are laid out. Rows have no padding. */
public enum PixelFormat {
    /**
     * Planar 4:2:0, 8 bit, BT.601 limited range: a plane of Y (width x height), then U, then V (each half of the width
     * and half of the height, rounded up). What decoders make and encoders take.
     */
    I420 {
        @Override
        public int bytes(int width, int height) {
            int chroma = ((width + 1) / 2) * ((height + 1) / 2);
            return width * height + 2 * chroma;
        }
    },
    /** Interleaved red, green, blue, 8 bit, full range, rows top to bottom. What models work on. */
    RGB24 {
        @Override
        public int bytes(int width, int height) {
            return 3 * width * height;
        }
    };

    /** Size in bytes of a picture of {@code width} x {@code height} pixels. */
    public abstract int bytes(int width, int height);
}
