package io.github.tachyscope.frame;

/** Width and height of a picture in pixels. */
public record PictureSize(int width, int height) {
    public PictureSize {
        if (width < 1 || height < 1 || width > VideoFrame.MAX_DIMENSION || height > VideoFrame.MAX_DIMENSION) {
            throw new IllegalArgumentException("pictures of " + width + "x" + height + "; allowed are 1 to "
                    + VideoFrame.MAX_DIMENSION + " each way");
        }
    }

    /** The size of a picture. */
    public static PictureSize of(VideoFrame frame) {
        return new PictureSize(frame.width(), frame.height());
    }

    public int pixels() {
        return width * height;
    }

    /** As people write it: {@code 640x384}. */
    @Override
    public String toString() {
        return width + "x" + height;
    }
}
