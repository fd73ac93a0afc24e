package io.github.tachyscope.api.comfy.graph;

import io.github.tachyscope.frame.PictureSize;
import io.github.tachyscope.frame.VideoFrame;
import java.util.Optional;

/** A picture made larger or smaller. */
public sealed interface Scaling {
    /** The filter: {@code nearest-exact}, {@code bilinear}, {@code area}, {@code bicubic} or {@code lanczos}. */
    String method();

    /** The size that comes of another one; empty if it is larger than pictures may be. */
    Optional<PictureSize> apply(PictureSize size);

    /**
     * To a size; a side of 0 follows the other one, and with two of them nothing changes.
     *
     * @param crop whether the middle is cut out in the shape of the new size, instead of stretching the whole
     */
    record To(String method, int width, int height, boolean crop) implements Scaling {
        @Override
        public Optional<PictureSize> apply(PictureSize size) {
            if (width == 0 && height == 0) {
                return Optional.of(size);
            }
            return sized(
                    width == 0 ? (double) size.width() * height / size.height() : width,
                    height == 0 ? (double) size.height() * width / size.width() : height);
        }
    }

    /** By a factor. */
    record By(String method, double factor) implements Scaling {
        @Override
        public Optional<PictureSize> apply(PictureSize size) {
            return sized(size.width() * factor, size.height() * factor);
        }
    }

    private static Optional<PictureSize> sized(double width, double height) {
        long wide = Math.max(1, Math.round(width));
        long high = Math.max(1, Math.round(height));
        return wide > VideoFrame.MAX_DIMENSION || high > VideoFrame.MAX_DIMENSION
                ? Optional.empty()
                : Optional.of(new PictureSize((int) wide, (int) high));
    }
}
