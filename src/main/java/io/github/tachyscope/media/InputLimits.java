package io.github.tachyscope.media;

import io.github.tachyscope.frame.VideoFrame;
import java.time.Duration;

/**
 * What a file from a client may be; checked before anything is decoded, and again while it is, since files lie.
 *
 * @param maxBytes of the file
 * @param maxWidth of a picture, before it is turned upright
 * @param maxHeight of a picture, before it is turned upright
 * @param maxFrames of a video
 * @param maxDuration of a video
 */
public record InputLimits(long maxBytes, int maxWidth, int maxHeight, long maxFrames, Duration maxDuration) {
    public InputLimits {
        if (maxBytes < 1 || maxFrames < 1 || maxDuration.isNegative() || maxDuration.isZero()) {
            throw new IllegalArgumentException("limits must be positive");
        }
        if (maxWidth < 1
                || maxHeight < 1
                || maxWidth > VideoFrame.MAX_DIMENSION
                || maxHeight > VideoFrame.MAX_DIMENSION) {
            throw new IllegalArgumentException("limit of size " + maxWidth + "x" + maxHeight + "; allowed are 1 to "
                    + VideoFrame.MAX_DIMENSION + " each way");
        }
    }

    void checkBytes(long bytes) {
        if (bytes > maxBytes) {
            throw MediaRefused.tooLarge("file of " + bytes + " bytes; allowed are " + maxBytes);
        }
        if (bytes == 0) {
            throw MediaRefused.damaged("the file is empty");
        }
    }

    void checkSize(int width, int height) {
        if (width < 1 || height < 1) {
            throw MediaRefused.damaged("the picture has no size");
        }
        if (width > maxWidth || height > maxHeight) {
            throw MediaRefused.tooLarge(
                    "picture of " + width + "x" + height + "; allowed are " + maxWidth + "x" + maxHeight);
        }
    }

    void checkFrames(long frames) {
        if (frames > maxFrames) {
            throw MediaRefused.tooLarge("video of more than the " + maxFrames + " frames that are allowed");
        }
    }

    void checkDuration(long micros) {
        if (micros > maxDuration.toMillis() * 1000) {
            throw MediaRefused.tooLarge(
                    "video longer than the " + maxDuration.toMillis() / 1e3 + " seconds that are allowed");
        }
    }
}
