package io.github.tachyscope.frame;

/**
 * Width and height of a picture, in pixels.
 *
 * @param width 1 to {@link VideoFrame#MAX_DIMENSION}
 * @param height 1 to {@link VideoFrame#MAX_DIMENSION}
 */
public record PictureSize(int width, int height) {
    public PictureSize {
        if (width < 1 || height < 1 || width > VideoFrame.MAX_DIMENSION || height > VideoFrame.MAX_DIMENSION) {
            throw new IllegalArgumentException("picture of " + width + "x" + height + "; allowed are 1 to "
                    + VideoFrame.MAX_DIMENSION + " each way");
        }
    }

    @Override
    public String toString() {
        return width + "x" + height;
    }
}
